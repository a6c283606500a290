import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pause, until } from '../support/guarded.ts';
import { CONNECTIONS, event, HooksBed, type Sent } from '../support/hooks-bed.ts';

let bed: HooksBed;
beforeAll(async () => {
  bed = await HooksBed.start();
  await bed.addMember('claire.morel', { mail: 'claire.morel@ville-claire.example' });
});
afterAll(() => bed.stop());
afterEach(async () => {
  bed.isReady = true;
  bed.onStep = undefined;
  await pause(50); // it is said after the answer
  bed.told.length = 0;
});

const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const secretOf = (id: string, which = 0): string => CONNECTIONS.find((one) => one.id === id)?.secrets[which] ?? '';
const nowS = (): number => Math.floor(Date.now() / 1000);

/** What was said of a connection, once that is so much. */
async function told(connection: string, count = 1): Promise<string[]> {
  const said = (): string[] => bed.told.flatMap(([id, what]) => (id === connection ? [what] : []));
  return (await until(() => Promise.resolve(said().length >= count ? said() : undefined))) ?? said();
}

describe('a post', () => {
  it('is answered 202 with its counts', async () => {
    const answer = await bed.post('gta', event());
    expect(answer).toMatchObject({ status: 202, json: { accepted: 1, duplicates: 0, ignored: 0, waiting: 0 } });
    expect(Object.keys(answer.json)).toHaveLength(4);
    expect(await told('gta')).toContain('accepted');
  });

  it('is answered the same whatever the query', async () => {
    expect((await bed.post('gta', event(), { path: '/hooks/gta?connection=astre&to=x' })).status).toBe(202);
  });

  it('may be signed with either of two secrets', async () => {
    expect((await bed.post('parapheur', event(), { secret: secretOf('parapheur', 0) })).status).toBe(202);
    expect((await bed.post('parapheur', event(), { secret: secretOf('parapheur', 1) })).status).toBe(202);
  });

  it('may say its charset', async () => {
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"']) {
      const headers = { 'content-type': `application/cloudevents+json; charset=${charset}` };
      expect((await bed.post('gta', event(), { headers })).status).toBe(202);
    }
  });

  it('of an empty batch is accepted with zeros', async () => {
    expect(await bed.postBatch('gta', [])).toMatchObject({ status: 202, json: { accepted: 0, duplicates: 0, ignored: 0, waiting: 0 } });
  });
});

