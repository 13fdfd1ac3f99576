import { gzipSync } from 'node:zlib';

/** A file that cloud-init writes, of root. */
export interface SeedFile {
  path: string;
  mode: string;
  content: string;
}

/**
 * User data for cloud-init: files, then commands as words. JSON is YAML, so nothing has to be quoted; gzip is what
 * cloud-init takes as it is (cloudinit.readthedocs.io, "User data formats"), and keeps it below the clouds' limits.
 */
export const userData = (files: SeedFile[], commands: string[][]): Buffer =>
  gzipSync(
    `#cloud-config\n${JSON.stringify({
      write_files: files.map(({ path, mode, content }) => ({ path, permissions: mode, content })),
      runcmd: commands,
    })}\n`,
    { level: 9 },
  );
