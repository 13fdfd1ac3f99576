/**
 * The paths of a tar's files, links and folders: whether everybody who unpacks it in an empty folder puts the same ones
 * there. Each comes once, none is outside the folder or behind a link, and none has a name that an engine's layers give a
 * meaning to.
 */
export class PlainPaths {
  readonly #folders = new Set<string>();
  /** Files and links. */
  readonly #leaves = new Set<string>();
  #odd = false;

  add(path: string, kind: 'File' | 'SymbolicLink' | 'Directory'): void {
    const parts = path.replace(/^\.\//, '').replace(/\/$/, '').split('/');
    // The folder itself.
    if (kind === 'Directory' && parts.length === 1 && (parts[0] === '.' || parts[0] === '')) return;
    if (parts.some(isOdd)) {
      this.#odd = true;
      return;
    }
    const whole = parts.join('/');
    if (kind === 'Directory') this.#folders.add(whole);
    else if (this.#leaves.has(whole)) this.#odd = true;
    else this.#leaves.add(whole);
    for (let depth = 1; depth < parts.length; depth++) this.#folders.add(parts.slice(0, depth).join('/'));
  }

  arePlain(): boolean {
    return !this.#odd && ![...this.#leaves].some((leaf) => this.#folders.has(leaf));
  }
}

/** `.wh.` begins what takes away a file of a lower layer (OCI image specification, "Whiteouts"). */
const isOdd = (part: string): boolean =>
  part === '' || part === '.' || part === '..' || part.startsWith('.wh.');
