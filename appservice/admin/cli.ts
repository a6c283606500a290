/**
 * `npm run desk -- COMMAND`: the operator's commands that need no Matrix. What they print is French; a command's result
 * (the registration, the homeserver's part) goes to stdout alone, so that it can be redirected.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { checkHomeserver } from '#config/homeserver-check.ts';
import { homeserverSnippet, registration } from '#config/homeserver.ts';
import { loadConfig, type LoadedConfig } from '#config/load.ts';
import { DeskError } from '#desk/errors.ts';
import { migrate, openStore } from '#store/open.ts';

type Options = { config?: string; out?: string; registration?: string; check?: boolean; help?: boolean };
type Command = { name: string; says: string; run: (config: LoadedConfig, options: Options) => Promise<void> };

const COMMANDS: readonly Command[] = [
  { name: 'config check', says: 'vérifie la configuration et les secrets qu’elle nomme', run: sayConfig },
  { name: 'registration', says: 'écrit l’enregistrement à donner au serveur Matrix', run: writeRegistration },
  {
    name: 'homeserver',
    says: 'écrit la part du serveur Matrix (--registration CHEMIN), ou lui demande si elle tient (--check)',
    run: homeserver,
  },
  { name: 'migrate', says: 'met la base au schéma de cette version', run: migrateStore },
];

const USAGE = [
  'npm run desk -- COMMANDE [--config FICHIER] [--out FICHIER]',
  '',
  ...COMMANDS.map(({ name, says }) => `  ${name.padEnd(14)}${says}`),
  '',
  'Sans --config\u00a0: ECRITOIRE_CONFIG, sinon la configuration de l’essai en cours (npm start).',
].join('\n');

async function sayConfig(config: LoadedConfig): Promise<void> {
  const { organisations, connections, people } = config;
  const counts = `organisations\u00a0: ${organisations.length}, connexions\u00a0: ${connections.length}, personnes connues\u00a0: ${people.length}`;
  console.log(`${config.file}\u00a0: en ordre (${counts}).`);
  return Promise.resolve();
}

async function writeRegistration(config: LoadedConfig, { out }: Options): Promise<void> {
  await print(registration(config), out);
}

async function homeserver(config: LoadedConfig, { registration: file, check, out }: Options): Promise<void> {
  if (check === true) {
    const problems = await checkHomeserver(config);
    if (problems.length > 0) throw new DeskError('config', problems.join('\n'));
    console.log(`Le serveur Matrix ${config.homeserver.url} est en ordre.`);
    return;
  }
  if (file === undefined)
    throw new DeskError('invalid', 'Il manque --registration\u00a0: le chemin de l’enregistrement, tel que le serveur Matrix le lira.');
  await print(homeserverSnippet(config, { registrationFile: file }), out);
}

async function migrateStore(config: LoadedConfig): Promise<void> {
  const { store } = openStore(config.store.url, { connections: 1 });
  try {
    await migrate(store);
    console.log('La base est au schéma de cette version.');
  } finally {
    await store.destroy();
  }
}

/** JSON, which is YAML too; a file gets mode 0600 since both hold secrets. */
async function print(value: object, out: string | undefined): Promise<void> {
  const text = JSON.stringify(value, undefined, 2);
  if (out === undefined) console.log(text);
  else await writeFile(resolve(out), `${text}\n`, { mode: 0o600 });
}

const Run = z.object({ config: z.string() });

/** The configuration named, or that of the trial that runs here. */
async function configFile(named: string | undefined): Promise<string> {
  const file = named ?? process.env['ECRITOIRE_CONFIG'];
  if (file !== undefined) return file;
  try {
    return Run.parse(JSON.parse(await readFile('.local/run.json', 'utf8'))).config;
  } catch (cause) {
    throw new DeskError('invalid', 'Quelle configuration\u202f? Indiquez-la par --config FICHIER.', { cause });
  }
}

async function main(args: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { config: text, out: text, registration: text, check: flag, help: flag },
  });
  const command = COMMANDS.find(({ name }) => name === positionals.join(' '));
  if (values.help === true) console.log(USAGE);
  else if (command === undefined) throw new DeskError('invalid', USAGE);
  else await command.run(await loadConfig(await configFile(values.config)), values);
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  // Node's own words about options are English: the usage says what is meant.
  const isUsage = error instanceof TypeError && 'code' in error;
  console.error(isUsage ? USAGE : error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
