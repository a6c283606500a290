/**
 * A station of her own: the desk as it was seen last stays on it, and what she decided without a network outlives the page.
 * Fetched only where she said so in her settings; whoever else signs in there has all of it wiped first.
 */
import { tick } from 'svelte';
import { readRequest } from '#desk/event.ts';
import type { Snapshot } from '#lib/desk/snapshot.ts';
import type { Redacting, Sending } from '#lib/matrix/send.ts';
import { keepWhatGoes, StationStore, wipe } from '#lib/matrix/station-store.ts';
import { device } from '#lib/messages/device.ts';
import { type Live, OWNER } from './live.svelte.ts';

const KEEP_EVERY_MS = 30_000;
const WORKER = '/poste.js';
const KEPT = 'poste-1'; // as the worker calls it

/** What browsers with Trusted Types want; others have no such thing. */
type Policy = { createScriptURL: (url: string) => string };
type Policies = { createPolicy: (name: string, rules: Policy) => Policy };
let policy: Policy | undefined; // a name can be taken once a page

/** Keeps from now on, until the answer is called. `show`: draws a desk that was kept and is newer than the one drawn. */
export async function keep(live: Live, show: (snapshot: Snapshot) => void): Promise<() => void> {
  const store = await StationStore.open();
  const owner = `${live.desk.agent} ${live.drawn.device}`;
  const kept = await store.desk();
  const isNewer = kept?.owner === owner && kept.snapshot.now > live.drawn.now;
  if (kept && isNewer && live.standing !== 'live') show(kept.snapshot);
  await tick(); // what waits belongs to the desk that is drawn now
  const left: (Sending | Redacting)[] = [];
  const already = new Set<string>();
  for (const one of await store.sendings()) {
    if (one.owner === owner) {
      already.add(one.sending.txn);
      void resume(live, one.sending, store);
    } else {
      if (one.owner.startsWith(`${live.desk.agent} `)) left.push(one.sending);
      await store.remove(one.sending.txn);
    }
  }
  if (left.length > 0)
    live.acting.warn(
      device.left(
        left.flatMap((sending) => titlesOf(sending, live)),
        left.length,
      ),
    );
  keepWhatGoes(live.outgoing, { add: (sending) => store.add({ owner, sending }), remove: (txn) => store.remove(txn) }, already);
  const save = () => void store.keepDesk({ owner, snapshot: snapshotOf(live) }).catch(() => undefined); // the next one may fit
  const onHidden = () => document.visibilityState === 'hidden' && save();
  const timer = setInterval(save, KEEP_EVERY_MS);
  document.addEventListener('visibilitychange', onHidden);
  window.addEventListener('offline', save); // what came since is to be there without a network
  save();
  await register().catch(() => undefined); // a browser without workers keeps what she decides all the same
  return () => {
    live.outgoing.keeping = undefined;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onHidden);
    window.removeEventListener('offline', save);
    store.close();
  };
}

/** Nothing of anyone stays on this device. */
export async function forget(): Promise<void> {
  localStorage.removeItem(OWNER);
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  for (const name of await caches.keys()) await caches.delete(name);
  await wipe();
}

async function register(): Promise<void> {
  const policies = Reflect.get(globalThis, 'trustedTypes') as Policies | undefined;
  policy ??= policies?.createPolicy('ecritoire-poste', { createScriptURL: () => WORKER });
  await navigator.serviceWorker.register(policy?.createScriptURL(WORKER) ?? WORKER);
  await keepPage().catch(() => undefined); // without a network it is there already
}

/** What is open now came without the worker: the page and what it loaded are put where it looks for them. */
async function keepPage(): Promise<void> {
  const cache = await caches.open(KEPT);
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
  for (const url of new Set(loaded.filter((name) => new URL(name).pathname.startsWith('/_app/immutable/')))) {
    if (!(await cache.match(url))) await cache.add(url);
  }
  const page = await fetch('/', { headers: { accept: 'text/html' } });
  if (page.ok && !page.redirected) await cache.put('/', page);
}

/** The desk as it is known now, without what is on its way: that is kept by itself. */
function snapshotOf({ desk, drawn, checkedAt }: Live): Snapshot {
  const rooms = desk.rooms.map((room) => {
    const snapshot = room.snapshot();
    return {
      ...snapshot,
      requests: snapshot.requests.filter(({ eventId }) => !eventId.startsWith('~')),
      lines: snapshot.lines.filter(({ fate }) => fate === undefined),
    };
  });
  return structuredClone({ ...drawn, now: checkedAt, rooms });
}

/**
 * What an earlier session has left is not sent again: its transaction ids hold there only, so it might be done twice. She is
 * told what it was about.
 */
function titlesOf(sending: Sending | Redacting, live: Live): string[] {
  const request = 'type' in sending ? readRequest(eventOf(sending, live, `~${sending.txn}`)) : undefined;
  return (request?.items ?? []).flatMap((item) => live.desk.find(item)?.known.placement.title ?? []);
}

/** Sends again what an earlier visit could not, under its own transaction id, and shows it as decided. */
async function resume(live: Live, sending: Sending | Redacting, store: StationStore): Promise<void> {
  const { desk } = live;
  const room = desk.room(sending.room);
  const local = `~${sending.txn}`;
  const request = 'type' in sending ? readRequest(eventOf(sending, live, local)) : undefined;
  if (room && request) desk.addRequest(room, request);
  if (room && 'redacts' in sending) desk.change(() => room.takeBack(sending.redacts));
  try {
    const eventId = await live.outgoing.send(sending);
    if (request) desk.change(() => room?.renameRequest(local, eventId));
  } catch {
    if (request) desk.change(() => room?.dropRequest(local));
  }
  await store.remove(sending.txn);
}

function eventOf({ type, content, room }: Sending, live: Live, event_id: string) {
  const fields = typeof content === 'object' && content !== null ? { ...content } : {};
  return { event_id, type, sender: live.desk.agent, origin_server_ts: Date.now(), room_id: room, content: fields };
}
