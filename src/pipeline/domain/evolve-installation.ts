import type { InstallationEvent } from './event.ts';
import type { Freeze, Installation } from './installation.ts';
import type { At } from './time.ts';

/** Folds one event into what is decided for the whole installation. */
export function evolveInstallation(
  installation: Installation,
  event: InstallationEvent,
  at: At,
): Installation {
  switch (event.type) {
    case 'InstallationClaimed':
      return { ...installation, owner: { by: event.by, at } };
    case 'FreezeOrdered':
      return { ...installation, freezes: [...stillOn(installation, at), event.freeze] };
    case 'FreezeLifted':
      return {
        ...installation,
        freezes: stillOn(installation, at).filter(({ scope }) => scope !== event.service),
      };
    case 'ImageRevoked':
      return { ...installation, revoked: [...installation.revoked, event.revocation] };
    case 'FilesTaken': {
      const { digest, restart } = event;
      return { ...installation, files: { digest, restart, at } };
    }
    case 'FilesRefused': {
      const { digest, count, problems } = event;
      const inForce = installation.files ?? { digest: '', restart: [], at };
      return { ...installation, files: { ...inForce, refused: { digest, count, problems, at } } };
    }
  }
}

/** What is long over is not carried along. */
const stillOn = ({ freezes }: Installation, at: At): Freeze[] => freezes.filter(({ until }) => until > at);
