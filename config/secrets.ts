/**
 * Reads the configuration's secrets from environment or files and checks their form. A value never stands in a
 * problem's text: only where it is looked for and what is wrong with its form.
 */
import { createPrivateKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { JWK } from 'jose';
import { z } from 'zod';
import type { KeyPath, Problem } from './problem.ts';
import { Secret } from './schema.ts';

/** Turns the text of a secret into its value; throws {@link BadForm} with a French sentence. */
type Form<T> = (text: string) => T;
class BadForm extends Error {}

const TOKEN_LENGTH = 16; // characters: below, a token could be guessed
const KEY_BYTES = 32; // AES-256
const MOST_ACCOUNT_KEYS = 10; // the current one and those before
const HOOK_SECRET_BYTES = 24; // Standard Webhooks asks for 24 to 64
const FILE_BYTES = 65_536; // a secrets file larger than this is some other file

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const token: Form<string> = (text) => {
  if (/\s/.test(text)) throw new BadForm('un jeton tient sur une seule ligne, sans espace');
  if (text.length < TOKEN_LENGTH) throw new BadForm(`trop court : ${TOKEN_LENGTH} caractères au moins`);
  return text;
};

const word: Form<string> = (text) => text;

const key: Form<Buffer> = (text) => {
  const bytes = Buffer.from(text, 'base64');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || bytes.length !== KEY_BYTES) throw new BadForm(`attendu : ${KEY_BYTES} octets en base64`);
  return bytes;
};

const keyLines: Form<string[]> = (text) => {
  const found = lines(text);
  if (found.length > 2) throw new BadForm('deux clés au plus : l’actuelle, puis la précédente');
  found.forEach(key);
  return found;
};

const hookSecrets: Form<string[]> = (text) =>
  lines(text).map((line) => {
    const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(line)?.[1];
    if (encoded === undefined) throw new BadForm('attendu : whsec_ suivi de base64');
    if (Buffer.from(encoded, 'base64').length < HOOK_SECRET_BYTES)
      throw new BadForm(`trop court : ${HOOK_SECRET_BYTES} octets au moins après whsec_`);
    return line;
  });

const databaseUrl: Form<string> = (text) => {
  if (!/^postgres(ql)?:\/\/\S+$/.test(text)) throw new BadForm('attendu : postgresql://…');
  return text;
};

const signingKey: Form<string> = (text) => {
  const pem = text.includes('\\n') ? text.replaceAll('\\n', '\n') : text; // an environment variable may hold it on one line
  try {
    const made = createPrivateKey(pem);
    if (made.asymmetricKeyType === 'ec' && made.asymmetricKeyDetails?.namedCurve === 'prime256v1') {
      return made.export({ type: 'pkcs8', format: 'pem' }).toString();
    }
  } catch {
    // Not a private key at all; OpenSSL's own words may quote it, so they are not passed on.
  }
  throw new BadForm('attendu : une clé privée EC P-256 (PEM, PKCS#8)');
};

const Jwks = z.object({
  keys: z
    .array(z.looseObject({ kty: z.string(), d: z.string() }))
    .min(1)
    .max(10),
});
const jwks: Form<JWK[]> = (text) => {
  try {
    return Jwks.parse(JSON.parse(text)).keys;
  } catch {
    // Neither JSON's nor zod's words are passed on: they may quote the keys.
    throw new BadForm('attendu : un JWKS privé en JSON, {"keys": […]}');
  }
};

/** Every fixed place of a secret, and its form; those in lists are {@link PROVIDER_SECRET} and {@link HOOK_SECRETS}. */
export const SECRETS = {
  'appservice.asToken': token,
  'appservice.hsToken': token,
  'appservice.internalToken': token,
  'appservice.recordKey': key,
  'store.url': databaseUrl,
  'session.jwtKey': signingKey,
  'session.cookieKeys': keyLines,
  'sso.clientSecret': token,
  'sso.keys': jwks,
} as const satisfies Record<string, Form<unknown>>;
export const PROVIDER_SECRET = word;
export const SMTP_SECRET = word;
export const HOOK_SECRETS = hookSecrets;
/** Of a tool that signs in its own way: one per line, as they are. */
export const TOOL_SECRETS: Form<string[]> = (text) => lines(text);
/** On one line too, since environment files hold no line ends. Older keys stay as long as something is sealed with them. */
export const ACCOUNT_KEYS: Form<Buffer[]> = (text) => {
  const found = text.split(/[\s,]+/).filter((one) => one !== '');
  if (found.length > MOST_ACCOUNT_KEYS) throw new BadForm(`${MOST_ACCOUNT_KEYS} clés au plus : l’actuelle, puis les précédentes`);
  return found.map(key);
};

export type FixedSecrets = { [place in keyof typeof SECRETS]: ReturnType<(typeof SECRETS)[place]> };

/** Reads secrets of one configuration file; what is wrong goes to `problems`, and the value is then undefined. */
export class SecretReader {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #problems: Problem[];

  constructor(file: string, env: NodeJS.ProcessEnv, problems: Problem[]) {
    this.#folder = dirname(resolve(file));
    this.#env = env;
    this.#problems = problems;
  }

  /** A place that is no Secret at all is the schema's problem and is passed over here. */
  async read<T>(place: unknown, path: KeyPath, form: Form<T>): Promise<T | undefined> {
    const secret = Secret.safeParse(place);
    if (!secret.success) return undefined;
    try {
      const text = (await this.#text(secret.data)).trim();
      if (text === '') throw new BadForm('vide');
      return form(text);
    } catch (error) {
      if (!(error instanceof BadForm)) throw error;
      this.#problems.push({ path, text: `${sayPlace(secret.data)} : ${error.message}` });
      return undefined;
    }
  }

  /** Tells a problem of several secrets together. */
  refuse(path: KeyPath, text: string): void {
    this.#problems.push({ path, text });
  }

  async #text(secret: Secret): Promise<string> {
    if ('file' in secret) return readOwn(resolve(this.#folder, secret.file));
    const value = this.#env[secret.env];
    if (value === undefined) throw new BadForm('cette variable n’est pas définie');
    return value;
  }
}

function sayPlace(secret: Secret): string {
  return 'file' in secret ? `fichier ${secret.file}` : `variable ${secret.env}`;
}

/** A file that only its owner can read; anything else is refused before a byte of it is read. */
async function readOwn(file: string): Promise<string> {
  const found = await stat(file).catch((error: unknown) => {
    throw new BadForm(sayUnread(error), { cause: error });
  });
  if (!found.isFile() || found.size > FILE_BYTES) throw new BadForm('ce n’est pas un fichier de secret');
  if ((found.mode & 0o077) !== 0) {
    throw new BadForm(`d’autres que son propriétaire peuvent le lire (mode 0${(found.mode & 0o777).toString(8)}) ; faites chmod 600`);
  }
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new BadForm(sayUnread(error), { cause: error });
  });
}

/** Why a file could not be read, as the end of a sentence. */
export function sayUnread(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'erreur';
  return code === 'ENOENT' ? 'ce fichier n’existe pas' : `illisible (${code})`;
}
