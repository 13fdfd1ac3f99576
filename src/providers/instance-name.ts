import { createHash } from 'node:crypto';
import type { Mark } from '../pipeline/domain/task.ts';

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 30);

/** Names what a mark's effect and generation make: 32 hex digits, the same in every copy of the call. */
export const markKey = ({ owner, effect, generation }: Mark): string =>
  createHash('sha256').update(`${owner}\n${effect}\n${generation}`).digest('hex').slice(0, 32);

/** The one name for what an effect's generation makes: readable, and the same in every copy of the launch. */
export const instanceName = (mark: Mark): string =>
  `instance-${plain(mark.service)}-v${mark.version}-${plain(mark.environment)}-${markKey(mark).slice(0, 16)}`;
