/** What came of an act is written down, shown on its card, and told once all of its request is over: one commit. */
import { localpartOf } from '#desk/access.ts';
import type { LastAction } from '#desk/placement.ts';
import type { Outcome } from '#desk/request.ts';
import { TOOL_WORDS } from '#desk/words.ts';
import { type ActRow, type Ended, keepLastAction, keepOutcome, markActSent, settleAct } from '#store/acts.ts';
import { writeAudit } from '#store/audit.ts';
import type { Store } from '#store/open.ts';
import { enqueue, type NewRow } from '#store/outbox.ts';
import { findPerson } from '#store/people.ts';
import { findPlacement } from '#store/placements.ts';
import { behalfOf } from './behalf.ts';

export type Telling = {
  store: Store;
  serverName: string;
  clock: () => number;
  /** By connection. */
  labels: ReadonlyMap<string, string>;
  sentenceRow: (address: string, request: string, outcome: Outcome, text: string, until?: number) => NewRow;
  bareRow: (address: string, request: string, outcome: Outcome, until?: number) => NewRow;
};

/** Of several items the worst counts. */
const WORST: readonly ActRow['state'][] = ['unknown', 'failed', 'refused', 'accepted', 'confirmed'];

/** `last`: what was brought onto the cards with the tool's answer already. */
export async function settle(telling: Telling, act: ActRow, { last, ...ended }: Ended & { last?: LastAction | undefined }): Promise<void> {
  const { store } = telling;
  await store.transaction().execute(async (trx) => {
    const acts = await settleAct(trx, act, ended);
    if (acts === undefined) return;
    const edits = await keepLastAction(trx, act, last ?? (await lastAction(telling, trx, { act, outcome: outcomeOf(ended.state) })));
    await writeAudit(trx, auditOf(telling, act, `act.${ended.state}`));
    await enqueue(trx, [...(await closeRequest(telling, trx, { act, acts })), ...edits]);
  });
}

/** For the cards, to be brought there with what the tool answered: one edit says both, and whoever waits sees it one send sooner. */
export function confirmedAction(telling: Telling, act: ActRow): Promise<LastAction> {
  return lastAction(telling, telling.store, { act, outcome: 'confirmed' });
}

/** What is said of a request once the last of its acts has ended. */
async function closeRequest(telling: Telling, trx: Store, { act, acts }: { act: ActRow; acts: readonly ActRow[] }): Promise<NewRow[]> {
  if (acts.some(({ state }) => state === 'waiting' || state === 'sent')) return [];
  const state = WORST.find((one) => acts.some((row) => row.state === one)) ?? 'unknown';
  const outcome = outcomeOf(state);
  await keepOutcome(trx, act.request, outcome);
  return [outcomeRow(telling, acts, outcome)];
}

/** Before the call: *sent* is in the store and on its way to the room. Otherwise there is nothing to send any more, or not yet. */
export async function tellSent(telling: Telling, act: ActRow): Promise<'sent' | 'gone' | 'wait'> {
  return telling.store.transaction().execute(async (trx) => {
    const marked = await markActSent(trx, act);
    if (marked === 'sent' && act.sent_at === null && act.place === 0) {
      await keepOutcome(trx, act.request, 'sent');
      await enqueue(trx, [telling.bareRow(act.address, act.request, 'sent')]);
    }
    return marked;
  });
}

function outcomeRow({ labels, sentenceRow, bareRow }: Telling, acts: readonly ActRow[], outcome: Outcome): NewRow {
  const [first] = acts;
  if (first === undefined) throw new RangeError('a request without acts');
  const { address, request, source } = first;
  const tool = labels.get(first.connection) ?? first.connection;
  const texts = [...new Set(acts.flatMap(({ text }) => (text === null ? [] : [text])))];
  if (outcome === 'confirmed' || outcome === 'sent') {
    if (source === 'action') return bareRow(address, request, outcome);
    const say = outcome === 'confirmed' ? TOOL_WORDS.confirmed : TOOL_WORDS.accepted;
    return sentenceRow(address, request, outcome, say({ label: first.label || first.action, tool }));
  }
  const text = partlyText(labels, acts) ?? (texts.slice(0, 3).join(' ') || TOOL_WORDS.unknown(tool));
  return sentenceRow(address, request, outcome, text);
}

/** Of several items it was done for some: what was not done for the others is no word about all of them. */
function partlyText(labels: Telling['labels'], acts: readonly ActRow[]): string | undefined {
  const done = acts.filter(({ state }) => state === 'confirmed' || state === 'accepted');
  const [first] = done;
  if (first === undefined) return undefined;
  const toolOf = ({ connection }: ActRow): string => labels.get(connection) ?? connection;
  const tools = [...new Set(done.map(toolOf))];
  return TOOL_WORDS.partly({
    label: first.label || first.action,
    tool: tools.length === 1 ? (tools[0] ?? '') : 'les outils',
    done: done.length,
    of: acts.length,
    isLater: done.some(({ state }) => state === 'accepted'),
    texts: acts.flatMap((act) => (act.text === null ? [] : [{ text: act.text, tool: toolOf(act) }])),
  });
}

/** The tool's « later » is still *sent* for whoever waits. */
function outcomeOf(state: ActRow['state']): Outcome {
  return state === 'accepted' ? 'sent' : state;
}

async function lastAction(
  { serverName, clock }: Telling,
  db: Store,
  { act, outcome }: { act: ActRow; outcome: Outcome },
): Promise<LastAction> {
  const { request, action, label, source: through } = act;
  const [person, onBehalfOf] = await Promise.all([findPerson(db, act.agent), standsInFor(db, act, serverName)]);
  return {
    by: `@${act.agent}:${serverName}`,
    ...(person !== undefined && { byName: person.name }),
    ...(onBehalfOf !== undefined && { onBehalfOf: `@${onBehalfOf}:${serverName}` }),
    at: new Date(clock()).toISOString(),
    action,
    outcome,
    through,
    request,
    ...(label !== '' && { label }),
  };
}

async function standsInFor(db: Store, act: ActRow, serverName: string): Promise<string | undefined> {
  const placement = await findPlacement(db, act.address, act.key);
  return placement && behalfOf(db, act, { people: placement.content.people, serverName });
}

function auditOf({ serverName }: Telling, act: ActRow, what: string) {
  const who = `@${act.agent}:${serverName}`;
  const details = { action: act.action, key: act.key, connection: act.connection, agent: localpartOf(who) };
  return { organisation: act.address.split(':')[1], who, what, subject: act.request, details };
}
