/** One running copy of one image: a process, a container, a virtual machine. */
export interface Instance {
  provider: string;
  /** The provider's own name for it. */
  id: string;
  /** Where it answers, for example `http://127.0.0.1:41237`. */
  address: string;
  /** The effect and generation that made it: how it is found again when its id was never learned. */
  effect: string;
  generation: number;
}
