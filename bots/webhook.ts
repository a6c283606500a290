/**
 * Standard Webhooks (https://www.standardwebhooks.com): the signature of a tool's request, over its raw bytes. Whoever
 * wants the payload goes through `verifyWebhook`: there is no boolean anyone could forget to look at.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { DeskError } from '#desk/errors.ts';

export const TOLERANCE_S = 300; // clock skew and slow networks; older is a replay
const PREFIX = 'whsec_';
const MOST_SECRETS = 2; // the current one and, during a rotation, the one before
const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=)$/;

/** Compared with when there is nothing to compare with, so that an unknown connection costs what a known one does. */
const DECOY = createSecretKey(Buffer.alloc(32, 'no connection has this secret'));

/** Headers as Node gives them: lower-case names, repeated ones joined. */
export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type SignedRequest = {
  /** 0 to 2 `whsec_…`; none when the connection is unknown. */
  secrets: readonly string[];
  headers: WebhookHeaders;
  body: Uint8Array;
  /** Milliseconds. */
  now: number;
};

/**
 * Returns the payload's bytes when one of the signatures is that of one of the secrets and the time stamp is within
 * ±300 s; throws `auth` otherwise. The time it takes does not depend on which secret, which signature or whether any.
 */
export function verifyWebhook({ secrets, headers, body, now }: SignedRequest): Uint8Array {
  const id = oneHeader(headers, 'webhook-id');
  const timestamp = oneHeader(headers, 'webhook-timestamp');
  const given = readSignatures(oneHeader(headers, 'webhook-signature'));
  if (id === '' || given.length === 0 || !isRecent(timestamp, now)) {
    throw new DeskError('auth', 'Signature missing, unreadable or too old');
  }
  let isGenuine = false;
  for (const { key, isReal } of keysOf(secrets)) {
    const expected = signatureBytes({ key, id, timestamp, body });
    for (const signature of given) {
      const isEqual = timingSafeEqual(signature, expected);
      isGenuine = (isEqual && isReal) || isGenuine;
    }
  }
  if (!isGenuine) {
    throw new DeskError('auth', 'No signature matches');
  }
  return body;
}

