import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DeskError } from '../../../appservice/desk/errors.ts';
import { signWebhook, verifyWebhook, type WebhookHeaders } from '../../../bots/webhook.ts';

const SECRET = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('another secret, as long..').toString('base64')}`;
const NOW_S = 1_700_000_000;
const BODY = Buffer.from('{"é":1}');

const sign = (secret = SECRET, timestamp = NOW_S, body: Uint8Array = BODY): Record<string, string> =>
  signWebhook({ secret, id: 'msg_1', timestamp, body });

function verify({
  secrets = [SECRET],
  headers = sign(),
  body = BODY,
  now = NOW_S * 1000,
}: { secrets?: string[]; headers?: WebhookHeaders; body?: Uint8Array; now?: number } = {}): Uint8Array {
  return verifyWebhook({ secrets, headers, body, now });
}

function refusal(sent: Parameters<typeof verify>[0]): unknown {
  try {
    verify(sent);
  } catch (error) {
    return error instanceof DeskError ? error.code : error;
  }
  return 'verified';
}

describe('a signed payload', () => {
  it('is the very bytes that were signed', () => {
    expect(verify()).toBe(BODY);
  });

  it('is signed as Standard Webhooks says: HMAC-SHA256 over id, timestamp and body, keyed by the secret’s bytes', () => {
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(`msg_1.${NOW_S}.`).update(BODY).digest('base64');
    expect(sign()['webhook-signature']).toBe(`v1,${expected}`);
  });

  it('agrees with the example of the standard', () => {
    const headers = signWebhook({
      secret: ['whsec', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'].join('_'),
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1_614_265_330,
      body: '{"test": 2432232314}',
    });
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('is genuine under either of two secrets, during a rotation', () => {
    expect(verify({ secrets: [OTHER, SECRET] })).toBe(BODY);
    expect(verify({ secrets: [SECRET, OTHER] })).toBe(BODY);
  });

  it('is genuine when one of several signatures is, whatever the versions of the others', () => {
    const signatures = [sign(OTHER)['webhook-signature'], 'v1a,AAAA', 'v1,short', sign()['webhook-signature']].join(' ');
    expect(verify({ headers: { ...sign(), 'webhook-signature': signatures } })).toBe(BODY);
  });

  it.each([-300, 300])('is accepted with a clock %i s off', (skew) => {
    expect(verify({ headers: sign(SECRET, NOW_S + skew) })).toBe(BODY);
  });
});

describe('a payload is refused', () => {
  it.each([-301, 301])('when its clock is %i s off', (skew) => {
    expect(refusal({ headers: sign(SECRET, NOW_S + skew) })).toBe('auth');
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without the header %s', (name) => {
    expect(refusal({ headers: { ...sign(), [name]: undefined } })).toBe('auth');
    expect(refusal({ headers: { ...sign(), [name]: '' } })).toBe('auth');
  });

  it.each([
    { 'webhook-id': 'msg_2' },
    { 'webhook-timestamp': String(NOW_S + 1) },
    { 'webhook-timestamp': '1.7e9' },
    { 'webhook-timestamp': `${NOW_S}.0` },
  ])('when what was signed is changed: %o', (changed) => {
    expect(refusal({ headers: { ...sign(), ...changed } })).toBe('auth');
  });

  it('when one byte of it changed', () => {
    expect(refusal({ body: Buffer.from('{"é":2}') })).toBe('auth');
  });

  it('when the secret is another, is missing or cannot be read', () => {
    for (const secrets of [[OTHER], [], [''], ['whsec_'], ['whsec_###'], [SECRET.slice('whsec_'.length)]]) {
      expect(refusal({ secrets })).toBe('auth');
    }
  });

  it('when it is signed with what stands in for the secret of an unknown connection', () => {
    const decoy = `whsec_${Buffer.alloc(32, 'no connection has this secret').toString('base64')}`;
    expect(refusal({ secrets: [], headers: sign(decoy) })).toBe('auth');
    expect(refusal({ secrets: [SECRET], headers: sign(decoy) })).toBe('auth');
  });
});

describe('an unknown connection', () => {
  it('costs as much as a known one', () => {
    const body = Buffer.alloc(200_000, 'x');
    const headers = sign(OTHER, NOW_S, body);
    const cost = (secrets: string[]): number => {
      const spent = Array.from({ length: 40 }, () => {
        const from = performance.now();
        refusal({ secrets, headers, body });
        return performance.now() - from;
      });
      return spent.sort((a, b) => a - b)[2] ?? 0; // quick ones: what else runs here only makes them slower
    };
    const [unknown, known, rotating] = [cost([]), cost([SECRET]), cost([SECRET, SECRET])];
    expect(unknown / known).toBeGreaterThan(0.6);
    expect(unknown / known).toBeLessThan(1.7);
    expect(rotating / known).toBeLessThan(1.7);
  });
});
