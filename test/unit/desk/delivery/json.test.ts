import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { readDeliveries, type Reading } from '../../../../appservice/desk/delivery.ts';
import { readJson } from '../../../../appservice/desk/delivery/json.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const contract = { bot: 'gta', connection: 'gta', order: 'time', hosts: [], hasCallback: false } as const;
const read = (body: string | Uint8Array, mode: 'one' | 'batch' = 'one'): Reading =>
  readDeliveries(Buffer.from(body), { mode, contract, digest });

const event = (more: string, key = 'k'): string =>
  `{"specversion":"1.0","id":"a","source":"s","type":"t","time":"2026-11-20T09:14:03Z",${more}"data":{"op":"close","item":{"key":"${key}"}}}`;
const pointers = (reading: Reading): string[] =>
  reading.kind === 'invalid' ? reading.errors.map(({ pointer }) => pointer) : [reading.kind];

/** A machine with other work to do reads these within a test's five seconds. */
const FEW = { numRuns: 50 };
const SMALL = fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' });

describe('a body', () => {
  it.each(['', '{', 'null', '[]', '"a"', '{"a":1,}', "{'a':1}", '// a\n{}', 'NaN'])('that is no event is refused: %j', (body) => {
    expect(read(body).kind).toBe('invalid');
  });

  it('with invalid UTF-8 or a byte order mark is refused', () => {
    expect(read(Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}')]))).toMatchObject({
      kind: 'invalid',
      errors: [{ pointer: '' }],
    });
    expect(read(`\ufeff${event('')}`)).toMatchObject({ kind: 'invalid', errors: [{ pointer: '' }] });
    expect(read(event(''))).toMatchObject({ kind: 'deliveries' });
  });

  it.each([
    ['/type', event('"type":"t",')],
    ['/type', event('"t\\u0079pe":"t",')],
    ['/*/*', event('"comexample":{"a":{"b":1},"a":2},')],
    ['/*/1/*', event('"comexample":[{},{"a":1,"a":1}],')],
    ['/*', event('"comexample":"\\ud800",')],
    ['/*', event('"\\udc00":1,')],
    ['/*', event('"comexample":1e999,')],
    ['/data/item/key', event('', '\\ud83d')],
    ['/data/item/key', event('', 'k","key":"k')],
  ])('that is JSON but not I-JSON is refused at %s, in unknown fields too', (pointer, body) => {
    expect(pointers(read(body))).toEqual([pointer]);
    expect(pointers(read(`[${event('')},${body}]`, 'batch'))).toEqual([`/1${pointer}`]);
  });

  it('with a name that comes twice is refused wherever it stands, without escapes as with them', () => {
    const member = fc.tuple(fc.constantFrom('a', 'b', 'é'), fc.constantFrom('1', '"x"', '{"c":"d"}', '["e"]', '"\\\\"'));
    fc.assert(
      fc.property(fc.array(member, { maxLength: 4 }), (members) => {
        const { flaws } = readJson(Buffer.from(`[{"x":{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}}]`));
        expect(flaws.length).toBe(members.length - new Set(members.map(([name]) => name)).size);
      }),
    );
  });

  it('may hold pairs of surrogates, escaped quotes and large exponents', () => {
    expect(read(event('"comexample":["\\ud83d\\ude00","\\"a\\\\","{\\"b\\":1,\\"b\\":2}",1e300,-0.0,{"a":1},{"a":1}],'))).toMatchObject({
      kind: 'deliveries',
    });
  });

  it('may be nested as deep as it likes where nobody reads', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(read(event(`"comexample":${deep},`))).toMatchObject({ kind: 'deliveries' });
  });

  it('is never answered with what it says', () => {
    const reading = read(
      JSON.stringify({
        hunter2: 'hunter2',
        specversion: 'hunter2',
        data: { op: 'hunter2', to: [{ hunter2: 'hunter2' }], item: { hunter2: 1 } },
      }),
    );
    expect(reading.kind).toBe('invalid');
    expect(JSON.stringify(reading)).not.toContain('hunter2');
  });

  it('of any bytes or any JSON is read without an exception', () => {
    const whole = JSON.parse(event('')) as object;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => read(bytes).kind !== 'deliveries'),
      FEW,
    );
    fc.assert(
      fc.property(SMALL, (value) => read(JSON.stringify(value)).kind === 'invalid'),
      FEW,
    );
    fc.assert(
      fc.property(SMALL, (value) => read(JSON.stringify({ ...whole, data: value })).kind === 'invalid'),
      FEW,
    );
  });

  it('has no flaws when JSON.stringify made it of whole characters', () => {
    fc.assert(
      fc.property(SMALL, (value) => readJson(Buffer.from(JSON.stringify(value))).flaws.length === 0),
      FEW,
    );
  });
});

describe('a batch', () => {
  const good = event('');
  const bad = '{"specversion":"1.0","specversion":"1.0"}';

  it('may be empty, and is a list', () => {
    expect(read('[]', 'batch')).toEqual({ kind: 'deliveries', deliveries: [], unknownFields: 0 });
    expect(pointers(read(good, 'batch'))).toEqual(['']);
    expect(pointers(read(`[${good},null,3]`, 'batch'))).toEqual(['/1', '/2']);
  });

  it('holds 500 events at most', () => {
    const of = (count: number): Reading => read(`[${Array.from({ length: count }, () => good).join(',')}]`, 'batch');
    expect(of(500).kind).toBe('deliveries');
    expect(of(501).kind).toBe('too_large');
    expect(read(`[${Array.from({ length: 501 }, () => bad).join(',')}]`, 'batch').kind).toBe('too_large');
  });

  it('names every bad event before any gets a second error, twenty in all', () => {
    expect(pointers(read(`[{},${good},{"id":1}]`, 'batch')).slice(0, 2)).toEqual(['/0/specversion', '/2/specversion']);
    const reading = read(`[${Array.from({ length: 30 }, () => '{}').join(',')}]`, 'batch');
    expect(pointers(reading)).toEqual(Array.from({ length: 20 }, (_, index) => `/${index}/specversion`));
  });

  it('points to an event above 1 MB; alone it is too large', () => {
    const compact = (bytes: number): string =>
      event(`"comexample":"${'é'.repeat((bytes - Buffer.byteLength(event('"comexample":"",'))) / 2)}",`);
    const even = 1_000_000 - (Buffer.byteLength(event('"comexample":"",')) % 2);
    expect(Buffer.byteLength(JSON.stringify(JSON.parse(compact(even))))).toBeLessThanOrEqual(1_000_000);
    expect(read(compact(even)).kind).toBe('deliveries');
    expect(read(compact(even).replace('{', `{${' '.repeat(500_000)}`)).kind).toBe('deliveries');
    expect(read(compact(even + 2)).kind).toBe('too_large');
    expect(pointers(read(`[${good},${compact(even + 2)}]`, 'batch'))).toEqual(['/1']);
  });
});
