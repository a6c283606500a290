/**
 * `npm start`: everything together on this machine, until Ctrl-C. Options after `--`: see options.ts. Nothing it starts
 * outlives it, not even a kill -9.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeskError } from '#desk/errors.ts';
import { holdFolder } from './alone.ts';
import { readOptions } from './options.ts';
import { say } from './progress.mjs';
import { Sentence, explain } from './run.mjs';
import { type Trial, startTrial } from './trial.ts';

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  if (!(await holdFolder(options.folder))) {
    throw new Sentence(
      `Écritoire tourne déjà dans ${options.folder}${await whereItRuns(options.folder)}. Arrêtez-le d’abord (Ctrl-C dans son terminal).`,
    );
  }
  const starting = startTrial(options);
  const stop = stopper(starting);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, stop);
  }
  watchParent(stop);
  return (await starting).over;
}

/** Asked once: everything stops in order. Asked twice: at once, whatever is going on. */
function stopper(starting: Promise<Trial>): () => void {
  let trial: Trial | undefined;
  let times = 0;
  starting.then(
    (started) => (trial = started),
    () => undefined, // said by main
  );
  return () => {
    times += 1;
    if (trial === undefined) {
      process.exit(INTERRUPTED); // nothing was started yet
    }
    if (times === 1) say('Arrêt…');
    void trial.stop();
  };
}

const INTERRUPTED = 130; // 128 + SIGINT, as shells say it

async function whereItRuns(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'run.json'), 'utf8').catch(() => '');
  const web = /"web": "([^"]+)"/.exec(text)?.[1];
  return web === undefined ? '' : ` (${web})`;
}

/** An npm that was killed takes us with it: nobody would be left to stop us by Ctrl-C. */
function watchParent(stop: () => void): void {
  const parent = process.ppid;
  if (process.env['npm_lifecycle_event'] === undefined) {
    return; // started directly: whoever did may well end before us
  }
  const watching = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(watching);
      stop();
    }
  }, 500);
}

function sentenceOf(error: unknown): string {
  if (error instanceof Sentence || error instanceof DeskError) {
    return error.message;
  }
  const registry = { name: 'Le réseau', setting: 'HTTPS_PROXY' };
  return explain(error instanceof Error ? error.message : String(error), {
    what: 'Le démarrage',
    folder: process.cwd(),
    registry,
    log: '.local/log',
  }).message;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(`\nÉcritoire n’a pas démarré. ${sentenceOf(error)}`);
    process.exit(1);
  },
);
