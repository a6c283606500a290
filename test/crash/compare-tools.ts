/** An indicator's numbers against what the placements and the requests of its desk say. */
import { foldTriage } from './compare-requests.ts';
import type { Findings } from './findings.ts';
import type { Model } from './model.ts';
import type { RoomView } from './room-view.ts';

export function compareTool(view: RoomView, connection: string, { model, findings }: { model: Model; findings: Findings }): void {
  const triage = foldTriage(view);
  const todo = [...view.said.keys()].filter(
    (key) => key.split(':')[1] === connection && model.shown(key).get(view.agent)?.state === 'todo',
  );
  const open = todo.filter((key) => {
    const marks = triage.get(view.current(key)?.original.eventId ?? '');
    return !marks?.aside && !marks?.snoozed;
  });
  const expected = (key: string) => model.shown(key).get(view.agent);
  const numbers = {
    open: open.length,
    urgent: open.filter((key) => expected(key)?.severity === 'urgent').length,
    undated: open.filter((key) => expected(key)?.dueAt === undefined).length,
    aside: todo.length - open.length,
  };
  const state = view.tools.get(connection) ?? {};
  const said = JSON.stringify(numbersOf(state.counts));
  const where = `indicator ${connection} of ${view.agent}`;
  if (said !== JSON.stringify(numbers))
    findings.add('wrongState', `${where} ${said}`, `${where} says ${said}, not ${JSON.stringify(numbers)}`);
  const ids = new Set(open.map((key) => view.current(key)?.original.eventId));
  const first = Array.isArray(state.first) ? state.first.map((one: { event_id?: unknown }) => one.event_id) : [];
  if (first.length + Number(state.more) !== open.length || first.some((id) => typeof id !== 'string' || !ids.has(id)))
    findings.add('wrongState', `${where} first`, `${where} lists first what is not open`);
}

function numbersOf(counts: unknown): Record<string, unknown> {
  const { open, urgent, undated, aside } = { ...(typeof counts === 'object' ? counts : {}) } as Record<string, unknown>;
  return { open, urgent, undated, aside };
}
