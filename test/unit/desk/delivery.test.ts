import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type BodyError, type Contract, type Delivery, readDeliveries, type Reading } from '../../../appservice/desk/delivery.ts';

const BY_TIME: Contract = {
  bot: 'gta',
  connection: 'conges',
  order: 'time',
  hosts: ['tool.example', 'other.example:8443'],
  hasCallback: true,
};
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

type Parts = { item?: Record<string, unknown>; data?: Record<string, unknown> } & Record<string, unknown>;

function event({ item = {}, data = {}, ...attributes }: Parts = {}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: 'a',
    source: 'urn:test',
    type: 'fr.test',
    time: '2026-11-20T09:14:03Z',
    ...attributes,
    data: { op: 'upsert', to: [{ mail: 'Claire@Ville.example' }], item: { key: 'k', title: 'Titre', ...item }, ...data },
  };
}

function read(body: unknown, { mode = 'one', contract = {} }: { mode?: 'one' | 'batch'; contract?: Partial<Contract> } = {}): Reading {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readDeliveries(bytes, { mode, contract: { ...BY_TIME, ...contract }, digest });
}

function delivered(body: unknown, options: Parameters<typeof read>[1] = {}): Delivery {
  const reading = read(body, options);
  const [delivery] = reading.kind === 'deliveries' ? reading.deliveries : [];
  if (!delivery) throw new Error(JSON.stringify(reading));
  return delivery;
}

function itemOf(parts: Parts, options: Parameters<typeof read>[1] = {}) {
  const { change } = delivered(event(parts), options);
  if (change.op !== 'upsert') throw new Error('not an upsert');
  return change.item;
}

function errorsOf(body: unknown, options: Parameters<typeof read>[1] = {}): BodyError[] {
  const reading = read(body, options);
  if (reading.kind !== 'invalid') throw new Error(JSON.stringify(reading).slice(0, 500));
  return reading.errors;
}

const pointersOf = (body: unknown, options: Parameters<typeof read>[1] = {}): string[] =>
  errorsOf(body, options).map(({ pointer }) => pointer);
const itemPointers = (item: Record<string, unknown>): string[] => pointersOf(event({ item }));

