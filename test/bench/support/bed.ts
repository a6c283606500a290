/** A whole desk for a bench: PostgreSQL, Synapse, agents in the directory, and the appservice as a process of its own. */
import { readFile, writeFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import { loadConfig, type LoadedConfig } from '../../../config/load.ts';
import { type AppserviceProcess, startAppservice } from '../../support/appservice-process.ts';
import { type MatrixBed, startMatrixBed } from '../../support/matrix-bed.ts';
import { addAgents } from './agents.ts';
import { declareTool, hookPath, TOOL, toolEvent } from './tools.ts';
import { fire, type Fired, signedRequest } from './wire.ts';

export type BenchBed = MatrixBed & { port: number; secret: string };

const File = z.looseObject({ homeserver: z.looseObject({}), connections: z.array(z.looseObject({ id: z.string() })) });

/** `homeserver`: another address than that of Synapse, one that only counts for instance. */
export async function startBench(name: string, { agents, homeserver }: { agents: number; homeserver?: string }): Promise<BenchBed> {
  const bed = await startMatrixBed(name);
  const file = File.parse(JSON.parse(await readFile(bed.config.file, 'utf8')));
  file.homeserver.url = homeserver ?? bed.synapse().url; // the bed's proxy would be measured as well
  for (const connection of file.connections) declareTool(connection);
  await writeFile(bed.config.file, JSON.stringify(file), { mode: 0o600 });
  bed.config = await loadConfig(bed.config.file);
  await addAgents(bed.store, agents);
  return { ...bed, port: bed.config.appservice.listen.port, secret: secretOf(bed.config, TOOL) };
}

const secretOf = ({ connections }: LoadedConfig, connection: string): string =>
  connections.find(({ id }) => id === connection)?.secrets[0] ?? '';

export async function startReady(bed: BenchBed): Promise<AppserviceProcess> {
  const appservice = await startAppservice(bed);
  await appservice.ready();
  return appservice;
}

export type Said = { id: string; agent: number; item?: string; title?: string; at: number };

type Posting = { lanes?: number; connection?: string };

/** Signed requests of one event each, those of one agent always on the same of `lanes` connections, in their order. */
export function inLanes(bed: BenchBed, events: readonly Said[], { lanes = 64, connection = TOOL }: Posting = {}): Buffer[][] {
  const requests = Array.from({ length: lanes }, (): Buffer[] => []);
  const secret = secretOf(bed.config, connection);
  for (const said of events) {
    const request = signedRequest({ path: hookPath(connection), secret, id: `msg-${said.id}`, events: toolEvent(said) });
    requests[said.agent % lanes]?.push(request);
  }
  return requests;
}

export async function post(bed: BenchBed, events: readonly Said[], posting: Posting = {}): Promise<Fired> {
  return fire(bed.port, inLanes(bed, events, posting));
}

/** Rows that wait for a room; `isReadyOnly` leaves out those that hold themselves back. */
export async function countWaiting(bed: BenchBed, { isReadyOnly = false }: { isReadyOnly?: boolean } = {}): Promise<number> {
  const waiting = bed.store
    .selectFrom('work.outbox')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('sent_at', 'is', null)
    .where('dead_at', 'is', null);
  const asked = isReadyOnly ? waiting.where('not_before', '<=', sql<Date>`now()`) : waiting;
  return (await asked.executeTakeFirstOrThrow()).count;
}

const LOOK_MS = 50;
const TELL_MS = 20_000;

type Draining = { withinMs: number; say?: (line: string) => void; isReadyOnly?: boolean };

/** Waits until nothing is left to send. Throws when it takes too long. */
export async function drain(bed: BenchBed, { withinMs, say, isReadyOnly = false }: Draining): Promise<void> {
  const began = Date.now();
  for (let told = began; ;) {
    const waiting = await countWaiting(bed, { isReadyOnly });
    if (waiting === 0) return;
    if (Date.now() - began > withinMs) throw new Error(`${String(waiting)} rows wait after ${String(withinMs / 1000)} s`);
    if (Date.now() - told > TELL_MS) {
      told = Date.now();
      say?.(`${String(waiting)} rows wait`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
