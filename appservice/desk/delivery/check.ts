/** One event against the schema and against what its connection declares; answers a checked delivery or every fault found. */
import { type z } from 'zod';
import { withoutAbsent } from '../fields.ts';
import { type Item, type ItemKey, itemKey, type State } from '../item.ts';
import { foldMail } from '../mail.ts';
import type { Order } from '../order.ts';
import { parseInstant } from '../zone.ts';
import { ADDRESS_KINDS, type AddressKind, CloudEvent, type Data } from './schema.ts';
import { type Flaw, type Path } from './json.ts';
import { isDeclared } from './links.ts';
import { makeQuick } from './quick.ts';

/** What a connection declares in the configuration, as far as its events are judged by it. */
export type Contract = { bot: string; connection: string; order: Order; hosts: readonly string[]; hasCallback: boolean };

/** Someone an item is for. Mail in lower case; `reason` says why this person. */
export type Addressee = { kind: AddressKind; value: string; reason?: string };

export type ClosingState = 'done' | 'cancelled' | 'expired';

/** What an event says of its object, checked. `revision` is its `time` in ms where the connection orders by time. */
export type Change = { op: 'upsert'; to: Addressee[]; item: Item } | { op: 'close'; state: ClosingState };
export type Checked = { source: string; id: string; key: ItemKey; revision: number; change: Change };

const readQuickly = makeQuick(CloudEvent);

export function checkEvent(event: unknown, contract: Contract): { checked: Checked } | { flaws: Flaw[] } {
  const quick = readQuickly(event);
  const parsed = quick === undefined ? CloudEvent.safeParse(event) : { success: true as const, data: quick };
  if (!parsed.success) {
    const flaws = parsed.error.issues.map((issue) => ({ path: issue.path.map(segment), detail: sayIssue(issue, event) }));
    return { flaws: firstOfEachPlace(flaws) };
  }
  const flaws = [...judgeRevision(parsed.data.data, contract), ...judgeHosts(parsed.data.data, contract)];
  return flaws.length > 0 ? { flaws } : { checked: complete(parsed.data, contract) };
}

/** One text can be too long and of impossible form: one of these is enough to find it by. */
function firstOfEachPlace(flaws: readonly Flaw[]): Flaw[] {
  const first = new Map<string, Flaw>();
  for (const flaw of flaws) {
    const place = JSON.stringify(flaw.path);
    if (!first.has(place)) first.set(place, flaw);
  }
  return [...first.values()];
}

const segment = (part: PropertyKey): string | number => (typeof part === 'number' ? part : String(part));

