/** Whether the process lives, whether it is ready, and what it measures. No secret, room or person is in any of it. */
import { Router } from 'express';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { countWaiting } from '#store/inbox.ts';
import type { Store } from '#store/open.ts';
import { connectionOf, measureOutbox, type OutboxRow, type SendOutcome } from '#store/outbox.ts';

export type HealthOptions = {
  store: Store;
  registry: Registry;
  /** ms since the homeserver last reached us by its ping; undefined before the first. */
  pingAgeMs: () => number | undefined;
  /** False while starting and while stopping. */
  isServing: () => boolean;
};

const PING_MS = 45_000; // three pings missed
const ASK_MS = 2000; // a store that says nothing for so long is not ready; whoever asks us has a time-out too

export function health({ store, registry, pingAgeMs, isServing }: HealthOptions): Router {
  const router = Router();
  router.get('/livez', (_request, response) => void response.json({ alive: true }));
  router.get('/readyz', async (_request, response) => {
    const age = pingAgeMs();
    const homeserver = age !== undefined && age < PING_MS;
    const outbox = await Promise.race([measureOutbox(store).catch(() => undefined), late()]);
    const isReady = isServing() && homeserver && outbox !== undefined;
    response.status(isReady ? 200 : 503).json({
      ready: isReady,
      homeserver,
      store: outbox !== undefined,
      oldestMs: outbox?.oldestMs ?? null,
      waiting: outbox?.waiting ?? null,
    });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}

const late = (): Promise<undefined> => new Promise((resolve) => setTimeout(() => resolve(undefined), ASK_MS));

/** What the relay tells of each row that it tried. */
export type RelayMeter = (row: OutboxRow, outcome: SendOutcome['kind']) => void;

/** Registers the measures of outbox, inbox and relay; those of the store are asked for when they are read. */
export function openMeters(registry: Registry, store: Store): RelayMeter {
  const registers = [registry];
  const waiting = new Gauge({ name: 'ecritoire_outbox_waiting', help: 'Rows that wait for their room', registers });
  const oldest = new Gauge({ name: 'ecritoire_outbox_oldest_seconds', help: 'Age of the oldest row that is ready', registers });
  const dead = new Gauge({ name: 'ecritoire_outbox_dead', help: 'Rows that the homeserver refused for good', registers });
  new Gauge({
    name: 'ecritoire_inbox_waiting',
    help: 'Events that wait to be handled',
    registers,
    async collect() {
      this.set(await countWaiting(store).catch(() => Number.NaN));
      const outbox = await measureOutbox(store).catch(() => undefined);
      waiting.set(outbox?.waiting ?? Number.NaN);
      oldest.set((outbox?.oldestMs ?? Number.NaN) / 1000);
      dead.set(outbox?.dead ?? Number.NaN);
    },
  });
  const { tries, retries, waited } = openRelayMeters(registers);
  return (row, outcome) => {
    const connection = connectionOf(row) ?? 'desk';
    tries.inc({ kind: row.kind, outcome });
    if (outcome === 'later') retries.inc({ connection });
    if (outcome === 'sent' && row.kind === 'item') waited.observe({ connection }, Math.max(0, Date.now() - row.queued_at.getTime()) / 1000);
  };
}

function openRelayMeters(registers: Registry[]) {
  return {
    tries: new Counter({
      name: 'ecritoire_relay_sends_total',
      help: 'Sends by kind and outcome',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    retries: new Counter({
      name: 'ecritoire_relay_retries_total',
      help: 'Sends that are to be repeated',
      labelNames: ['connection'],
      registers,
    }),
    waited: new Histogram({
      name: 'ecritoire_relay_delivery_seconds',
      help: 'Items, from acceptance to the homeserver’s answer that they are in their room',
      labelNames: ['connection'],
      buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
      registers,
    }),
  };
}