describe('an event', () => {
  it('becomes a delivery with the defaults of the contract', () => {
    expect(delivered(event())).toMatchObject({
      source: 'urn:test',
      id: 'a',
      key: 'gta:conges:k',
      revision: Date.parse('2026-11-20T09:14:03Z'),
      change: { op: 'upsert', to: [{ kind: 'mail', value: 'claire@ville.example' }] },
    });
    expect(itemOf({})).toMatchObject({
      kind: 'autre',
      severity: 'normal',
      state: 'todo',
      updatedAt: '2026-11-20T09:14:03Z',
      people: [],
      actions: [],
    });
  });

  it('takes null for an optional field as absent', () => {
    const item = {
      summary: null,
      kind: null,
      dueAt: null,
      people: null,
      documents: null,
      actions: null,
      severity: null,
      count: null,
      revision: null,
      url: null,
    };
    expect(itemOf({ item, subject: null, datacontenttype: null, data_base64: null })).toEqual(itemOf({}));
  });

  it('leaves out unknown fields and counts them, attributes aside', () => {
    const reading = read(
      event({ comexample: 'x', item: { colour: 'red', people: [{ role: 'by', shoe: 43 }] }, data: { op: 'upsert', more: { a: 1, b: 2 } } }),
    );
    expect(reading).toMatchObject({ kind: 'deliveries', unknownFields: 3 });
    expect(JSON.stringify(reading)).not.toMatch(/colour|shoe|more/);
  });

  it('has one digest however it is written', () => {
    const text =
      '{"id":"a","source":"urn:test","specversion":"1.0","type":"fr.test","time":"2026-11-20T09:14:03Z","data":{"op":"close","item":{"key":"k","count":3.0}}}';
    const other =
      '{ "data":{"item":{"count":3,"k\\u0065y":"k"},"op":"close"}, "specversion":"1.0","id":"a","type":"fr.test","source":"urn:test","time":"2026-11-20T09:14:03Z"}';
    expect(delivered(other).digest).toBe(delivered(text).digest);
  });

  it('says the same under another id, whatever the writing of its instant', () => {
    const one = delivered(event({ id: 'one' }));
    const two = delivered(event({ id: 'two', time: '2026-11-20T10:14:03.000+01:00' }));
    expect([two.contentDigest, two.revision]).toEqual([one.contentDigest, one.revision]);
    expect(two.digest).not.toBe(one.digest);
  });

  it.each(['specversion', 'id', 'source', 'type', 'time', 'data'])('is refused without %s, which is pointed to itself', (name) => {
    expect(errorsOf({ ...event(), [name]: undefined })).toEqual([{ pointer: `/${name}`, detail: 'obligatoire' }]);
  });

  it.each([
    ['/specversion', { specversion: '0.3' }],
    ['/data_base64', { data_base64: 'e30=' }],
    ['/subject', { subject: '' }],
    ['/datacontenttype', { datacontenttype: 'application/xml' }],
    ['/datacontenttype', { datacontenttype: 'application/json; charset=latin1' }],
    ['/source', { source: '' }],
    ['/id', { id: 'x'.repeat(501) }],
    ['/type', { type: 'x'.repeat(201) }],
    ['/id', { id: 'a\u202eb' }],
    ['/time', { time: '2026-11-20T09:14:03' }],
    ['/time', { time: '2026-11-20t09:14:03z' }],
    ['/time', { time: '2026-02-30T09:14:03Z' }],
    ['/time', { time: '1969-12-31T23:59:59Z' }],
    ['/data/op', { data: { op: 'delete' } }],
    ['/data/to', { data: { to: undefined } }],
    ['/data/to', { data: { to: [] } }],
    ['/data/to', { data: { to: Array.from({ length: 201 }, (_, index) => ({ uid: `u${index}` })) } }],
    ['/data/item', { data: { item: undefined } }],
  ])('is refused at %s: %o', (pointer, parts) => {
    expect(pointersOf(event(parts))).toEqual([pointer]);
  });

  it('accepts a leap second, 500 characters of id and a charset of its data', () => {
    expect(
      delivered(event({ time: '2016-12-31T23:59:60Z', id: '🜁'.repeat(500), datacontenttype: 'application/json; charset=UTF-8' })).revision,
    ).toBe(Date.parse('2017-01-01T00:00:00Z'));
  });
});

describe('an item', () => {
  it.each([
    ['/data/item/key', { key: '' }],
    ['/data/item/key', { key: 'x'.repeat(201) }],
    ['/data/item/key', { key: 'a\u0000b' }],
    ['/data/item/kind', { kind: 'a\nb' }],
    ['/data/item/dossier', { dossier: 'x'.repeat(201) }],
    ['/data/item/title', { title: undefined }],
    ['/data/item/title', { title: ' \u200e\t ' }],
    ['/data/item/title', { title: 12 }],
    ['/data/item/count', { count: 1.5 }],
    ['/data/item/count', { count: -1 }],
    ['/data/item/count', { count: 2 ** 53 }],
    ['/data/item/severity', { severity: 'high' }],
    ['/data/item/state', { state: 'open' }],
    ['/data/item/dueAt', { dueAt: '2026-11-27T17:00:00' }],
    ['/data/item/dueAt', { dueAt: '27/11/2026' }],
    ['/data/item/createdAt', { createdAt: '2026-11-27' }],
    ['/data/item/people', { people: Array.from({ length: 51 }, () => ({ role: 'by' })) }],
    ['/data/item/people/0', { people: [{ role: 'by', uid: 'a', mail: 'a@b.example' }] }],
    ['/data/item/people/1/role', { people: [{ role: 'by' }, { name: 'Paul' }] }],
    ['/data/item/documents', { documents: Array.from({ length: 51 }, () => ({ name: 'a', url: 'https://tool.example/a' })) }],
    ['/data/item/documents/0/url', { documents: [{ name: 'a' }] }],
    ['/data/item/documents/0/size', { documents: [{ name: 'a', url: 'https://tool.example/a', size: 0.5 }] }],
    ['/data/item/revision', { revision: 3 }],
  ])('is refused at %s: %o', (pointer, item) => {
    expect(itemPointers(item)).toEqual([pointer]);
  });

  it('keeps identifiers as they are and cleans prose', () => {
    const item = {
      key: ' <b>k</b> ',
      kind: 'Congé ',
      title: '<script>alert(1)</script>\r\n\tde\u202e la\u0007 paie ',
      summary: '🜁'.repeat(501),
      place: '\u200f',
    };
    const read = itemOf({ item });
    expect(read).toMatchObject({
      key: 'gta:conges: <b>k</b> ',
      kind: 'Congé ',
      title: '<script>alert(1)</script> de la paie',
      summary: `${'🜁'.repeat(499)}…`,
    });
    expect(read.place).toBeUndefined();
  });

  it('counts 200 characters as people do', () => {
    expect(itemOf({ item: { key: '🜁'.repeat(200), title: '🜁'.repeat(200) } }).title).toBe('🜁'.repeat(200));
  });

  it('has the revision of its connection’s order', () => {
    const contract = { order: 'revision' as const };
    expect(delivered(event({ item: { revision: 7 } }), { contract }).revision).toBe(7);
    expect(pointersOf(event(), { contract })).toEqual(['/data/item/revision']);
    expect(pointersOf({ ...event(), data: { op: 'close', item: { key: 'k' } } }, { contract })).toEqual(['/data/item/revision']);
  });
});

