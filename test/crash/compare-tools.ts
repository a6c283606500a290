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
  // What moved since she set it aside is back.
  const perhaps = todo.filter((key) => triage.get(view.current(key)?.original.eventId ?? '')?.aside === true && view.hasMoved(key));
  const state = view.tools.get(connection) ?? {};
  const where = `indicator ${connection} of ${view.agent}`;
  const listed = { state, open: [...open, ...perhaps].map((key) => view.current(key)?.original.eventId) };
  if (perhaps.length > 0) {
    const { open: count = -1, aside = -1 } = numbersOf(state.counts);
    const isWithin = count >= open.length && count <= open.length + perhaps.length && count + aside === todo.length;
    if (!isWithin)
      findings.add('wrongState', `${where} ${JSON.stringify(state.counts)}`, `${where} counts ${count} as open, ${aside} as aside`);
    compareFirst(listed, { where, count, findings });
    return;
  }
  const expected = (key: string) => model.shown(key).get(view.agent);
  const numbers = {
    open: open.length,
    urgent: open.filter((key) => expected(key)?.severity === 'urgent').length,
    undated: open.filter((key) => expected(key)?.dueAt === undefined).length,
    aside: todo.length - open.length,
  };
  const said = JSON.stringify(numbersOf(state.counts));
  if (said !== JSON.stringify(numbers))
    findings.add('wrongState', `${where} ${said}`, `${where} says ${said}, not ${JSON.stringify(numbers)}`);
  compareFirst(listed, { where, count: open.length, findings });
}

type Listed = { state: Record<string, unknown>; open: readonly unknown[] };

function compareFirst({ state, open }: Listed, { where, count, findings }: { where: string; count: number; findings: Findings }): void {
  const first = Array.isArray(state.first) ? state.first.map((one: { event_id?: unknown }) => one.event_id) : [];
  if (first.length + Number(state.more) !== count || first.some((id) => typeof id !== 'string' || !open.includes(id)))
    findings.add('wrongState', `${where} first`, `${where} lists first what is not open`);
}

function numbersOf(counts: unknown): Record<string, number | undefined> {
  const { open, urgent, undated, aside } = { ...(typeof counts === 'object' ? counts : {}) } as Record<string, number | undefined>;
  return { open, urgent, undated, aside };
}
