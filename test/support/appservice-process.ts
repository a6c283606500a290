/** The appservice as it is run, started on a bed's configuration; it can be made to end itself between two steps. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_ARGS, nodeEnvironment } from '../../appservice/main/launch.ts';
import { ended, stopChild, until } from './guarded.ts';
import type { MatrixBed } from './matrix-bed.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/compile');

export interface AppserviceProcess {
  readonly process: ChildProcess;
  readonly log: string;
  /** Resolves when /readyz says so; rejects when the process ended first. */
  ready(): Promise<void>;
  /** Resolves with the signal or code it ended by. */
  ended(): Promise<string>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

let count = 0;

/** `killAt` is `<step>[:<nth>]`, see main/assemble.ts; `preload` is a module that Node loads before it. */
export async function startAppservice(
  bed: MatrixBed,
  { killAt, preload, config = bed.config.file }: { killAt?: string; preload?: string; config?: string } = {},
): Promise<AppserviceProcess> {
  const log = join(bed.folder, `appservice-${String((count += 1))}.log`);
  const output = await open(log, 'a');
  const imports = preload === undefined ? [] : ['--import', preload];
  const child = spawn(process.execPath, [...NODE_ARGS, ...imports, join(ROOT, 'appservice/main.ts'), '--config', config], {
    cwd: ROOT,
    env: { ...process.env, ...nodeEnvironment({ cache: CACHE }), ...(killAt !== undefined && { ECRITOIRE_KILL_AT: killAt }) },
    stdio: ['ignore', output.fd, output.fd, 'ipc'],
  });
  await output.close();
  const internal = `http://127.0.0.1:${String(bed.config.appservice.internal.port)}`;
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    process: child,
    log,
    async ready() {
      const attempt = async (): Promise<true | undefined> => {
        if (isOver()) throw new Error(`the appservice ended (${String(child.exitCode ?? child.signalCode)}), see ${log}`);
        // Replicas share the address: another one may answer there, so its own log has to say it too.
        if (!(await readFile(log, 'utf8')).includes('"msg":"serving"')) return undefined;
        const answer = await fetch(`${internal}/readyz`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
        return answer?.status === 200 ? true : undefined;
      };
      if ((await until(attempt, { everyMs: 50 })) === undefined) throw new Error(`the appservice is not ready, see ${log}`);
    },
    async ended() {
      const attempt = (): Promise<true | undefined> => Promise.resolve(isOver() ? true : undefined);
      if ((await until(attempt)) === undefined) throw new Error(`the appservice still runs, see ${log}`);
      return String(child.signalCode ?? child.exitCode);
    },
    stop: () => stopChild(child, { patienceMs: 30_000 }),
    async kill() {
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}
