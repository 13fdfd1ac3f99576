/** What a release knows of the group that it goes with. */
export interface GoesWith {
  group: string;
  number: number;
  environments: string[];
  /** Nothing comes of the group's release any more: it goes nowhere by itself. */
  over?: true;
}
