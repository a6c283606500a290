import { DeskError } from '#desk/errors.ts';
import { COMMANDS } from '#desk/words/commands.ts';
import { REBUILD } from '#desk/words/store.ts';
import { countAwaiting } from '#store/awaiting.ts';
import { countUnsaid, emptyWork } from '#store/empty.ts';
import type { Store } from '#store/open.ts';
import type { Operator, OperatorCommand } from '../command.ts';

const SAID_MS = 2000; // between two lines of progress
const AGAIN_MS = 500; // while others read the last rooms

export const rebuild: OperatorCommand = {
  name: 'rebuild',
  says: COMMANDS.rebuild,
  role: 'operator',
  options: [
    { name: 'empty', says: REBUILD.emptySays },
    { name: 'force', says: REBUILD.forceSays },
  ],
  run: async ({ readConfig, options, say, migrate, withStore, readRooms }) => {
    const from = Date.now();
    const config = await readConfig();
    await migrate(config);
    await withStore(config, async (store) => {
      if (options['empty'] === true) await empty(store, { isForced: options['force'] === true, say });
      const progress = paced(say);
      let isFailing = false;
      while (!(await readRooms(config, store, progress).catch((error: unknown) => tell(error, { isFailing, say })))) {
        isFailing = true;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
      const { read } = await countAwaiting(store);
      say(REBUILD.done({ rooms: read, ms: Date.now() - from }));
    });
  },
};

async function empty(store: Store, { isForced, say }: { isForced: boolean; say: Operator['say'] }): Promise<void> {
  const { unsent, unhandled } = await countUnsaid(store);
  if (unsent + unhandled > 0 && !isForced) throw new DeskError('invalid', REBUILD.unsaid({ unsent, unhandled }));
  if (!(await emptyWork(store))) throw new DeskError('unavailable', REBUILD.busy);
  say(REBUILD.emptied);
}

function paced(say: Operator['say']): (progress: { read: number; awaiting: number }) => void {
  let saidAt = Date.now();
  return (progress) => {
    if (Date.now() - saidAt < SAID_MS) return;
    saidAt = Date.now();
    say(REBUILD.progress(progress));
  };
}

/** A homeserver that does not answer is waited for; it is said once. */
function tell(error: unknown, { isFailing, say }: { isFailing: boolean; say: Operator['say'] }): false {
  if (!(error instanceof DeskError) || !error.fate.again) throw error;
  if (!isFailing) say(REBUILD.waiting);
  return false;
}
