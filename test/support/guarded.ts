/**
 * Programs that end with us: a kernel death signal for those that know nothing of us (PostgreSQL), a pipe on stdin or an
 * IPC channel for those that do. Always spawn from the main thread: the death signal belongs to the thread.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Puts the kernel's death signal before a command; both programs `exec`, so the child keeps its pid. */
export function withDeathSignal(command: readonly string[], signal: 'INT' | 'TERM'): string[] {
  return ['setpriv', '--pdeathsig', signal, '--', ...command];
}

export function spawnCommand(command: readonly string[], options: Parameters<typeof spawn>[2]): ChildProcess {
  const [file, ...args] = command;
  if (file === undefined) {
    throw new RangeError('an empty command');
  }
  return spawn(file, args, options);
}

/** Resolves when the process has ended; at once when it already has (or never started). */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    return Promise.resolve();
  }
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Asks a process to end, and kills it when it has not after `patienceMs`. */
export async function stopChild(
  child: ChildProcess,
  { signal = 'SIGTERM', patienceMs = 3000 }: { signal?: NodeJS.Signals; patienceMs?: number } = {},
): Promise<void> {
  const over = ended(child);
  child.kill(signal);
  const killing = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await over;
  clearTimeout(killing);
}

/** `undefined` when no such process; a zombie (state Z) only waits to be reaped: `kill -0` would call it alive. */
export async function processState(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}

export async function isAlive(pid: number): Promise<boolean> {
  const state = await processState(pid);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Where a link of /proc leads (`exe`, `cwd`), or undefined when it is not ours to read. */
export function processLink(pid: number, name: 'exe' | 'cwd'): Promise<string | undefined> {
  return readlink(`/proc/${pid}/${name}`).catch(() => undefined);
}

/** What a test waits for comes far sooner. No test asserts a duration, and the machine may be busy: this only lets what is broken fail. */
export const PATIENCE_MS = 60_000;

/** Tries until `attempt` answers something other than undefined; undefined when the time is over. */
export async function until<T>(
  attempt: () => Promise<T | undefined>,
  { withinMs = PATIENCE_MS, everyMs = 20 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T | undefined> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await attempt();
    if (answer !== undefined || Date.now() > deadline) {
      return answer;
    }
    await pause(everyMs);
  }
}
