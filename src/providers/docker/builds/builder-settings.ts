import type { EngineSettings, Limits, RegistrySettings } from '../settings.ts';

/** What a Docker engine is given to run builds. */
export interface BuilderSettings {
  engine: EngineSettings;
  /** The only one whose account is used, for builder images that lie there. */
  registry?: RegistrySettings | undefined;
  /** Names of images that services may ask for; `*` stands for any text. */
  images: string[];
  limits: Limits;
  /** A network of its own, made when it is not there; `none` gives builds no network. */
  network: string;
  only: boolean;
  now(): number;
}

/** Whether operators allow an image: one of the patterns fits all of its name. */
export const isAllowed = (image: string, patterns: string[]): boolean =>
  patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[^A-Za-z0-9]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(image);
  });
