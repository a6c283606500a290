/**
 * What is kept aside is sealed: AES-256-GCM under keys derived from the configuration's `recordKey`. A sealed value is
 * bound to its place (`context`), so that a row copied elsewhere in the database does not open there.
 * Layout: version (1 byte), nonce (12), tag (16), ciphertext.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { DeskError } from '#desk/errors.ts';

const VERSION = 1;
const NONCE_BYTES = 12; // what GCM was made for
const TAG_BYTES = 16;

/** One key per purpose, made from the 32 bytes of the configuration; kept because HKDF at every row would cost more than the row. */
const derived = new WeakMap<Buffer, Map<string, Buffer>>();

function keyFor(recordKey: Buffer, purpose: string): Buffer {
  const keys = derived.get(recordKey) ?? new Map<string, Buffer>();
  derived.set(recordKey, keys);
  const known = keys.get(purpose) ?? Buffer.from(hkdfSync('sha256', recordKey, '', `ecritoire ${purpose}`, 32));
  keys.set(purpose, known);
  return known;
}

/** Seals bytes; `context` names the place they are kept at (`record.waiting town mail-hash key`). */
export function seal(recordKey: Buffer, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFor(recordKey, 'seal'), nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed]);
}

/** Opens what `seal` made with the same key and context; throws `config` for anything else (most often another recordKey). */
export function unseal(recordKey: Buffer, sealed: Buffer, context: string): Buffer {
  try {
    if (sealed[0] !== VERSION) {
      throw new RangeError('unknown version of a sealed value');
    }
    const tagAt = 1 + NONCE_BYTES;
    const textAt = tagAt + TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', keyFor(recordKey, 'seal'), sealed.subarray(1, tagAt), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(tagAt, textAt));
    return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]);
  } catch (cause) {
    throw new DeskError('config', 'A sealed value does not open with this recordKey', { cause });
  }
}

/** A keyed hash in hex: finds a value again without telling it. `purpose` keeps hashes of different tables apart. */
export function keyedHash(recordKey: Buffer, purpose: string, parts: readonly string[]): string {
  return createHmac('sha256', keyFor(recordKey, purpose)).update(JSON.stringify(parts)).digest('hex');
}
