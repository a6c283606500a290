/** Items, placements and requests made by chance, for property tests. `clean` ones are within HOOKS.md's limits. */
import fc from 'fast-check';
import type { MatrixEvent } from '#desk/event.ts';
import { Item, itemKey, Severity, State } from '#desk/item.ts';
import { place, type Placement } from '#desk/placement.ts';
import { cleanProse } from '#desk/text.ts';

const TOOLS = ['gta', 'astre', 'parapheur-2'] as const;

/** Any text: controls, bidirectional marks, quotes, emoji, lone surrogates and much too long ones. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('\u0000', '\u202e', '\n', '"', '\\', '😀', '\ud800', 'é', ' '), maxLength: 60 }),
  fc
    .integer({ min: 1, max: 3000 })
    .chain((length) => fc.constantFrom('x', '"', '😀', '\u0001', '\ud83d').map((unit) => unit.repeat(length))),
);

const cleanText = (max: number) => fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((text) => cleanProse(text, max) || 'x');
const identifier = fc.stringMatching(/^[a-zA-Z0-9/._-]{1,40}$/);
const link = fc.stringMatching(/^[a-z0-9/]{0,60}$/).map((path) => `https://outil.example/${path}`);
export const instant = fc
  .date({ min: new Date('1971-01-01T00:00:00Z'), max: new Date('2090-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
export const day = instant.map((text) => text.slice(0, 10));
export const due = fc.oneof(instant, day);
export const revision = fc.nat({ max: Number.MAX_SAFE_INTEGER });

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const key = fc
  .tuple(fc.constantFrom(...TOOLS), fc.constantFrom('gta', 'astre-2'), identifier)
  .map(([bot, connection, external]) => itemKey(bot, connection, external));

type Texts = { prose: (max: number) => fc.Arbitrary<string>; id: fc.Arbitrary<string>; url: fc.Arbitrary<string>; many: number };

function itemOf({ prose, id, url, many }: Texts): fc.Arbitrary<Item> {
  const field = fc.record(
    { type: fc.constantFrom('string', 'integer', 'boolean'), title: prose(200), maxLength: revision },
    { requiredKeys: ['type'] },
  );
  const action = fc.record(
    {
      id: fc.stringMatching(/^[a-z0-9_-]{1,40}$/),
      label: prose(200).filter((text) => text !== ''),
      risk: fc.constantFrom('green', 'amber', 'red'),
      repeatable: fc.boolean(),
      input: fc.dictionary(fc.stringMatching(/^[a-z]{1,12}$/), field, { maxKeys: many, noNullPrototype: true }),
      href: url,
    },
    { requiredKeys: ['id', 'label', 'risk'] },
  );
  const person = fc.record({ role: fc.constantFrom('for', 'by', 'cc'), name: prose(200), mail: id, group: id }, { requiredKeys: ['role'] });
  const document = fc.record({ name: prose(200), url, size: revision }, { requiredKeys: ['name', 'url'] });
  return fc
    .record({
      key,
      revision,
      kind: id,
      title: prose(200),
      summary: optional(prose(500)),
      severity: fc.constantFrom(...Severity.options),
      state: fc.constantFrom(...State.options),
      dueAt: optional(due),
      createdAt: optional(instant),
      updatedAt: instant,
      startsAt: optional(instant),
      endsAt: optional(instant),
      place: optional(prose(200)),
      joinUrl: optional(url),
      count: optional(revision),
      url: optional(url),
      people: fc.array(person, { maxLength: many }),
      dossier: optional(id),
      documents: optional(fc.array(document, { maxLength: many })),
      actions: fc.array(action, { maxLength: 8 }),
    })
    .map((raw) => Item.parse(raw));
}

/** Items as a well-behaved tool sends them: small, clean, with every field. */
export const cleanItem = itemOf({ prose: cleanText, id: identifier, url: link, many: 3 });

/** Items that pass the schema and nothing else. */
export const hostileItem = itemOf({
  prose: () => anyText,
  id: anyText,
  url: fc.oneof(
    link,
    anyText,
    fc.constant('javascript:alert(1)'),
    fc.integer({ min: 1, max: 1980 }).map((n) => `https://outil.example/${'a'.repeat(n)}`),
  ),
  many: 50,
});

const via = fc.record({ source: identifier, id: identifier, digest: identifier });

export function placementOf(item: fc.Arbitrary<Item>, reason: fc.Arbitrary<string>): fc.Arbitrary<Placement> {
  return fc.tuple(item, optional(reason), optional(via)).map(([shown, why, from]) => place(shown, { reason: why, via: from }));
}

export const cleanPlacement = placementOf(cleanItem, cleanText(200));
export const hostilePlacement = placementOf(hostileItem, anyText);

/** The plainest placement, to be changed where a test needs it. */
export function plainPlacement(changes: Partial<Placement> = {}): Placement {
  const item = Item.parse({
    key: 'gta:gta:demande/318',
    revision: 10,
    title: 'Demande de congé à valider',
    updatedAt: '2026-11-20T09:14:03Z',
    dueAt: '2026-11-27T17:00:00+01:00',
    people: [{ role: 'by', name: 'Paul Vidal' }],
    url: 'https://gta.ville-claire.example/demande/318',
    actions: [{ id: 'valider', label: 'Valider', risk: 'amber' }],
  });
  return { ...place(item, { reason: 'valideur' }), ...changes };
}

/** An event as a homeserver would give it. */
export function eventOf(event: Partial<MatrixEvent> & Pick<MatrixEvent, 'type' | 'content'>): MatrixEvent {
  return { event_id: '$event', sender: '@ecritoire_gta:desk.localhost', origin_server_ts: 1_764_000_000_000, ...event };
}
