/**
 * The time in which an amber act can be called back: opened once the tool was asked how the object stands, by a commit that
 * also says so in the room. A kill in between leaves either no window or a whole one.
 */
import { settingsIn } from '#desk/event.ts';
import { TOOL_WORDS } from '#desk/words.ts';
import { type ActRow, findTwin, holdObject } from '#store/acts.ts';
import { enqueue } from '#store/outbox.ts';
import { settingsOf } from '#store/settings.ts';
import { openWindow } from '#store/windows.ts';
import type { Telling } from './settle.ts';

/** `ms` is how long it is open; `none`: she has chosen to be asked twice instead. `gone`: it was called back already. */
export type Opened = { ms: number } | 'none' | 'gone' | 'busy' | 'done';

export async function openUndo(telling: Telling, act: ActRow): Promise<Opened> {
  const { store, labels } = telling;
  const { undoDelay } = settingsIn(await settingsOf(store, act.address));
  if (undoDelay === 'twice') return 'none';
  return store.transaction().execute(async (trx) => {
    await holdObject(trx, act);
    const twin = await findTwin(trx, act);
    if (twin !== null) return twin;
    const until = await openWindow(trx, act, undoDelay * 1000);
    if (until === undefined) return 'gone';
    if (act.place === 0) {
      const said = { label: act.label || act.action, tool: labels.get(act.connection) ?? act.connection, seconds: undoDelay };
      const row =
        act.source === 'action'
          ? telling.bareRow(act.address, act.request, 'waiting', until.getTime())
          : telling.sentenceRow(act.address, act.request, 'waiting', TOOL_WORDS.window(said), until.getTime());
      await enqueue(trx, [row]);
    }
    return { ms: undoDelay * 1000 };
  });
}

/** We were down when its window ended: nobody could have called it back, so it does not run (DESIGN §3 *Acting*). */
export function isSleptThrough({ state, undo_until }: Pick<ActRow, 'state' | 'undo_until'>, startedAtMs: number): boolean {
  return state === 'waiting' && undo_until !== null && undo_until.getTime() < startedAtMs;
}
