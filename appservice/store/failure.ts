/** Tells a store that fails, now and for everybody, from a row that cannot be written or read. */
import { StuckStore } from './sockets.ts';

/**
 * How a store fails: it cannot be reached or is going down (`gone`), takes what it is asked and says nothing (`stuck`), takes no more connections (`crowded`), has no room on
 * its disk (`full`), takes no writes (`read_only`); `passing` concerns one transaction, rolled back for another.
 */
export type StoreTrouble = 'gone' | 'stuck' | 'crowded' | 'full' | 'read_only' | 'passing';

/** SQLSTATE codes, and classes by their first two characters. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TROUBLES: Readonly<Record<string, StoreTrouble>> = {
  '08': 'gone', // connection lost
  '25006': 'read_only',
  '40': 'passing', // deadlock, serialisation
  '53': 'full', // out of resources: disk
  '53200': 'crowded', // memory
  '53300': 'crowded', // connections
  '57': 'gone', // shut down, starting up, cancelled
  '58': 'gone', // system error
};

export function storeTrouble(error: unknown): StoreTrouble | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof StuckStore) return 'stuck';
  const code = 'code' in error ? String(error.code) : '';
  if (/^[0-9A-Z]{5}$/.test(code) && 'severity' in error) return full(error, code) ?? TROUBLES[code] ?? TROUBLES[code.slice(0, 2)];
  // The driver's own: a socket's error code, or a broken connection that has only words.
  const isBroken =
    /^E[A-Z]+$/.test(code) ||
    /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i.test(error.message);
  return isBroken ? 'gone' : undefined;
}

/** A full disk under the log of transactions has no code of its own: it comes as a system error, or as a PANIC before the end. */
function full(error: Error, code: string): StoreTrouble | undefined {
  return code.startsWith('58') && /no space left/i.test(error.message) ? 'full' : undefined;
}

/** Now and for everybody, so that it says nothing about the row at hand. */
export function isStoreFailure(error: unknown): boolean {
  return storeTrouble(error) !== undefined;
}

const AGAIN_MS = 1000;

/** Does something as soon as the store lets it: what fails for the store's sake is done again, until `isOver`. */
export async function whenStored(
  step: () => Promise<unknown>,
  { onFailure, isOver }: { onFailure: (error: unknown) => void; isOver: () => boolean },
): Promise<void> {
  await step().catch(async (error: unknown) => {
    if (isOver()) return;
    if (!isStoreFailure(error)) throw error;
    onFailure(error);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    await whenStored(step, { onFailure, isOver });
  });
}
