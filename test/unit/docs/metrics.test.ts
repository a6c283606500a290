/** The dashboard and the alert rules name measures that exist: those that a process registers. */
import { readFile } from 'node:fs/promises';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMeters } from '../../../appservice/http/health.ts';
import { hooks } from '../../../appservice/http/hooks.ts';
import { openLog } from '../../../appservice/log.ts';
import { openStore, type Store } from '../../../appservice/store/open.ts';
import { verifyWebhook } from '../../../bots/webhook.ts';

const FILES = ['docs/grafana/ecritoire.json', 'docs/prometheus/ecritoire.rules.yml'] as const;

let store: Store;
let names: Set<string>;

beforeAll(() => {
  // Nothing is asked of the store: only the names of the measures are.
  ({ store } = openStore('postgresql://nobody@127.0.0.1:1/none'));
  const registry = new Registry();
  openMeters(registry, store);
  const unused = () => Promise.reject(new Error('nothing is posted here'));
  const common = { connections: [], ready: () => false, log: openLog('error') };
  hooks({ ...common, verify: verifyWebhook, accept: unused, reject: unused, register: registry });
  const metrics = registry.getMetricsAsArray();
  names = new Set(metrics.map(({ name }) => name));
});

afterAll(() => store.destroy());

async function namedIn(file: string): Promise<string[]> {
  const found = (await readFile(file, 'utf8')).match(/\becritoire_[a-z_]+/g) ?? [];
  return [...new Set(found.map((name) => name.replace(/_(bucket|sum|count)$/, '')))];
}

describe.each(FILES)('%s', (file) => {
  it('names measures, all of which exist', async () => {
    const named = await namedIn(file);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });
});

it('no measure of outbox, inbox and relay is left out of the dashboard', async () => {
  const shown = await namedIn('docs/grafana/ecritoire.json');
  expect([...names].filter((name) => /^ecritoire_(outbox|inbox|relay)_/.test(name) && !shown.includes(name))).toEqual([]);
});

it('delivery and repetitions are shown by connection', async () => {
  const dashboard = await readFile('docs/grafana/ecritoire.json', 'utf8');
  for (const name of ['ecritoire_relay_delivery_seconds_bucket', 'ecritoire_relay_retries_total'])
    expect(dashboard).toMatch(new RegExp(`sum by \\(connection[^)]*\\) \\(rate\\(${name}`));
});
