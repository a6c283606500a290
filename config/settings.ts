/**
 * `settings` of a connection: read by the schema of its bot, which is given by whoever loads the configuration (this folder
 * knows no bot). Where that schema marks a secret, the file names its place, and the bot gets its value.
 */
import { z } from 'zod';
import { fr } from 'zod/locales';
import { fromIssue, type KeyPath, type Problem, sayIssue } from './problem.ts';
import { Secret } from './schema.ts';
import { PROVIDER_SECRET, type SecretReader } from './secrets.ts';

/** The schemas of the bots' connections, by the bots' ids. */
export type BotSchemas = ReadonlyMap<string, z.ZodType>;

type Reading = { bots: BotSchemas | undefined; reader: SecretReader; problems: Problem[] };

/** The settings of each connection; undefined for one without any. Without `bots` they stay as they are written. */
export async function readSettings(
  connections: unknown,
  { bots, reader, problems }: Reading,
): Promise<(Record<string, unknown> | undefined)[]> {
  if (!Array.isArray(connections) || bots === undefined) return [];
  const read: (Record<string, unknown> | undefined)[] = [];
  for (const [index, connection] of connections.entries()) {
    const { bot, settings } = z.object({ bot: z.string(), settings: z.unknown() }).partial().catch({}).parse(connection);
    if (settings === undefined || bot === undefined) {
      read.push(undefined);
      continue;
    }
    const schema = bots.get(bot);
    if (schema === undefined) problems.push({ path: ['connections', index, 'bot'], text: 'aucun robot de ce nom ne lit d’outil' });
    read.push(schema && (await readOne(settings, schema, ['connections', index, 'settings'], { reader, problems })));
  }
  return read;
}

async function readOne(
  settings: unknown,
  schema: z.ZodType,
  path: KeyPath,
  { reader, problems }: Omit<Reading, 'bots'>,
): Promise<Record<string, unknown> | undefined> {
  const before = problems.length;
  const whole = await withSecrets(settings, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), path, { reader, problems });
  const parsed = schema.safeParse(whole, { error: (issue) => sayIssue(issue) ?? fr().localeError(issue) });
  if (parsed.success) return parsed.data as Record<string, unknown>;
  // A secret that cannot be read is said once, as that.
  const said = problems.slice(before).map((problem) => JSON.stringify(problem.path));
  for (const issue of parsed.error.issues) {
    const found = fromIssue(issue, () => []).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
    problems.push(...found.filter((problem) => !said.includes(JSON.stringify(problem.path))));
  }
  return undefined;
}

/** The same with every marked secret in place of where it is. */
async function withSecrets(value: unknown, schema: unknown, path: KeyPath, { reader, problems }: Omit<Reading, 'bots'>): Promise<unknown> {
  if (fieldOf(schema, 'secret') === true) {
    if (value === undefined) return undefined;
    if (Secret.safeParse(value).success) return reader.read(value, path, PROVIDER_SECRET);
    problems.push({ path, text: 'attendu : « env: NOM_DE_VARIABLE » ou « file: chemin » (un secret ne s’écrit pas ici)' });
    return undefined;
  }
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const [index, item] of value.entries())
      items.push(await withSecrets(item, fieldOf(schema, 'items'), [...path, index], { reader, problems }));
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const inner = fieldOf(fieldOf(schema, 'properties'), name);
    entries.push([name, await withSecrets(member, inner, [...path, name], { reader, problems })]);
  }
  return Object.fromEntries(entries);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
