/**
 * Loads the configuration: the YAML file checked against the schema, secrets replaced by their values. Everything that
 * is wrong is told at once, in French, with line, column and key.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JWK } from 'jose';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { fr } from 'zod/locales';
import { DeskError } from '#desk/errors.ts';
import { crossCheck } from './check.ts';
import { fromIssue, type KeyPath, locate, type Problem, sayIssue, sayPath } from './problem.ts';
import { Config } from './schema.ts';
import { type BotSchemas, readSettings } from './settings.ts';
import { typeset } from './typeset.ts';
import {
  ACCOUNT_KEYS,
  type FixedSecrets,
  HOOK_SECRETS,
  PROVIDER_SECRET,
  sayUnread,
  SecretReader,
  SECRETS,
  SMTP_SECRET,
  TOOL_SECRETS,
} from './secrets.ts';

/** The configuration with every Secret replaced by its value, and addresses without a slash at their end. */
export type LoadedConfig = Omit<Config, 'appservice' | 'store' | 'session' | 'sso' | 'mail' | 'providers' | 'connections'> & {
  /** The absolute path of the file it was read from; paths in it are relative to its folder. */
  file: string;
  appservice: Omit<Config['appservice'], 'asToken' | 'hsToken' | 'internalToken' | 'recordKey' | 'accountKeys'> & {
    asToken: string;
    hsToken: string;
    internalToken: string;
    /** 32 bytes. */
    recordKey: Buffer;
    /** 32 bytes each, the current one first. The record key, which seals accounts where no other is given, is always the last. */
    accountKeys: readonly Buffer[];
  };
  store: { url: string };
  /** `jwtKey` is PEM; `cookieKeys` are 32 bytes each in base64, the current one first. */
  session: Omit<Config['session'], 'jwtKey' | 'cookieKeys'> & { jwtKey: string; cookieKeys: string[] };
  /** `keys` are private JWKs, the current one first. */
  sso: { clientSecret: string; keys: JWK[] };
  mail?: LoadedSmtp;
  providers: LoadedProvider[];
  connections: LoadedConnection[];
};
export type LoadedSmtp = Omit<NonNullable<Config['mail']>, 'password'> & { password: string | undefined };
export type LoadedProvider = Omit<Config['providers'][number], 'clientSecret'> & { clientSecret: string };
/** `secrets` are at most two, the current one first; `settings` as the bot's own schema gives them, when the bots were given. */
export type LoadedConnection = Omit<Config['connections'][number], 'secrets'> & { secrets: string[] };
export type LoadedOrganisation = Config['organisations'][number];

const MAIL_PASSWORD = ['mail', 'password'];
const MAX_SAID = 100; // a file that is wholly something else need not fill the screen

/** Reads, checks and completes the file; throws `config` with every problem at once, and never with a secret's value. */
export async function loadConfig(
  file: string,
  { env = process.env, bots }: { env?: NodeJS.ProcessEnv; bots?: BotSchemas } = {},
): Promise<LoadedConfig> {
  const path = resolve(file);
  const { doc, lines, raw } = await readYaml(path);
  const problems: Problem[] = [];
  const parsed = Config.safeParse(raw, { error: (issue) => sayIssue(issue) ?? fr().localeError(issue) });
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => fromIssue(issue, knownKeys)));
  problems.push(...crossCheck(raw));
  const reader = new SecretReader(path, env, problems);
  const secrets = await readSecrets(raw, reader);
  const keyPath = ['appservice', 'accountKeys'];
  const accountKeys = await reader.read(valueAt(raw, keyPath), keyPath, ACCOUNT_KEYS);
  const mailPassword = await reader.read(valueAt(raw, MAIL_PASSWORD), MAIL_PASSWORD, SMTP_SECRET);
  const settings = await readSettings(valueAt(raw, ['connections']), { bots, reader, problems });
  if (problems.length > 0 || !parsed.success || !isWhole(secrets)) throw refusal(path, doc, lines, problems);
  return complete(path, parsed.data, secrets, { settings, accountKeys, mailPassword });
}

async function readYaml(path: string): Promise<{ doc: Document; lines: LineCounter; raw: unknown }> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fault(`Configuration ${path} : ${sayUnread(error)}.`, error);
  });
  const lines = new LineCounter();
  // prettyErrors would quote the line at fault, and with it perhaps a secret.
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = doc.errors.map(({ code, pos }) => ({
    ...lines.linePos(pos[0]),
    text: YAML_FAULTS[code] ?? `écriture YAML incorrecte (${code})`,
  }));
  if (faults.length > 0)
    throw sayRefusal(
      path,
      faults.map(({ line, col, text }) => `ligne ${line}, colonne ${col} : ${text}`),
    );
  try {
    return { doc, lines, raw: doc.toJS({ maxAliasCount: 100 }) as unknown };
  } catch (cause) {
    throw fault(`Configuration ${path} : trop de renvois YAML (&, *).`, cause);
  }
}

const YAML_FAULTS: Partial<Record<string, string>> = {
  DUPLICATE_KEY: 'cette clé est écrite deux fois',
  TAB_AS_INDENT: 'une tabulation sert de retrait ; employez des espaces',
  BAD_INDENT: 'le retrait de cette ligne ne correspond à rien au-dessus',
  MISSING_CHAR: 'il manque un guillemet, un crochet ou une accolade',
  MULTILINE_IMPLICIT_KEY: 'une clé tient sur une seule ligne ; manque-t-il « : » ?',
  BLOCK_AS_IMPLICIT_KEY: 'deux clés sur une même ligne ; un texte qui contient « : » s’écrit entre guillemets',
  BAD_ALIAS: 'un texte qui commence par * ou & s’écrit entre guillemets',
  BAD_SCALAR_START: 'un texte qui commence par ce signe s’écrit entre guillemets',
  MULTIPLE_DOCS: 'un seul document par fichier',
};

