import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GITHUB, type MacForm, type MacRequest, NEXTCLOUD_TALK, verifyMac, verifySharedSecret } from '../../../bots/webhook.ts';

const SECRET = 'un secret partagé avec l’outil';
const BODY = Buffer.from('{"event":"créé"}');
const mac = (secret: string, ...parts: readonly (string | Buffer)[]): Buffer =>
  parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', secret)).digest();

/** Each form with a request that is genuine under it. */
const FORMS: readonly [name: string, form: MacForm, headers: Record<string, string>][] = [
  ['GitHub’s', GITHUB, { 'x-hub-signature-256': `sha256=${mac(SECRET, BODY).toString('hex')}` }],
  ['a bare one in hex', { header: 'x-webhook-signature-sha256' }, { 'x-webhook-signature-sha256': mac(SECRET, BODY).toString('hex') }],
  ['one in base64', { header: 'x-signature', encoding: 'base64' }, { 'x-signature': mac(SECRET, BODY).toString('base64') }],
  [
    'Nextcloud Talk’s',
    NEXTCLOUD_TALK,
    { 'x-nextcloud-talk-random': 'alea', 'x-nextcloud-talk-signature': mac(SECRET, 'alea', BODY).toString('hex') },
  ],
];
const refused = expect.objectContaining({ code: 'auth' }) as unknown;

describe.each(FORMS)('a signature, %s,', (_, form, headers) => {
  const genuine: MacRequest = { secrets: [SECRET], headers, body: BODY };

  it('gives the very bytes that were signed, under the current secret or the one before', () => {
    expect(verifyMac(genuine, form)).toBe(BODY);
    expect(verifyMac({ ...genuine, secrets: ['le suivant', SECRET] }, form)).toBe(BODY);
  });

  it.each<[string, (of: MacRequest) => MacRequest]>([
    ['without its header', (of) => ({ ...of, headers: {} })],
    ['with its header twice', (of) => ({ ...of, headers: { ...of.headers, [form.header]: [headers[form.header] ?? '', 'autre'] } })],
    ['with an empty header', (of) => ({ ...of, headers: { ...of.headers, [form.header]: form.prefix ?? '' } })],
    ['with a shorter one', (of) => ({ ...of, headers: { ...of.headers, [form.header]: (headers[form.header] ?? '').slice(0, -4) } })],
    ['with one byte of the body changed', (of) => ({ ...of, body: Buffer.from(BODY.toString().replace('créé', 'cree')) })],
    ['under another secret', (of) => ({ ...of, secrets: ['autre'] })],
    ['without any secret', (of) => ({ ...of, secrets: [] })],
    ['with an empty secret', (of) => ({ ...of, secrets: [''] })],
  ])('is refused %s', (__, change) => {
    expect(() => verifyMac(change(genuine), form)).toThrow(refused);
  });
});

describe('signatures', () => {
  it('agree with GitHub’s own example', () => {
    const headers = { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' };
    const body = Buffer.from('Hello, World!');
    expect(verifyMac({ secrets: ["It's a Secret to Everybody"], headers, body }, GITHUB)).toBe(body);
  });

  it('of Nextcloud Talk cover their random text', () => {
    const headers = { 'x-nextcloud-talk-random': 'autre', 'x-nextcloud-talk-signature': mac(SECRET, 'alea', BODY).toString('hex') };
    expect(() => verifyMac({ secrets: [SECRET], headers, body: BODY }, NEXTCLOUD_TALK)).toThrow(refused);
  });

  it('under what stands in for a missing secret are refused', () => {
    const headers = { 'x-signature': mac('no connection has this secret', BODY).toString('hex') };
    expect(() => verifyMac({ secrets: [], headers, body: BODY }, { header: 'x-signature' })).toThrow(refused);
  });
});

describe('a secret that is only repeated', () => {
  it('lets its bearer in, and nobody else', () => {
    const request = (value?: string): MacRequest => ({
      secrets: [SECRET],
      headers: value === undefined ? {} : { 'x-secret': value },
      body: BODY,
    });
    const latin = Buffer.from(SECRET).toString('latin1'); // as Node gives headers
    expect(verifySharedSecret({ ...request('abc'), secrets: ['abc'] }, { header: 'x-secret' })).toBe(BODY);
    expect(verifySharedSecret({ ...request('Bearer abc'), secrets: ['abc'] }, { header: 'x-secret', prefix: 'Bearer ' })).toBe(BODY);
    for (const wrong of [undefined, '', 'autre', latin.slice(1)])
      expect(() => verifySharedSecret(request(wrong), { header: 'x-secret' })).toThrow(refused);
    expect(() => verifySharedSecret({ ...request('no connection has this secret'), secrets: [] }, { header: 'x-secret' })).toThrow(refused);
  });
});
