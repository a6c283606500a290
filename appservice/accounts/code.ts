/** The rules of a code that proves an address. Pure but for the chance that is given. */

export const CODE_LIFE_MS = 900_000;
export const MOST_TRIES = 5; // of 100 million codes
/** Made within an hour: by one agent, and for one address whoever asks, so that no stranger is flooded. */
export const MOST_CODES = { agent: 5, address: 3 };

const DIGITS = 8;

/** `chance(n)`: an unguessable whole number below n. */
export function makeCode(chance: (below: number) => number): string {
  return String(chance(10 ** DIGITS)).padStart(DIGITS, '0');
}

/** What was typed or pasted, with whatever spaces; undefined when it is no code, which is no try. */
export function readCode(typed: string): string | undefined {
  const code = typed.replace(/[\s.-]/g, '');
  return new RegExp(`^\\d{${DIGITS}}$`).test(code) ? code : undefined;
}

export type CodeState = { state: 'sent' | 'spent' | 'expired'; left: number };

export function stateOfCode({ tries, isOver }: { tries: number; isOver: boolean }): CodeState {
  const left = Math.max(0, MOST_TRIES - tries);
  if (left === 0) return { state: 'spent', left };
  return { state: isOver ? 'expired' : 'sent', left };
}

/** Why no further code is made now. */
export function isTooMany({ agent, address }: { agent: number; address: number }): boolean {
  return agent >= MOST_CODES.agent || address >= MOST_CODES.address;
}