/** The keys the schema knows at a path, for naming the nearest one to an unknown key. */
function knownKeys(path: KeyPath): readonly string[] {
  let schema: unknown = Config;
  for (const part of path) {
    schema = bare(schema);
    if (schema instanceof z.ZodObject) schema = (schema.shape as Record<string, unknown>)[String(part)];
    else if (schema instanceof z.ZodArray) schema = schema.element;
  }
  const found = bare(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function bare(schema: unknown): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? bare(schema.unwrap()) : schema;
}

type Read = {
  fixed: { [place in keyof FixedSecrets]: FixedSecrets[place] | undefined };
  providers: (string | undefined)[];
  connections: (string[] | undefined)[];
};
type Whole = { fixed: FixedSecrets; providers: string[]; connections: string[][] };

async function readSecrets(raw: unknown, reader: SecretReader): Promise<Read> {
  const fixed: Record<string, unknown> = {};
  for (const [place, form] of Object.entries(SECRETS)) {
    const path = place.split('.');
    fixed[place] = await reader.read<unknown>(valueAt(raw, path), path, form);
  }
  const providers: Read['providers'] = [];
  for (const index of indexes(valueAt(raw, ['providers']))) {
    const path = ['providers', index, 'clientSecret'];
    providers.push(await reader.read(valueAt(raw, path), path, PROVIDER_SECRET));
  }
  const connections: Read['connections'] = [];
  for (const index of indexes(valueAt(raw, ['connections']))) connections.push(await readHookSecrets(raw, index, reader));
  return { fixed: fixed as Read['fixed'], providers, connections };
}

/** One or two signing secrets, in one file of two lines or in two places. */
async function readHookSecrets(raw: unknown, connection: number, reader: SecretReader): Promise<string[] | undefined> {
  const path = ['connections', connection, 'secrets'];
  const form = valueAt(raw, ['connections', connection, 'settings']) === undefined ? HOOK_SECRETS : TOOL_SECRETS;
  const found: string[] = [];
  for (const index of indexes(valueAt(raw, path))) {
    const values = await reader.read(valueAt(raw, [...path, index]), [...path, index], form);
    if (values === undefined) return undefined;
    found.push(...values);
  }
  if (found.length > 2) reader.refuse(path, 'deux secrets au plus, l’actuel d’abord');
  return found;
}

function valueAt(raw: unknown, path: KeyPath): unknown {
  return path.reduce(
    (value: unknown, part) => (typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[part] : undefined),
    raw,
  );
}

function indexes(list: unknown): number[] {
  return Array.isArray(list) ? [...list.keys()] : [];
}

function isWhole(read: Read): read is Whole {
  return [...Object.values(read.fixed), ...read.providers, ...read.connections].every((value) => value !== undefined);
}

type Further = {
  settings: readonly (Record<string, unknown> | undefined)[];
  accountKeys: Buffer[] | undefined;
  mailPassword: string | undefined;
};

function complete(
  file: string,
  config: Config,
  { fixed, providers, connections }: Whole,
  { settings, accountKeys, mailPassword }: Further,
): LoadedConfig {
  const { homeserver, appservice, web, mail, ...others } = config;
  return {
    ...others,
    file,
    publicUrl: unslashed(config.publicUrl),
    homeserver: {
      url: unslashed(homeserver.url),
      ...(homeserver.publicUrl !== undefined && { publicUrl: unslashed(homeserver.publicUrl) }),
    },
    appservice: {
      ...appservice,
      url: unslashed(appservice.url),
      asToken: fixed['appservice.asToken'],
      hsToken: fixed['appservice.hsToken'],
      internalToken: fixed['appservice.internalToken'],
      recordKey: fixed['appservice.recordKey'],
      accountKeys: [...(accountKeys ?? []), fixed['appservice.recordKey']],
    },
    store: { url: fixed['store.url'] },
    session: { ...config.session, jwtKey: fixed['session.jwtKey'], cookieKeys: fixed['session.cookieKeys'] },
    sso: { clientSecret: fixed['sso.clientSecret'], keys: fixed['sso.keys'] },
    web: { ...web, internalUrl: unslashed(web.internalUrl) },
    ...(mail && { mail: { ...mail, password: mailPassword } }),
    providers: config.providers.map((provider, index) => ({ ...provider, clientSecret: providers[index] ?? '' })),
    connections: config.connections.map((connection, index) => ({
      ...connection,
      secrets: connections[index] ?? [],
      ...(settings[index] !== undefined && { settings: settings[index] }),
    })),
  };
}

function unslashed(url: string): string {
  return url.replace(/\/+$/, '');
}

function refusal(path: string, doc: Document, lines: LineCounter, problems: readonly Problem[]): DeskError {
  const placed = problems.map((problem) => ({ ...locate(doc, lines, problem), problem }));
  placed.sort((a, b) => a.line - b.line || a.column - b.column);
  return sayRefusal(
    path,
    placed.map(({ line, column, problem }) => `ligne ${line}, colonne ${column}, ${sayPath(problem.path)} : ${problem.text}`),
  );
}

function sayRefusal(path: string, said: readonly string[]): DeskError {
  const more = said.length > MAX_SAID ? [`… et ${said.length - MAX_SAID} autres`] : [];
  const head = `Configuration ${path} : ${said.length} problème${said.length > 1 ? 's' : ''}`;
  return fault([head, ...said.slice(0, MAX_SAID), ...more].join('\n  '));
}

function fault(text: string, cause?: unknown): DeskError {
  return new DeskError('config', typeset(text), { cause });
}
