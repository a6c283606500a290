/** What a bench found: figures by name, ours beside the floor's; `runs` counts the samples behind each figure. */
export type Found = {
  ours: Record<string, number>;
  floor: Record<string, number>;
  ratio: Record<string, number>;
  runs: number;
};

/** A bench runs alone on the machine and says on stderr how far it is. */
export type Bench = (say: (line: string) => void) => Promise<Found>;
