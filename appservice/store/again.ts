/** A step of a transaction that met another transaction is taken back and done again; the rest of its transaction stands. */
import { sql } from 'kysely';
import { storeTrouble } from './failure.ts';
import type { Store } from './open.ts';

const TRIES = 3; // the other one has ended by then: what it wrote is seen, what it locked is free
const UNIQUE_VIOLATION = '23505';

/** `step` uses `trx` alone and may run several times. Its locks are given back between, so that the other one can go on. */
export async function doAgain<Answer>(trx: Store, step: () => Promise<Answer>, triesLeft = TRIES): Promise<Answer> {
  await sql`savepoint again`.execute(trx);
  try {
    const answer = await step();
    await sql`release savepoint again`.execute(trx);
    return answer;
  } catch (error) {
    if (triesLeft <= 1 || !hasMet(error)) throw error;
    await sql`rollback to savepoint again`.execute(trx);
    return doAgain(trx, step, triesLeft - 1);
  }
}

/** Both wrote one new row, or each waited for the other. */
function hasMet(error: unknown): boolean {
  return storeTrouble(error) === 'passing' || (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION);
}
