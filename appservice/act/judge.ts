/** What can be said of an act before anything is asked of the tool. Pure. */
import { actorOf, localpartOf } from '#desk/access.ts';
import { checkInput } from '#desk/input.ts';
import type { Action } from '#desk/item.ts';
import { isClosed, type Placement } from '#desk/placement.ts';
import { TOOL_WORDS } from '#desk/words.ts';

const STALE_MS = 900_000; // amber: what she saw is too long ago

export type Judged = { action: Action; input: Record<string, string | number | boolean> } | { refusal: string };

export function judgeAct(
  placement: Placement,
  {
    action: id,
    input,
    askedAt,
    revision,
  }: { action: string; input: Readonly<Record<string, unknown>>; askedAt: number; revision: number | null },
  { now, tool, agent }: { now: number; tool: string; agent: string },
): Judged {
  const action = placement.actions.find((one) => one.id === id);
  if (isClosed(placement)) return { refusal: overWords(placement, { tool, agent, action: id }) };
  if (action === undefined || (action.risk === 'amber' && revision !== null && placement.revision > revision))
    return { refusal: TOOL_WORDS.moved(tool) };
  if (action.risk === 'red') return { refusal: TOOL_WORDS.link(tool) };
  if (action.risk === 'amber' && now - askedAt > STALE_MS) return { refusal: TOOL_WORDS.stale(tool) };
  const checked = checkInput(action.input, input);
  return 'field' in checked ? { refusal: TOOL_WORDS.input({ field: checked.field, tool }) } : { action, input: checked.input };
}

/** By whom, when a colleague was quicker. */
function overWords({ lastAction }: Placement, { tool, agent, action }: { tool: string; agent: string; action: string }): string {
  if (lastAction?.outcome !== 'confirmed' || localpartOf(lastAction.by) === agent) return TOOL_WORDS.closed(tool);
  const other = lastAction.action === action ? undefined : (lastAction.label ?? lastAction.action);
  return TOOL_WORDS.doneBy({ by: actorOf(lastAction), tool, other });
}
