/** Begins an action of a tool: green goes at once, amber asks first. */
import type { Action } from '#desk/item.ts';
import { isClosed } from '#desk/placement.ts';
import { isGoingOn } from '#lib/desk/acts.ts';
import type { Row } from '#lib/desk/rows.ts';
import type { Dialogs } from './dialogs.svelte.ts';
import type { Live } from './live.svelte.ts';

type Starting = { live: Live; dialogs: Dialogs; row: Row; action: Action; input?: Readonly<Record<string, unknown>> | undefined };

/** What can be asked of the tool now: nothing while something is going on, or when the item is closed. */
export function deedsOf({ known: { placement }, act }: Row): readonly Action[] {
  if (isClosed(placement) || (act !== undefined && isGoingOn(act))) return [];
  return placement.actions.filter(({ risk }) => risk !== 'red');
}

/** An action with fields asks for them, however harmless it is. */
export function startAct({ live, dialogs, row, action, input }: Starting): void {
  const needsNothing = Object.keys(action.input ?? {}).length === 0;
  if (action.risk === 'green' && needsNothing) live.acting.ask(row, action, { revision: row.known.placement.revision });
  else dialogs.ask({ row, action, input });
}
