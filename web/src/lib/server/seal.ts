/**
 * Sealed texts for cookies: JWE, direct A256GCM. The first key seals, all keys open, so that keys can be changed while
 * people are signed in. `use` is written inside (as `typ`): what was sealed for one use is nothing for another.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { CompactEncrypt, compactDecrypt } from 'jose';

const LARGEST = 64 * 1024; // bytes once unpacked; ours stay below 6 kB

export type SealKeys = readonly Uint8Array[];

/** Keys as the configuration has them: 32 bytes each, base64, the current one first. */
export function sealKeys(cookieKeys: readonly string[]): SealKeys {
  return cookieKeys.map((key) => new Uint8Array(Buffer.from(key, 'base64')));
}

export async function seal(value: unknown, { keys, use }: { keys: SealKeys; use: string }): Promise<string> {
  const [current] = keys;
  if (current === undefined) {
    throw new TypeError('No key to seal with');
  }
  const text = deflateRawSync(JSON.stringify(value)); // a session of many desks must fit into a cookie
  return new CompactEncrypt(text).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: use }).encrypt(current);
}

/** Undefined for everything that we did not seal for this use with one of these keys: altered, foreign, nonsense. */
export async function unseal(sealed: string, { keys, use }: { keys: SealKeys; use: string }): Promise<unknown> {
  for (const key of keys) {
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return protectedHeader.typ === use ? JSON.parse(inflateRawSync(plaintext, { maxOutputLength: LARGEST }).toString('utf8')) : undefined;
    } catch {
      // the next key, if there is one
    }
  }
  return undefined;
}
