/** What a person typed into a modal and how to type. */
export interface Typed {
  get(blockId: string, actionId: string): string | readonly string[] | null | undefined;
  set(blockId: string, actionId: string, value: string | readonly string[] | null): void;
}
