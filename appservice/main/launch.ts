/**
 * What Node is started with for the appservice, here and in docs/systemd. It allocates much and holds little: its heap is kept
 * near what is live instead of near what the machine has (at most 238 MB instead of 497 in a burst; main/tidy.ts gives back what is left).
 * No limit: a large batch gets what it needs.
 */
export const NODE_ARGS: readonly string[] = ['--max-semi-space-size=16', '--heap-growing-percent=10'];

/** Few arenas, given back early. A folder for compiled code saves compiling it, and what the compiler holds, at each start. */
export const nodeEnvironment = ({ cache }: { cache: string }): Record<string, string> => ({
  MALLOC_ARENA_MAX: '2',
  MALLOC_TRIM_THRESHOLD_: '131072',
  NODE_COMPILE_CACHE: cache,
});