describe('a link', () => {
  const accepted = [
    'https://tool.example/@nom?a=@#@',
    'https://tool.example/a?b#c',
    'https://TOOL.example:443/',
    'https://other.example:8443/',
    'http://localhost:3000/x',
    'http://127.0.0.1/',
    'http://[::1]:80/',
    'http://desk.localhost/',
  ];
  it.each(accepted)('is kept as it was written: %s', (url) => {
    expect(itemOf({ item: { url } }).url).toBe(url);
  });

  const refused = [
    ...[
      'http://tool.example/',
      'https://other.example/',
      'https://tool.example:444/',
      'https://evil.example/',
      'https://tool.example.evil.example/',
    ],
    ...[
      'https://user@tool.example/',
      'https://a:b@tool.example/',
      'https://@tool.example/',
      'https:///tool.example/',
      'https://tool.example\\@evil.example/',
      'https:/tool.example',
      '//tool.example/',
    ],
    ...[
      'javascript:alert(1)',
      'https://tool.example/\n',
      ' https://tool.example/',
      'https://tool.example/\u202e',
      'https://localhost/',
      'http://0.0.0.0/',
      '',
    ],
    `https://tool.example/${'x'.repeat(2000)}`,
  ];
  it.each(refused)('is refused: %j', (url) => {
    expect(itemPointers({ url })).toEqual(['/data/item/url']);
    expect(itemPointers({ joinUrl: url })).toEqual(['/data/item/joinUrl']);
    expect(itemPointers({ documents: [{ name: 'a', url }] })).toEqual(['/data/item/documents/0/url']);
    expect(itemPointers({ actions: [{ id: 'a', label: 'A', risk: 'red', href: url }] })).toEqual(['/data/item/actions/0/href']);
  });
});

describe('addressees', () => {
  const to = (...list: unknown[]) => event({ data: { to: list } });

  it('are compared without the case of a mail, each once, with the first reason', () => {
    const { change } = delivered(
      to(
        { mail: 'A@b.example', reason: 'un' },
        { mail: 'a@B.example', reason: 'deux' },
        { uid: 'A' },
        { uid: 'a' },
        { mxid: '@a:b', reason: ' ' },
      ),
    );
    expect(change).toMatchObject({
      to: [
        { kind: 'mail', value: 'a@b.example', reason: 'un' },
        { kind: 'uid', value: 'A' },
        { kind: 'uid', value: 'a' },
        { kind: 'mxid', value: '@a:b' },
      ],
    });
  });

  it.each([{}, { mail: null }, { mail: 'a@b.example', uid: 'a' }, { reason: 'chef' }])('are exactly one each: %o', (one) => {
    expect(pointersOf(to({ uid: 'x' }, one))).toEqual(['/data/to/1']);
  });

  const impossible: [string, string][] = [
    ...[
      'a',
      'a@',
      '@b.example',
      'a b@c.example',
      'a@b@c',
      'a@b..example',
      'a@-b.example',
      '<a@b.example>',
      'a@b.example\n',
      `${'a'.repeat(200)}@b.example`,
    ].map((mail): [string, string] => ['mail', mail]),
    ...['a', 'claire.morel', '@claire.morel', 'claire:desk.localhost', '@:x', '@a:', '@a b:c'].map((mxid): [string, string] => [
      'mxid',
      mxid,
    ]),
    ...([
      ['uid', ''],
      ['uid', 'a\u0007'],
      ['matricule', 'x'.repeat(201)],
      ['group', ''],
    ] as [string, string][]),
  ];
  it.each(impossible)('of impossible form are refused: %s %j', (kind, value) => {
    expect(pointersOf(to({ [kind]: value }))).toEqual([`/data/to/0/${kind}`]);
    expect(itemPointers({ people: [{ role: 'cc', [kind]: value }] })).toEqual([`/data/item/people/0/${kind}`]);
  });
});