/** What zod found, without a word of what was sent. */
function sayIssue(issue: z.core.$ZodIssue, event: unknown): string {
  if (isMissing(event, issue.path.map(segment))) return 'obligatoire';
  switch (issue.code) {
    case 'custom':
      return issue.message;
    case 'invalid_type':
      return EXPECTED[issue.expected] ?? 'type incorrect';
    case 'invalid_value':
      return `valeurs admises : ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return issue.path.at(-1) === 'op' ? 'valeurs admises : upsert, close' : 'texte ou nombre entier attendu';
    case 'too_small':
      return issue.origin === 'string' ? 'texte vide' : `${Number(issue.minimum)} au moins`;
    case 'too_big':
      return `${Number(issue.maximum).toLocaleString('fr-FR')} au plus`;
    case 'invalid_format':
      return 'forme attendue : [a-z0-9_-], 40 caractères au plus';
    default:
      return 'nom incorrect';
  }
}

const EXPECTED: Partial<Record<string, string>> = {
  string: 'texte attendu',
  number: 'nombre entier attendu',
  int: 'nombre entier attendu',
  boolean: 'true ou false attendu',
  array: 'liste attendue',
  object: 'objet attendu',
  record: 'objet attendu',
  never: 'interdit ici',
};

/** A missing member is pointed to itself; null stands for absent. */
function isMissing(event: unknown, path: Path): boolean {
  let value: unknown = event;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = Object.hasOwn(value, part) ? (value as Record<string | number, unknown>)[part] : undefined;
  }
  return path.length > 0 && typeof path.at(-1) === 'string' && (value === undefined || value === null);
}

const REVISION: Path = ['data', 'item', 'revision'];

function judgeRevision({ item }: Data, { order }: Contract): Flaw[] {
  if (order === 'revision' && item.revision === undefined) {
    return [{ path: REVISION, detail: 'obligatoire : cette connexion ordonne par révision' }];
  }
  return order === 'time' && item.revision !== undefined
    ? [{ path: REVISION, detail: 'interdit : cette connexion ordonne par la date (time)' }]
    : [];
}

function judgeHosts({ item }: Data, { hosts }: Contract): Flaw[] {
  const links: [Path, string | undefined][] = [
    [['url'], item.url],
    [['joinUrl'], item.joinUrl],
    ...(item.documents ?? []).map(({ url }, index): [Path, string] => [['documents', index, 'url'], url]),
    ...(item.actions ?? []).map(({ href }, index): [Path, string | undefined] => [['actions', index, 'href'], href]),
  ];
  return links
    .filter(([, url]) => url !== undefined && !isDeclared(url, hosts))
    .map(([path]) => ({ path: ['data', 'item', ...path], detail: 'hôte non déclaré pour cette connexion' }));
}

function complete(event: CloudEvent, contract: Contract): Checked {
  const { source, id, time, data } = event;
  const key = itemKey(contract.bot, contract.connection, data.item.key);
  const revision = contract.order === 'time' ? parseInstant(time) : (data.item.revision ?? 0);
  if (data.op === 'close') {
    return { source, id, key, revision, change: { op: 'close', state: closingState(data.item.state) } };
  }
  const item = itemOf(data.item, { key, revision, updatedAt: time, hasCallback: contract.hasCallback });
  return { source, id, key, revision, change: { op: 'upsert', to: distinct(data.to.map(addresseeOf)), item } };
}

function closingState(state: State | undefined): ClosingState {
  return state === 'cancelled' || state === 'expired' ? state : 'done';
}

type Framed = { key: ItemKey; revision: number; updatedAt: string; hasCallback: boolean };

function itemOf(sent: Extract<Data, { op: 'upsert' }>['item'], { key, revision, updatedAt, hasCallback }: Framed): Item {
  const actions = (sent.actions ?? []).filter(({ risk }) => hasCallback || risk === 'red');
  // What is absent is not there, in the store and on the wire.
  return withoutAbsent({
    ...sent,
    key,
    revision,
    updatedAt,
    kind: sent.kind ?? 'autre',
    severity: sent.severity ?? 'normal',
    state: sent.state ?? 'todo',
    people: (sent.people ?? []).map(withoutAbsent),
    ...(sent.documents && { documents: sent.documents.map(withoutAbsent) }),
    actions: actions.map((action) => withoutAbsent(action.input ? { ...action, input: eachWithoutAbsent(action.input) } : action)),
  });
}

function eachWithoutAbsent<T extends object>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, withoutAbsent(value)]));
}

function addresseeOf(entry: Partial<Record<AddressKind | 'reason', string | undefined>>): Addressee {
  const kind = ADDRESS_KINDS.find((one) => entry[one] !== undefined) ?? 'mail';
  const value = entry[kind] ?? '';
  return { kind, value: kind === 'mail' ? foldMail(value) : value, ...(entry.reason !== undefined && { reason: entry.reason }) };
}

/** The same address twice is one addressee, with the first reason. */
function distinct(addressees: Addressee[]): Addressee[] {
  const first = new Map<string, Addressee>();
  for (const addressee of addressees) {
    const name = `${addressee.kind} ${addressee.value}`;
    if (!first.has(name)) first.set(name, addressee);
  }
  return [...first.values()];
}