/** The three headers of a request signed with `secret`; `timestamp` in seconds. Throws `config` when that is no `whsec_…`. */
export function signWebhook({
  secret,
  id,
  timestamp,
  body,
}: {
  secret: string;
  id: string;
  timestamp: number;
  body: Uint8Array | string;
}): {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
} {
  const key = readSecret(secret);
  if (key === undefined) throw new DeskError('config', 'A webhook secret is not whsec_ followed by base64');
  const signature = signatureBytes({ key, id, timestamp: String(timestamp), body });
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature.toString('base64')}` };
}

function oneHeader(headers: WebhookHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** Whole seconds, as the standard's own libraries compare them. */
function isRecent(timestamp: string, now: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Math.floor(now / 1000) - Number(timestamp)) <= TOLERANCE_S;
}

/** Other versions (`v1a`) are not ours to check: they are passed over. */
function readSignatures(header: string): Buffer[] {
  return header.split(' ').flatMap((part) => {
    const base64 = SIGNATURE.exec(part)?.[1];
    return base64 === undefined ? [] : [Buffer.from(base64, 'base64')];
  });
}

function keysOf(secrets: readonly string[]): { key: KeyObject; isReal: boolean }[] {
  return Array.from({ length: MOST_SECRETS }, (_, index) => {
    const key = readSecret(secrets[index] ?? '');
    return key === undefined ? { key: DECOY, isReal: false } : { key, isReal: true };
  });
}

/** Keys by their secret, as many as the configuration has: making one costs five times what using it does. */
const keys = new Map<string, KeyObject | undefined>();

/** A secret that cannot be read verifies nothing; the configuration's own check has said so. */
function readSecret(secret: string): KeyObject | undefined {
  if (!keys.has(secret)) keys.set(secret, makeKey(secret));
  return keys.get(secret);
}

function makeKey(secret: string): KeyObject | undefined {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const bytes = Buffer.from(text, 'base64');
  const isBase64 = bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return isBase64 && bytes.length > 0 ? createSecretKey(bytes) : undefined;
}

/** Header values reach us as Latin-1: the bytes as they came are what was signed. */
function signatureBytes({
  key,
  id,
  timestamp,
  body,
}: {
  key: KeyObject;
  id: string;
  timestamp: string;
  body: Uint8Array | string;
}): Buffer {
  const hmac = createHmac('sha256', key).update(Buffer.from(`${id}.${timestamp}.`, 'latin1'));
  return hmac.update(body).digest();
}

/** Where a MAC over the body stands and how it is written: most tools differ in nothing else. */
export type MacForm = {
  header: string;
  /** Before the MAC in the header: `sha256=`. */
  prefix?: string;
  encoding?: 'hex' | 'base64';
  /** A header whose value is signed before the body (Nextcloud's random). */
  before?: string;
};

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export const GITHUB: MacForm = { header: 'x-hub-signature-256', prefix: 'sha256=' };
/** https://nextcloud-talk.readthedocs.io/en/latest/bots/ */
export const NEXTCLOUD_TALK: MacForm = { header: 'x-nextcloud-talk-signature', before: 'x-nextcloud-talk-random' };

export type MacRequest = { secrets: readonly string[]; headers: WebhookHeaders; body: Uint8Array };

/**
 * Returns the payload's bytes when its HMAC-SHA256 under one of the secrets (texts as they are, two at most) is the header's;
 * throws `auth` otherwise, also without any secret.
 */
export function verifyMac({ secrets, headers, body }: MacRequest, { header, prefix = '', encoding = 'hex', before }: MacForm): Uint8Array {
  const given = oneHeader(headers, header);
  const first = before === undefined ? '' : oneHeader(headers, before);
  if (!given.startsWith(prefix) || (before !== undefined && first === '')) throw new DeskError('auth', 'Signature missing');
  const mac = Buffer.from(given.slice(prefix.length), encoding);
  const expected = secretsOr(secrets).map(({ secret, isReal }) => ({
    mac: createHmac('sha256', secret).update(first, 'latin1').update(body).digest(),
    isReal,
  }));
  if (!anyEqual(mac, expected)) throw new DeskError('auth', 'No signature matches');
  return body;
}

/** For tools that sign nothing and only repeat a secret in a header (Nextcloud's webhook_listeners, Lucca). */
export function verifySharedSecret(
  { secrets, headers, body }: MacRequest,
  { header, prefix = '' }: Pick<MacForm, 'header' | 'prefix'>,
): Uint8Array {
  const given = oneHeader(headers, header);
  if (!given.startsWith(prefix) || given.length === prefix.length) throw new DeskError('auth', 'Secret missing');
  const digest = (text: string): Buffer => createHmac('sha256', DECOY).update(text).digest(); // equal lengths to compare
  const expected = secretsOr(secrets).map(({ secret, isReal }) => ({ mac: digest(secret), isReal }));
  if (!anyEqual(digest(given.slice(prefix.length)), expected)) throw new DeskError('auth', 'No secret matches');
  return body;
}

function secretsOr(secrets: readonly string[]): { secret: string; isReal: boolean }[] {
  return Array.from({ length: MOST_SECRETS }, (_, index) => {
    const secret = secrets[index] ?? '';
    return secret === '' ? { secret: 'no connection has this secret', isReal: false } : { secret, isReal: true };
  });
}

function anyEqual(given: Buffer, expected: readonly { mac: Buffer; isReal: boolean }[]): boolean {
  let isGenuine = false;
  for (const { mac, isReal } of expected) {
    const isEqual = given.length === mac.length && timingSafeEqual(given, mac);
    isGenuine = (isEqual && isReal) || isGenuine;
  }
  return isGenuine;
}
