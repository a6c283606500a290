/**
 * Makes the secrets that a site can invent by itself: each file that the configuration names and that is not there yet.
 * What others give (a provider's client secret, the database's address) is left to them. Nothing is ever written over.
 */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const Place = z.object({ file: z.string() }).optional().catch(undefined);
const Section = z.record(z.string(), z.unknown()).catch({});
const Connections = z.array(z.object({ secrets: z.array(z.unknown()).catch([]) }).catch({ secrets: [] })).catch([]);

const token = (): string => randomBytes(32).toString('hex');
const key = (): string => randomBytes(32).toString('base64');
const hook = (): string => `whsec_${key()}`;

function signingKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function jwks(): string {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return JSON.stringify({ keys: [{ ...jwk, kid: randomUUID(), alg: 'RS256', use: 'sig' }] });
}

const MADE = {
  appservice: { asToken: token, hsToken: token, internalToken: token, recordKey: key, accountKeys: key },
  session: { jwtKey: signingKey, cookieKeys: key },
  sso: { clientSecret: token, keys: jwks },
} as const satisfies Record<string, Record<string, () => string>>;

/** Answers the files made, relative to the configuration's folder. A place given by `env` is the operator's own. */
export async function makeSecrets(config: string): Promise<string[]> {
  const root = Section.parse(parse(await readFile(config, 'utf8'), { prettyErrors: false }));
  const wanted = [
    ...Object.entries(MADE).flatMap(([section, makers]) =>
      Object.entries(makers).map(([name, make]) => ({ place: Section.parse(root[section])[name], make })),
    ),
    ...Connections.parse(root['connections']).flatMap(({ secrets }) => secrets.map((place) => ({ place, make: hook }))),
  ];
  const folder = dirname(resolve(config));
  const made: string[] = [];
  for (const { place, make } of wanted) {
    const file = Place.parse(place)?.file;
    if (file !== undefined && (await writeNew(resolve(folder, file), make()))) made.push(relative(folder, resolve(folder, file)));
  }
  return made;
}

async function writeNew(file: string, value: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, `${value.trimEnd()}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
