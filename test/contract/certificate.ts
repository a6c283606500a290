/** A certificate of our own making, as old as one likes: X.509 (RFC 5280) written by hand, since Node makes none. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

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

/** For `localhost` and 127.0.0.1, signed by itself: whoever shall trust it is given `cert` as an authority. */
export function makeCertificate({ from, until }: { from: Date; until: Date }): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const commonName = Buffer.from(`essai ${createHash('sha256').update(spki).digest('hex').slice(0, 8)}`);
  const name = sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, commonName))));
  const names = sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, Buffer.from([127, 0, 0, 1])));
  const serial = Buffer.from([1, ...randomBytes(8)]);
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ECDSA_SHA256,
    name,
    sequence(time(from), time(until)),
    name,
    spki,
    tlv(0xa3, sequence(sequence(ALTERNATIVE_NAMES, tlv(0x04, names)))),
  );
  const der = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, privateKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

const YEAR_MS = 365 * 86_400_000;

export const expiredCertificate = (): { key: string; cert: string } =>
  makeCertificate({ from: new Date(Date.now() - 2 * YEAR_MS), until: new Date(Date.now() - YEAR_MS) });
