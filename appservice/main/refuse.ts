/** Says one sentence to whoever started this, and ends. */

const CONFIG = 78; // EX_CONFIG of sysexits.h: starting again does not help

export function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(CONFIG);
}
