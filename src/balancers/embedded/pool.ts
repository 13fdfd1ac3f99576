import { createRequire } from 'node:module';
import type { Pool as UndiciPool } from 'undici';

/**
 * undici's connection pool alone: importing the whole library costs this small process 7 MB more. The package
 * declares no `exports`, so the file is reachable; the cast names what that file exports.
 */
export const Pool = createRequire(import.meta.url)('undici/lib/dispatcher/pool.js') as typeof UndiciPool;
export type Pool = UndiciPool;
