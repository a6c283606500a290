/** Types of run.mjs, which is plain JavaScript because it runs before Node 24 is installed. */
export declare class Sentence extends Error {}
export declare function run(
  command: string,
  args: string[],
  options?: { env?: NodeJS.ProcessEnv; cwd?: string; log?: string; onOutput?: (text: string) => void },
): Promise<{ code: number; output: string }>;
export declare function lastLine(output: string): string;
export declare function explain(
  output: string,
  context: { what: string; folder: string; registry: { name: string; setting: string }; log: string },
): Sentence;
