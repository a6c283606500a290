/** What can follow `npm start --`. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Sentence } from './run.mjs';

export type Options = {
  folder: string;
  /** The folder is the usual one: usual ports, and the short names in what is said. */
  isUsual: boolean;
  reset: boolean;
  town: boolean;
  config: string | undefined;
  port: number | undefined;
  replicas: number;
};

const USUAL = fileURLToPath(new URL('../../../.local', import.meta.url));

const HELP =
  'Options : --reset (repart de zéro), --no-town (sans la mairie d’essai), --config FICHIER, --port N, --folder DOSSIER, --replicas N.';

/** Throws a Sentence for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  return {
    folder: resolve(values.folder ?? USUAL),
    isUsual: values.folder === undefined,
    reset: values.reset === true,
    town: values['no-town'] !== true,
    config: values.config === undefined ? undefined : resolve(values.config),
    port: whole(values.port, { name: '--port', most: 65_535 }),
    replicas: whole(values.replicas, { name: '--replicas', most: 16 }) ?? 1,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        folder: { type: 'string' },
        reset: { type: 'boolean' },
        'no-town': { type: 'boolean' },
        config: { type: 'string' },
        port: { type: 'string' },
        replicas: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new Sentence(`Option inconnue ou incomplète (${args.join(' ')}). ${HELP}`, { cause });
  }
}

function whole(text: string | undefined, { name, most }: { name: string; most: number }): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new Sentence(`${name} attend un nombre entre 1 et ${most}, pas « ${text} ».`);
  }
  return value;
}
