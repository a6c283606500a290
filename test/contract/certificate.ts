/** A certificate of our own making, as old as one likes: X.509 (RFC 5280) written by hand, since Node makes none. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
const bits = (bytes: Buffer): Buffer => tlv(0x03, Buffer.from([0]), bytes);
const time = (at: Date): Buffer => tlv(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const ALTERNATIVE_NAMES = oid('551d11');
const BASIC_CONSTRAINTS = oid('551d13');

export type Certified = { key: string; cert: string };
type Life = { from: Date; until: Date };
type Signer = { name: Buffer; key: KeyObject };
type Pair = { publicKey: KeyObject; privateKey: KeyObject };

const makePair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spkiOf = ({ publicKey }: Pair): Buffer => publicKey.export({ type: 'spki', format: 'der' });

function nameOf(pair: Pair): Buffer {
  const commonName = Buffer.from(`essai ${createHash('sha256').update(spkiOf(pair)).digest('hex').slice(0, 8)}`);
  return sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, commonName))));
}

/** Names as a certificate lists them; 127.0.0.1 beside `localhost`. */
function namesIn(host: string): Buffer {
  const names = [tlv(0x82, Buffer.from(host)), ...(host === 'localhost' ? [tlv(0x87, Buffer.from([127, 0, 0, 1]))] : [])];
  return sequence(ALTERNATIVE_NAMES, tlv(0x04, sequence(...names)));
}

function certify(pair: Pair, { from, until, by, extension }: Life & { by: Signer; extension: Buffer }): Certified {
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1, ...randomBytes(8)])),
    ECDSA_SHA256,
    by.name,
    sequence(time(from), time(until)),
    nameOf(pair),
    spkiOf(pair),
    tlv(0xa3, sequence(extension)),
  );
  const der = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, by.key)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

/** For `localhost` and 127.0.0.1, signed by itself: whoever shall trust it is given `cert` as an authority. */
export function makeCertificate(life: Life): Certified {
  const pair = makePair();
  return certify(pair, { ...life, by: { name: nameOf(pair), key: pair.privateKey }, extension: namesIn('localhost') });
}

/** An authority of our own: its certificate, and what it signs for a host. */
export function makeAuthority(): { cert: string; issue: (host: string, life?: Life) => Certified } {
  const pair = makePair();
  const by = { name: nameOf(pair), key: pair.privateKey };
  const extension = sequence(BASIC_CONSTRAINTS, tlv(0x04, Buffer.from('30030101ff', 'hex')));
  const { cert } = certify(pair, { ...thisYear(), by, extension });
  return { cert, issue: (host, life = thisYear()) => certify(makePair(), { ...life, by, extension: namesIn(host) }) };
}

const YEAR_MS = 365 * 86_400_000;
export const thisYear = (): Life => ({ from: new Date(Date.now() - YEAR_MS / 2), until: new Date(Date.now() + YEAR_MS / 2) });
export const longAgo = (): Life => ({ from: new Date(Date.now() - 2 * YEAR_MS), until: new Date(Date.now() - YEAR_MS) });

export const expiredCertificate = (): Certified => makeCertificate(longAgo());