describe('a post that is not genuine', () => {
  const refused: [string, Sent][] = [
    ['unsigned', { unsigned: true }],
    ['signed with another connection’s secret', { secret: `whsec_${Buffer.from('somebody else').toString('base64')}` }],
    ['too old', { timestamp: nowS() - 400 }],
    ['from the future', { timestamp: nowS() + 400 }],
    ['with another id than was signed', { headers: { 'webhook-id': 'msg_other' } }],
  ];
  it.each(refused)('is refused 401 when it is %s', async (_, sent) => {
    const answer = await bed.post('gta', event(), sent);
    expect(answer).toMatchObject({ status: 401, json: { status: 401 } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(await told('gta')).toEqual(['bad_signature']);
  });

  it('is answered as an unknown connection is, word for word, whatever else is wrong with it', async () => {
    const strip = ({ status, headers, text }: { status: number; headers: Record<string, unknown>; text: string }) => ({
      status,
      text,
      headers: { ...headers, date: '' },
    });
    const wrong: Sent[] = [
      {},
      { unsigned: true },
      { headers: { 'content-type': 'text/plain' } },
      { headers: { 'content-encoding': 'gzip' } },
    ];
    for (const sent of wrong) {
      const unknown = strip(await bed.send('nowhere', 'not json', sent));
      expect(unknown.status).toBe(401);
      for (const id of ['gta', 'courrier', 'parapheur']) {
        expect(strip(await bed.send(id, 'not json', { ...sent, secret: secretOf('astre') }))).toEqual(unknown);
      }
    }
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('tells nothing of which connections there are: %s', async (method) => {
    const [known, retired, unknown] = await Promise.all(
      ['gta', 'courrier', 'nowhere'].map((id) => bed.exchange({ method, path: `/hooks/${id}`, headers: {} })),
    );
    expect(known).toMatchObject({ status: unknown?.status, text: unknown?.text });
    expect(retired).toMatchObject({ status: unknown?.status, text: unknown?.text });
  });

  it('is not stored', async () => {
    const sent = event({ item: { key: 'forged' } });
    await bed.post('gta', sent, { secret: secretOf('astre') });
    expect(await bed.store.selectFrom('work.items').select('key').where('key', 'like', '%forged').execute()).toEqual([]);
    expect(await bed.store.selectFrom('record.rejected').select('id').execute()).toEqual([]);
  });
});

describe('the order of checks', () => {
  it('is size, signature, retired, content type, events, content, delivery ids', async () => {
    const statuses = async (...wrong: Promise<{ status: number }>[]): Promise<number[]> =>
      (await Promise.all(wrong)).map(({ status }) => status);
    const huge = 'x'.repeat(5_000_001);
    const used = event();
    await bed.post('gta', used);
    const reused = { ...used, type: 'other' };
    expect(
      await statuses(
        bed.send('nowhere', huge, { unsigned: true }),
        bed.send('courrier', 'not json', { unsigned: true }),
        bed.send('courrier', 'not json', { headers: { 'content-type': 'text/plain' } }),
        bed.send('gta', JSON.stringify(Array.from({ length: 501 }, () => 1)), { headers: { ...BATCH, 'content-encoding': 'gzip' } }),
        bed.send('gta', JSON.stringify([...Array.from({ length: 500 }, () => ({})), reused]), { headers: BATCH }),
        bed.postBatch('gta', [{}, reused]),
        bed.postBatch('gta', [event(), reused]),
      ),
    ).toEqual([413, 401, 410, 415, 413, 400, 409]);
  });

  it('lets 5,000,000 bytes pass and no byte more', async () => {
    const body = (bytes: number): Buffer => Buffer.concat([Buffer.from(JSON.stringify([event()])), Buffer.alloc(bytes, ' ')], bytes);
    expect((await bed.send('gta', body(5_000_000), { headers: BATCH })).status).toBe(202);
    expect((await bed.send('gta', body(5_000_001), { headers: BATCH })).status).toBe(413);
  });

  it('refuses one event above 1 MB with 413, in a batch with 400 and its index', async () => {
    const large = event({ item: { title: 'x'.repeat(1_000_000) } });
    expect((await bed.post('gta', large)).status).toBe(413);
    expect(await bed.postBatch('gta', [event(), large])).toMatchObject({ status: 400, json: { errors: [{ pointer: '/1' }] } });
  });

  it('shortens a title of nearly 1 MB', async () => {
    const answer = await bed.post('gta', event({ item: { key: 'long', title: 'é'.repeat(490_000) } }));
    expect(answer.status).toBe(202);
    const { content } = await bed.store
      .selectFrom('work.placements')
      .select('content')
      .where('key', '=', 'gta:gta:long')
      .executeTakeFirstOrThrow();
    expect(content.title).toBe(`${'é'.repeat(199)}…`);
  });
});

describe('content types', () => {
  const refused = [
    'application/json',
    'application/cloudevents',
    'text/plain',
    'application/cloudevents+json; charset=iso-8859-1',
    'application/cloudevents+xml',
  ];
  it.each(refused)('other than the two are refused 415: %s', async (type) => {
    expect(await bed.post('gta', event(), { headers: { 'content-type': type } })).toMatchObject({ status: 415, json: { status: 415 } });
  });

  it('in binary mode are refused: their attributes would not be signed', async () => {
    const headers = { 'content-type': 'application/json', 'ce-id': '1', 'ce-source': 's', 'ce-type': 't', 'ce-specversion': '1.0' };
    expect((await bed.post('gta', event(), { headers })).status).toBe(415);
  });

  it.each(['gzip', 'br', 'identity'])('packed as %s are refused', async (encoding) => {
    expect((await bed.post('gta', event(), { headers: { 'content-encoding': encoding } })).status).toBe(415);
  });
});

describe('a delivery id', () => {
  it('used again with the same event is a duplicate, however it is written', async () => {
    const sent = event();
    await bed.post('gta', sent);
    const turned = Object.fromEntries(Object.entries(sent).reverse());
    expect(await bed.send('gta', JSON.stringify(turned, null, 2))).toMatchObject({
      status: 202,
      json: { accepted: 0, duplicates: 1, ignored: 0, waiting: 0 },
    });
  });

  it('used again with other content is refused 409, naming the index in a batch, which is refused whole', async () => {
    const [sent, fresh] = [event(), event({ id: `fresh-${randomUUID()}` })];
    await bed.post('gta', sent);
    const other = { ...sent, type: 'other' };
    expect(await bed.post('gta', other)).toMatchObject({ status: 409, json: { errors: [{ pointer: '' }] } });
    expect(await bed.postBatch('gta', [fresh, other])).toMatchObject({ status: 409, json: { errors: [{ pointer: '/1' }] } });
    expect(await bed.post('gta', fresh)).toMatchObject({ status: 202, json: { accepted: 1 } });
  });

  it('twice in one batch is a duplicate or a conflict too', async () => {
    const sent = event();
    expect(await bed.postBatch('gta', [sent, { ...sent, type: 'other' }])).toMatchObject({
      status: 409,
      json: { errors: [{ pointer: '/1' }] },
    });
    expect(await bed.postBatch('gta', [sent, sent])).toMatchObject({ status: 202, json: { accepted: 1, duplicates: 1 } });
  });

  it('is one per connection and source', async () => {
    const sent = event({ item: { key: 'ids', revision: null } });
    for (const [id, more] of [
      ['gta', {}],
      ['parapheur', {}],
      ['gta', { source: 'urn:other' }],
    ] as const) {
      expect(await bed.post(id, { ...sent, ...more })).toMatchObject({ status: 202, json: { duplicates: 0 } });
    }
  });

  it('five times at once, and again, is accepted once', async () => {
    const sent = event();
    const answers = await Promise.all(Array.from({ length: 5 }, () => bed.post('gta', sent)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(answers.reduce((sum, { json }) => sum + Number(json.accepted), 0)).toBe(1);
    expect(answers.reduce((sum, { json }) => sum + Number(json.duplicates), 0)).toBe(4);
  });
});

describe('a signed body that cannot be used', () => {
  it('is answered 400 with pointers, and kept sealed for the admin with the reason, once', async () => {
    const body = JSON.stringify({ ...event({ item: { title: 'Secret de Claire', count: 0.5 } }), specversion: '2' });
    for (const _ of [1, 2]) {
      const answer = await bed.send('gta', body);
      expect(answer).toMatchObject({ status: 400, json: { errors: [{ pointer: '/specversion' }, { pointer: '/data/item/count' }] } });
      expect(answer.text).not.toContain('Claire');
    }
    const rows = await bed.store.selectFrom('record.rejected').selectAll().where('connection', '=', 'gta').execute();
    const kept = rows.filter(({ reason }) => JSON.stringify(reason).includes('/data/item/count'));
    expect(kept).toHaveLength(1);
    expect(kept[0]?.sealed.includes('Claire')).toBe(false);
    expect(await told('gta', 2)).toEqual(['invalid', 'invalid']);
  });
});

describe('the rest of the door', () => {
  it('shakes hands as CloudEvents webhooks do, and grants nothing to nobody', async () => {
    const headers = { 'webhook-request-origin': 'gta.ville-claire.example', 'webhook-request-callback': 'http://127.0.0.1:1/' };
    const granted = await bed.exchange({ method: 'OPTIONS', path: '/hooks/gta', headers });
    expect(granted).toMatchObject({
      status: 200,
      headers: { allow: 'POST, OPTIONS', 'webhook-allowed-origin': 'gta.ville-claire.example', 'webhook-allowed-rate': '*' },
    });
    const { headers: bare } = await bed.exchange({ method: 'OPTIONS', path: '/hooks/gta', headers: {} });
    expect(Object.keys(bare).filter((name) => name.startsWith('webhook'))).toEqual([]);
  });

  it('serves the schema of data, never as a 304', async () => {
    const served = await bed.exchange({
      method: 'GET',
      path: '/hooks/schema.json',
      headers: { 'if-none-match': '*', 'if-modified-since': new Date().toUTCString() },
    });
    expect(served.status).toBe(200);
    expect(served.json).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
    expect(served.text).not.toContain('additionalProperties":false');
  });

  it('never redirects and knows no other address', async () => {
    for (const path of ['/hooks', '/hooks/', '/hooks/gta/', '/hooks/gta/x', '/hooks/%ff', '/hooks//gta']) {
      const { status } = await bed.exchange({ method: 'POST', path, headers: {} });
      expect([401, 404]).toContain(status);
    }
  });

  it('answers 503 with Retry-After while starting, and nothing else', async () => {
    bed.isReady = false;
    for (const path of ['/hooks/gta', '/hooks/nowhere', '/hooks/courrier', '/hooks/x/y', '/hooks/schema.json']) {
      expect(await bed.exchange({ method: 'POST', path, headers: {} })).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    }
  });

  it('answers 503 with Retry-After when the store cannot commit, and accepts the same afterwards', async () => {
    const sent = event();
    bed.onStep = () => {
      throw new Error('the disk is full');
    };
    expect(await bed.post('gta', sent)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    bed.onStep = undefined;
    expect(await bed.post('gta', sent)).toMatchObject({ status: 202, json: { accepted: 1 } });
  });

  it('answers 429 with Retry-After to a connection that does not wait', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((done) => (release = done));
    bed.onStep = () => held;
    const refused: unknown[] = [];
    const flood = Array.from({ length: 1100 }, async () => {
      const { status, headers } = await bed.post('gta', event());
      if (status === 429 && refused.push(headers['retry-after']) === 100) release();
      return status;
    });
    expect((await Promise.all(flood)).filter((status) => status === 202)).toHaveLength(1000);
    expect(refused).toEqual(Array.from({ length: 100 }, () => '1'));
    expect((await bed.post('gta', event())).status).toBe(202);
  });

  it('counts answers and unknown fields', async () => {
    await bed.post('astre', event({ item: { revision: 1, colour: 'red', shape: 'round' } }));
    const metrics = await bed.registry.metrics();
    expect(metrics).toContain('ecritoire_hook_unknown_fields_total{connection="astre"} 2');
    expect(metrics).toContain('ecritoire_hook_answers_total{connection="astre",status="202"} 1');
    expect(metrics).toMatch(/ecritoire_hook_answers_total\{connection="unknown",status="401"\} \d+/);
  });
});