describe('actions', () => {
  const green = { id: 'voir', label: 'Voir', risk: 'green' };
  const red = { id: 'ouvrir', label: 'Ouvrir', risk: 'red', href: 'https://tool.example/' };

  it('are kept with what they ask for', () => {
    const input = {
      motif: { type: 'string', title: ' Motif ', maxLength: 200, required: true, format: 'left out' },
      combien: { type: 'integer', enum: [1, 2], minimum: -3 },
    };
    expect(itemOf({ item: { actions: [{ ...green, input }, red] } }).actions).toEqual([
      { ...green, input: { motif: { type: 'string', title: 'Motif', maxLength: 200, required: true }, combien: input.combien } },
      red,
    ]);
  });

  it('are dropped for want of a callback, red ones excepted, and only after they were checked', () => {
    const contract = { hasCallback: false };
    expect(itemOf({ item: { actions: [green, red] } }, { contract }).actions).toEqual([red]);
    expect(pointersOf(event({ item: { actions: [{ ...green, label: '' }] } }), { contract })).toEqual(['/data/item/actions/0/label']);
  });

  it.each<[string, unknown]>([
    ['/data/item/actions/0/href', [{ ...red, href: undefined }]],
    ['/data/item/actions/0/href', [{ ...green, href: 'https://tool.example/' }]],
    ['/data/item/actions/1/id', [green, { ...red, id: 'voir' }]],
    ['/data/item/actions', Array.from({ length: 9 }, (_, index) => ({ ...green, id: `a${index}` }))],
    ['/data/item/actions/0/id', [{ ...green, id: 'Voir' }]],
    ['/data/item/actions/0/id', [{ ...green, id: 'a'.repeat(41) }]],
    ['/data/item/actions/0/risk', [{ ...green, risk: 'blue' }]],
    ['/data/item/actions/0/input/*/type', [{ ...green, input: { motif: { type: 'object' } } }]],
    ['/data/item/actions/0/input/*/$ref', [{ ...green, input: { motif: { type: 'string', $ref: '#/a' } } }]],
    ['/data/item/actions/0/input/*/properties', [{ ...green, input: { motif: { type: 'string', properties: {} } } }]],
    ['/data/item/actions/0/input/*/maxLength', [{ ...green, input: { 'a/b': { type: 'string', maxLength: 1.5 } } }]],
    ['/data/item/actions/0/input/*', [{ ...green, input: { 'a\u0000': { type: 'string' } } }]],
  ])('are refused at %s: %o', (pointer, actions) => {
    expect(itemPointers({ actions })).toEqual([pointer]);
  });
});

describe('a close', () => {
  const close = (item: Record<string, unknown> = {}, data: Record<string, unknown> = {}) => ({
    ...event(),
    data: { op: 'close', item: { key: 'k', ...item }, ...data },
  });

  it('needs neither title nor addressees, and does not read these', () => {
    expect(delivered(close({}, { to: 'nobody' })).change).toEqual({ op: 'close', state: 'done' });
  });

  it.each([
    ['cancelled', 'cancelled'],
    ['expired', 'expired'],
    ['done', 'done'],
    ['todo', 'done'],
  ])('with state %s ends as %s', (state, ends) => {
    expect(delivered(close({ state })).change).toEqual({ op: 'close', state: ends });
  });
});
