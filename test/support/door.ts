/** A tool's side of a bed: posts signed events at the door of its appservice, and reads what admins are told. */
import type { MatrixBed } from './matrix-bed.ts';
import { until } from './guarded.ts';
import { postEvents } from './hook.ts';
import type { RelayBed } from './relay-bed.ts';

/** `time` is part of what the event says: whoever posts it twice gives it. */
export type Post = { agent: string; id: string; title: string; connection?: string; severity?: string; time?: string };

/** Makes people of Ville-Claire known, as a directory would. */
export async function addPeople({ store }: MatrixBed, localparts: readonly string[]): Promise<void> {
  for (const localpart of localparts) {
    await store.insertInto('record.people').values({ localpart, name: localpart }).execute();
    await store.insertInto('record.memberships').values({ localpart, organisation: 'ville-claire', source: 'test' }).execute();
  }
}

/** Posts one event; the answer is the door's own. */
export function post(
  { config }: MatrixBed,
  { agent, id, title, connection = 'gta', severity = 'normal', time = new Date().toISOString() }: Post,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Response> {
  const secret = config.connections.find((one) => one.id === connection)?.secrets[0] ?? '';
  return postEvents(
    { url: `${config.appservice.url}/hooks/${connection}`, secret },
    {
      specversion: '1.0',
      id,
      source: 'urn:essai',
      type: 'fr.collectivite.essai.objet',
      time,
      data: { op: 'upsert', to: [{ mxid: `@${agent}:${config.serverName}` }], item: { key: id, title, severity } },
    },
    { ...(signal && { signal }) },
  );
}

const PATIENCE_MS = 10_000; // a tool waits no longer for an answer

/** Posts as HOOKS.md asks of a tool: the same event again, a little later, until it is taken. */
export async function postUntilTaken(bed: MatrixBed, event: Post): Promise<void> {
  const same = { time: new Date().toISOString(), ...event };
  const attempt = async (): Promise<true | undefined> =>
    (await post(bed, same, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined))?.status === 202 ? true : undefined;
  if ((await until(attempt, { everyMs: 200 })) === undefined) throw new Error(`${event.id} was not taken`);
}

/** What the platform's admins read, once a sentence holds `words`; all sentences that hold them. */
export async function told(hands: RelayBed, words: string): Promise<string[]> {
  const room = await hands.room('platform');
  const read = async (): Promise<string[] | undefined> => {
    const bodies = (await hands.timeline(room)).map(({ content }) => String(content.body));
    const found = bodies.filter((body) => body.includes(words));
    return found.length > 0 ? found : undefined;
  };
  return (await until(read, { everyMs: 200 })) ?? [];
}
