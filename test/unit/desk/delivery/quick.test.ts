/** The quick reader beside zod itself, on events made by chance: right ones, and right ones with one thing changed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeQuick } from '../../../../appservice/desk/delivery/quick.ts';
import { CloudEvent } from '../../../../appservice/desk/delivery/schema.ts';
import { anyText, day, due, instant, revision } from '../arbitrary.ts';

const readQuickly = makeQuick(CloudEvent);

const word = fc.stringMatching(/^[a-z0-9_-]{1,40}$/);
const text = fc.oneof(word, anyText);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: value }, fc.constant(null), fc.constant(undefined));
const link = fc.oneof(
  word.map((path) => `https://outil.example/${path}`),
  fc.constantFrom('http://localhost:8080/', 'https://a@b/', 'https:///x', 'ftp://outil.example', 'https://outil.example/\\'),
);
const addressee = fc.record(
  { mail: maybe(fc.constantFrom('claire.morel@ville.example', 'CLAIRE@ville.example', 'x')), uid: maybe(word), reason: maybe(text) },
  { requiredKeys: [] },
);
const input = fc.dictionary(fc.oneof(word, fc.constantFrom('__proto__', 'constructor', 'required')), field(), { maxKeys: 3 });
const item = fc.record(
  {
    key: text,
    revision: maybe(revision),
    kind: maybe(word),
    title: maybe(text),
    summary: maybe(text),
    severity: maybe(fc.constantFrom('info', 'normal', 'urgent', 'toString')),
    state: maybe(fc.constantFrom('todo', 'done', 'là')),
    dueAt: maybe(fc.oneof(due, fc.constant('2026-02-30'))),
    createdAt: maybe(fc.oneof(instant, day)),
    place: maybe(text),
    url: maybe(link),
    joinUrl: maybe(link),
    count: maybe(fc.oneof(revision, fc.double())),
    dossier: maybe(word),
    people: maybe(
      fc.array(fc.record({ role: fc.constantFrom('for', 'by', 'là'), name: maybe(text), mail: maybe(text) }), { maxLength: 3 }),
    ),
    documents: maybe(fc.array(fc.record({ name: text, url: link, size: maybe(revision) }), { maxLength: 3 })),
    actions: maybe(
      fc.array(
        fc.record({ id: word, label: text, risk: fc.constantFrom('green', 'amber', 'red'), href: maybe(link), input: maybe(input) }),
        { maxLength: 9 },
      ),
    ),
    unknown: maybe(fc.jsonValue()),
  },
  { requiredKeys: ['key'] },
);
const event = fc.record({
  specversion: fc.constantFrom('1.0', '1.0', '1.0', '0.3'),
  id: text,
  source: word,
  type: word,
  time: fc.oneof(instant, day),
  subject: maybe(text),
  datacontenttype: maybe(fc.constantFrom('application/json', 'text/plain')),
  data_base64: fc.constant(undefined),
  data: fc.oneof(
    fc.record({ op: fc.constantFrom('upsert', 'close', 'là'), to: fc.array(addressee, { maxLength: 3 }), item }),
    fc.record({ op: fc.constant('close'), item }),
    fc.jsonValue(),
  ),
});
function field() {
  return fc.record(
    {
      type: fc.constantFrom('string', 'integer', 'boolean'),
      title: maybe(text),
      enum: maybe(fc.array(fc.oneof(word, revision))),
      $ref: maybe(word),
    },
    { requiredKeys: ['type'] },
  );
}

describe('reading quickly', () => {
  it('answers what zod answers, or nothing', () => {
    const counts = { right: 0, quick: 0 };
    fc.assert(
      fc.property(event, (sent) => {
        const parsed = CloudEvent.safeParse(sent);
        const quick = readQuickly(sent);
        if (parsed.success) counts.right += 1;
        if (quick === undefined) return;
        counts.quick += 1;
        expect(parsed.success).toBe(true);
        expect(quick).toEqual(parsed.data);
      }),
      { numRuns: 2000 },
    );
    expect(counts.quick).toBeGreaterThan(counts.right / 2); // names like __proto__ are left to zod
  });

  it('answers itself to an event as tools post them', () => {
    const actions = [
      { id: 'refuser', label: 'Refuser', risk: 'amber', input: { motif: { type: 'string', maxLength: 200, required: true } } },
    ];
    const people = [{ name: ' Paul\tVidal ', role: 'by' }];
    const documents = [{ name: 'Délibération', url: 'https://outil.example/1.pdf', mime: null }];
    const item = { key: '318', title: 'Congé', revision: 3, dueAt: '2026-11-27', people, documents, actions, count: null, more: 1 };
    const data = { op: 'upsert', to: [{ mail: 'claire@ville.example', reason: 'valideur' }], item };
    const sent = { specversion: '1.0', id: '1', source: 'urn:x', type: 't', time: '2026-11-20T09:14:03Z', data, more: 1 };
    expect(readQuickly(sent)).toEqual(CloudEvent.parse(sent));
  });
});
