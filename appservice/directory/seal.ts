/** Seals what the record keeps for a person, AES-256-GCM with the record key: nonce (12 bytes), tag (16), text. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** `use` binds the sealed text to where it stands: what is moved to another row opens nowhere. */
export function sealText(text: string, { key, use }: { key: Buffer; use: string }): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(use));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Undefined when it was sealed with another key or for another use. */
export function openText(sealed: Buffer, { key, use }: { key: Buffer; use: string }): string | undefined {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE)).setAAD(Buffer.from(use));
    decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
  } catch {
    return undefined; // the row outlived its key: as good as none
  }
}
