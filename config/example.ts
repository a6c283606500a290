/** The commented example: the schema's own descriptions as comments, around the values of one small site. */
import { stringify } from 'yaml';
import { z } from 'zod';
import { Config } from './schema.ts';
import { typeset } from './typeset.ts';

/** One town, two tools, one identity provider. A key with a default that is left out here is shown as a comment. */
const SITE = {
  serverName: 'bureau.ville-claire.example',
  publicUrl: 'https://bureau.ville-claire.example',
  organisations: [{ id: 'ville-claire', name: 'Ville-Claire', siret: '21990001000011', admins: ['marc.roche@ville-claire.example'] }],
  admins: ['marc.roche@ville-claire.example'],
  homeserver: { url: 'http://127.0.0.1:8008', publicUrl: 'https://matrix.ville-claire.example' },
  appservice: {
    listen: { port: 9000 },
    url: 'https://depots.ville-claire.example',
    internal: { port: 9001 },
    asToken: { file: 'secrets/as-token' },
    hsToken: { file: 'secrets/hs-token' },
    internalToken: { file: 'secrets/internal-token' },
    recordKey: { file: 'secrets/record-key' },
    accountKeys: { file: 'secrets/account-keys' },
  },
  store: { url: { env: 'DATABASE_URL' } },
  session: { jwtKey: { file: 'secrets/session-key.pem' }, cookieKeys: { file: 'secrets/cookie-keys' } },
  web: {
    listen: { port: 8080 },
    internalUrl: 'http://127.0.0.1:9001',
    license: 'https://code.ville-claire.example/ecritoire',
    accessibilityContact: 'accessibilite@ville-claire.example',
    dataContact: 'dpd@ville-claire.example',
    funders: [{ name: 'Ville-Claire', image: 'images/ville-claire.svg', url: 'https://www.ville-claire.example' }],
  },
  providers: [
    {
      id: 'proconnect',
      kind: 'proconnect',
      label: 'Se connecter avec ProConnect',
      issuer: 'https://auth.agentconnect.gouv.fr/api/v2',
      clientId: 'identifiant-donné-par-proconnect',
      clientSecret: { file: 'secrets/proconnect' },
      userinfoAlg: 'RS256',
      organisation: 'ville-claire',
    },
  ],
  sso: { clientSecret: { file: 'secrets/sso-client' }, keys: { file: 'secrets/sso-keys.json' } },
  mail: {
    host: 'smtp.ville-claire.example',
    user: 'ecritoire',
    password: { file: 'secrets/smtp' },
    from: 'ne-pas-repondre@ville-claire.example',
  },
  connections: [
    {
      id: 'gta',
      bot: 'gta',
      organisation: 'ville-claire',
      label: 'Congés',
      mark: 'Co',
      url: 'https://gta.ville-claire.example',
      hosts: ['gta.ville-claire.example'],
      secrets: [{ file: 'secrets/hook-gta' }],
      callback: 'https://gta.ville-claire.example/ecritoire',
      expectEvery: 86_400,
    },
    {
      id: 'agenda',
      bot: 'ics',
      organisation: 'ville-claire',
      label: 'Agenda des instances',
      settings: { baseUrl: 'https://agenda.ville-claire.example', path: '/instances.ics', to: { group: 'direction' } },
      every: 300,
    },
  ],
  people: [
    {
      name: 'Claire Morel',
      mail: 'claire.morel@ville-claire.example',
      uid: 'cmorel',
      matricule: '001042',
      groups: ['direction'],
      organisations: ['ville-claire'],
    },
  ],
} satisfies z.input<typeof Config>;

const WIDTH = 120; // columns of the comments

/** The example's whole text but for its first lines; valid against the schema as it stands. */
export function exampleText(): string {
  return block(Config, SITE).join('\n');
}

type Values = Record<string, unknown>;

/** The lines of one mapping: each key under its description. */
function block(schema: z.ZodObject, values: Values): string[] {
  const shape = schema.shape as Record<string, z.ZodType>;
  return Object.entries(shape).flatMap(([key, field]) => {
    const isTop = schema === Config;
    const comment = explain(field).map((line) => `# ${line}`);
    return [...(isTop ? [''] : []), ...comment, ...entry(key, field, values[key])];
  });
}

function explain(field: z.ZodType): string[] {
  const { inner, isOptional, fallback } = bare(field);
  const choices = inner instanceof z.ZodEnum ? `valeurs : ${inner.options.join(', ')}` : undefined;
  const optional = isOptional ? 'facultatif' : undefined;
  const usual = fallback === undefined || Array.isArray(fallback) ? undefined : `par défaut : ${inline(fallback)}`;
  const notes = [choices, usual, optional].filter((note) => note !== undefined);
  const text = [field.description ?? inner.description ?? '', notes.length === 0 ? '' : `(${notes.join(' ; ')})`].join(' ').trim();
  return text === '' ? [] : wrap(typeset(text));
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function entry(key: string, field: z.ZodType, value: unknown): string[] {
  const { inner, fallback } = bare(field);
  if (value === undefined) return [fallback === undefined ? `# ${key}:` : `# ${key}: ${inline(fallback)}`];
  if (inner instanceof z.ZodObject) return [`${key}:`, ...indent(block(inner, value as Values))];
  if (inner instanceof z.ZodArray && Array.isArray(value)) return list(key, inner.element as z.ZodType, value);
  return [`${key}: ${inline(value)}`];
}

function list(key: string, element: z.ZodType, values: unknown[]): string[] {
  if (!(element instanceof z.ZodObject)) return [`${key}: ${inline(values)}`];
  const items = values.flatMap((value) => {
    const [first = '', ...rest] = indent(block(element, value as Values));
    return [`  -`, `  ${first}`, ...rest.map((line) => `  ${line}`)];
  });
  return [`${key}:`, ...items];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}

/** A value on one line, as YAML in flow style. */
function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** The type below its wrappers, whether it may be left out, and what then holds. */
function bare(field: z.ZodType): { inner: z.ZodType; isOptional: boolean; fallback?: unknown } {
  if (field instanceof z.ZodOptional) return { ...bare(field.unwrap() as z.ZodType), isOptional: true };
  if (field instanceof z.ZodDefault) return { ...bare(field.unwrap() as z.ZodType), fallback: field.def.defaultValue };
  return { inner: field, isOptional: false };
}

/** The JSON Schema for editors, draft 2020-12; a secret's place is marked `secret`. */
export function editorSchema(): Record<string, unknown> {
  return z.toJSONSchema(Config, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      if (jsonSchema.description !== undefined) jsonSchema.description = typeset(jsonSchema.description);
    },
  });
}
