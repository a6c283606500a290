/** `npm start` as a person or a tool meets it: what it promises in run.json, what it survives, and that nothing outlives it. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, isAlive, processLink, until } from '../support/guarded.ts';
import { spawnStarter, startTrial, type Started } from '../support/started.ts';
import type { RunFile } from '../support/trial/run-file.ts';

const PARTS = ['homeserver', 'postgres', 'appservice', 'web', 'issuer', 'town'];

let folder: string;
let trial: Started;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-trial-'));
  trial = await startTrial({ folder, town: true });
});
afterAll(async () => {
  await trial.stop();
  await rm(folder, { recursive: true, force: true });
});

const pidOf = (run: RunFile, name: string): number => run.parts.find((part) => part.name === name)?.pid ?? 0;
const allGone = (pids: readonly number[], options?: { withinMs: number }): Promise<true | undefined> =>
  until(async () => ((await Promise.all(pids.map(isAlive))).some(Boolean) ? undefined : true), options);

/** What may not change from start to start. */
const kept = ({ web, appservice, homeserver, issuer, connections, people, registration, config }: RunFile) => ({
  web,
  appservice,
  homeserver,
  issuer,
  connections,
  people,
  registration,
  config,
});

describe('a running trial', () => {
  it('tells in run.json, to its owner only, each part by the pid of the process itself', async () => {
    expect((await stat(join(folder, 'run.json'))).mode & 0o777).toBe(0o600);
    expect(trial.run.parts.map(({ name }) => name).sort()).toEqual([...PARTS].sort());
    for (const { pid } of trial.run.parts) {
      expect(await isAlive(pid)).toBe(true);
      expect(await processLink(pid, 'exe')).not.toMatch(/setpriv|unshare|\/sh$|dash|bash/);
    }
  });

  it('has two connections by time and one by revision in one town, one with two secrets and one retired', async () => {
    const ours = trial.run.connections.filter(({ organisation }) => organisation === 'ville-claire');
    expect(ours.filter(({ order, retired }) => order === 'time' && retired !== true).length).toBeGreaterThanOrEqual(2);
    expect(ours.filter(({ order }) => order === 'revision')).toHaveLength(1);
    expect(ours.filter(({ retired }) => retired === true)).toHaveLength(1);
    const secrets = await Promise.all(ours.map(async ({ secretFile }) => (await readFile(secretFile, 'utf8')).trim().split('\n')));
    expect(secrets.filter((lines) => lines.length === 2)).toHaveLength(1);
    expect(secrets.flat().every((line) => line.startsWith('whsec_'))).toBe(true);
  });

  it('refuses a second start in the same folder, and says where the first is', async () => {
    const second = spawnStarter(folder);
    await ended(second.starter);
    expect(second.starter.exitCode).toBe(1);
    expect(second.said()).toContain('tourne déjà');
    expect(second.said()).toContain(trial.run.web);
  });

  it.each(PARTS)('starts %s again after a kill -9, and run.json says so', async (name) => {
    const killed = await trial.kill(name);
    await trial.waitFor(({ ready }) => !ready);
    const run = await trial.waitFor((now) => now.ready);
    expect(pidOf(run, name)).not.toBe(killed);
    expect(await isAlive(pidOf(run, name))).toBe(true);
    expect(trial.said()).toContain('arrêt inattendu (SIGKILL)');
  });
});

describe('a trial that is killed', () => {
  it('leaves no process behind, and the next start has the same addresses, ids and secrets', async () => {
    const before = await trial.read();
    trial.starter.kill('SIGKILL');
    await ended(trial.starter);
    expect(await allGone(before.parts.map(({ pid }) => pid))).toBe(true);
    expect((await trial.read()).ready).toBe(true);
    const next = startTrial({ folder, town: true });
    const disowned = await until(async () => ((await trial.read()).ready ? undefined : true));
    expect(disowned).toBe(true);
    trial = await next;
    expect(kept(trial.run)).toEqual(kept(before));
  });

  it('stops everything when one part dies three times within a minute, itself last', async () => {
    const pids = (await trial.read()).parts.map(({ pid }) => pid);
    for (const death of [1, 2, 3]) {
      const run = await trial.waitFor((now) => now.ready);
      pids.push(await trial.kill('issuer'), ...run.parts.map(({ pid }) => pid));
      if (death < 3) await trial.waitFor(({ ready }) => !ready);
    }
    expect(await allGone(pids)).toBe(true);
    await ended(trial.starter);
    expect(trial.starter.exitCode).toBe(1);
    expect(trial.said()).toMatch(/trois arrêts en une minute/);
    expect(trial.said()).toContain(join(folder, 'log/issuer.log'));
  });

  it('names the port that another program has taken since', async () => {
    const { port } = new URL(trial.run.homeserver);
    const other = createServer().listen(Number(port), '127.0.0.1');
    const refused = spawnStarter(folder);
    await ended(refused.starter);
    other.close();
    expect(refused.starter.exitCode).toBe(1);
    expect(refused.said()).toContain(`Le port ${port} (serveur Matrix) est pris`);
  });

  it('stops at SIGTERM, removes run.json and leaves nothing', async () => {
    trial = await startTrial({ folder });
    const pids = trial.run.parts.map(({ pid }) => pid);
    expect(await trial.stop()).toBe(0);
    expect(await allGone(pids, { withinMs: 0 })).toBe(true);
    await expect(trial.read()).rejects.toThrow('ENOENT');
  });
});
