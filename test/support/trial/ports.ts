/** Ports of the trial: chosen once, kept for good, and a sentence when another program has taken one since. */
import { createServer } from 'node:net';
import { Sentence } from './run.mjs';
import { until } from '../guarded.ts';

export const PORT_NAMES = ['web', 'appservice', 'internal', 'homeserver', 'issuer', 'town'] as const;
export type Ports = Record<(typeof PORT_NAMES)[number], number>;

/** What a person calls the part that listens there. */
const SAID: Record<(typeof PORT_NAMES)[number], string> = {
  web: 'bureau',
  appservice: 'service applicatif',
  internal: 'service applicatif, écoute interne',
  homeserver: 'serveur Matrix',
  issuer: 'fournisseur d’identité',
  town: 'mairie d’essai',
};

const FIRST: Ports = { web: 8480, appservice: 8481, internal: 8482, homeserver: 8483, issuer: 8484, town: 8485 };

/** Below Linux's ephemeral ports, so that no outgoing connection takes a port between choosing it and listening, or between two starts. */
const FREE_RANGE = { from: 12_000, to: 32_000 };

/** Whether nobody listens there on this machine's loopback. */
export function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A free port for each of these: those that follow the parts' usual ones when they are free (`usual`), else any. */
export async function chooseMore(
  names: readonly string[],
  { usual, ports }: { usual: boolean; ports: Ports },
): Promise<Record<string, number>> {
  const taken = new Set<number>([...Object.values(FIRST), ...Object.values(ports)]);
  const chosen: Record<string, number> = {};
  for (const [index, name] of names.entries()) {
    const next = FIRST.town + 1 + index;
    const port = usual && !taken.has(next) && (await isFree(next)) ? next : await anyFree(taken);
    taken.add(port);
    chosen[name] = port;
  }
  return chosen;
}

/** A free port per part: the usual ones when all are free (`usual`), else any. */
export async function choosePorts({ usual, web }: { usual: boolean; web?: number | undefined }): Promise<Ports> {
  const taken = new Set<number>();
  const ports: Ports = { ...FIRST, ...(web !== undefined && { web }) };
  for (const name of PORT_NAMES) {
    const asked = name === 'web' && web !== undefined;
    if (!asked && !(usual && (await isFree(ports[name])))) {
      ports[name] = await anyFree(taken);
    }
    taken.add(ports[name]);
  }
  return ports;
}

/** One that is free now, and that no other choice of ours takes as long as this process lives. */
export const freePort = (): Promise<number> => anyFree(new Set());

async function anyFree(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = FREE_RANGE.from + Math.floor(Math.random() * (FREE_RANGE.to - FREE_RANGE.from));
    if (!taken.has(port) && (await isFree(port)) && (await hold(port))) {
      return port;
    }
  }
}

/** A loopback address that nobody of ours listens on. */
const HELD_ON = '127.0.0.2';

/**
 * Keeps other processes from choosing it as well while nobody listens there yet: of thousands of choices that tests make at once, two met
 * now and then. The system gives it back when this process ends, however it ends. False: another one holds it.
 */
function hold(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRNOTAVAIL')); // a system with one loopback address
    server.listen({ port, host: HELD_ON, exclusive: true }, () => {
      server.unref();
      resolve(true);
    });
  });
}

/** What a kill -9 of an earlier starter left needs a moment to go. */
const PATIENCE_MS = 3000;

/** Throws a Sentence that names the port when another program listens on one of them. */
export async function requireFree(ports: Readonly<Record<string, number>>, { configFile }: { configFile: string }): Promise<void> {
  const said: Readonly<Record<string, string>> = SAID;
  await Promise.all(
    Object.entries(ports).map(async ([name, port]) => {
      if (await until(async () => ((await isFree(port)) ? true : undefined), { withinMs: PATIENCE_MS, everyMs: 50 })) {
        return;
      }
      const remedy = name === 'web' ? 'choisissez-en un autre avec « npm start -- --port N »' : `changez de port dans ${configFile}`;
      throw new Sentence(
        `Le port ${port} (${said[name] ?? 'outil de la mairie d’essai'}) est pris par un autre programme : arrêtez-le, ou ${remedy}.`,
      );
    }),
  );
}
