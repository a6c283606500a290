/**
 * What one key alone cannot tell: ids given twice, references to nothing, addresses that leak. Reads the file as it is
 * written, valid or not, so that these problems are told together with those of the schema.
 */
import { OWN } from '#desk/task.ts';
import type { KeyPath, Problem } from './problem.ts';

type Entry = { path: KeyPath; of: Record<string, unknown> };

/** The problems of the whole, in the order of the rules below. `raw` is the parsed file, whatever it holds. */
export function crossCheck(raw: unknown): Problem[] {
  const root = asRecord(raw);
  const lists = {
    organisations: entries(root, 'organisations'),
    providers: entries(root, 'providers'),
    connections: entries(root, 'connections'),
    people: entries(root, 'people'),
  };
  return [
    ...twice(lists.organisations, 'id'),
    ...twice(lists.organisations, 'siret'),
    ...twice(lists.providers, 'id'),
    ...twice(lists.connections, 'id'),
    ...references(lists),
    ...peopleTwice(lists.people),
    ...lists.connections.flatMap(source),
    ...lists.connections.flatMap(reserved),
    ...lists.organisations.flatMap(timeZone),
    ...addresses(root, lists),
    ...listeners(root),
    ...smtp(asRecord(root['mail'])),
  ];
}

type Lists = Record<'organisations' | 'providers' | 'connections' | 'people', Entry[]>;

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function entries(root: Record<string, unknown>, key: string): Entry[] {
  const list = root[key];
  return Array.isArray(list) ? list.map((of: unknown, index) => ({ path: [key, index], of: asRecord(of) })) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function twice(list: readonly Entry[], key: string): Problem[] {
  const seen = new Map<unknown, number>();
  return list.flatMap(({ path, of }, index) => {
    const value = of[key];
    if (typeof value !== 'string') return [];
    const first = seen.get(value);
    if (first === undefined) {
      seen.set(value, index);
      return [];
    }
    return [{ path: [...path, key], text: `déjà donné à ${String(path[0])}[${first}]` }];
  });
}

function references({ organisations, providers, connections, people }: Lists): Problem[] {
  const ids = new Set(organisations.map(({ of }) => of['id']));
  const missing = (path: KeyPath, value: unknown): Problem[] =>
    typeof value === 'string' && !ids.has(value) ? [{ path, text: 'cette organisation n’est pas dans la liste « organisations »' }] : [];
  return [
    ...[...providers, ...connections].flatMap(({ path, of }) => missing([...path, 'organisation'], of['organisation'])),
    ...people.flatMap(({ path, of }) => texts(of['organisations']).flatMap((id, index) => missing([...path, 'organisations', index], id))),
  ];
}

/** Inside one organisation an address means one person: the same mail, uid or matricule twice would route by chance. */
function peopleTwice(people: readonly Entry[]): Problem[] {
  const seen = new Map<string, number>();
  return people.flatMap(({ path, of }, index) =>
    (['mail', 'uid', 'matricule'] as const).flatMap((key) => {
      const value = of[key];
      if (typeof value !== 'string') return [];
      const same = key === 'mail' ? value.toLowerCase() : value;
      const taken = texts(of['organisations']).map((organisation) => {
        const place = JSON.stringify([organisation, key, same]);
        const first = seen.get(place);
        if (first === undefined) seen.set(place, index);
        return first === index ? undefined : first;
      });
      const first = taken.find((entry) => entry !== undefined);
      return first === undefined ? [] : [{ path: [...path, key], text: `déjà celui de people[${first}] dans la même organisation` }];
    }),
  );
}

function timeZone({ path, of }: Entry): Problem[] {
  const zone = of['timeZone'];
  if (typeof zone !== 'string') return [];
  try {
    new Intl.DateTimeFormat('fr', { timeZone: zone });
    return [];
  } catch {
    return [{ path: [...path, 'timeZone'], text: 'fuseau horaire inconnu ; par exemple Europe/Paris, Indian/Reunion, America/Martinique' }];
  }
}

/** A connection gets its items from signed posts or by its bot; with neither there is nothing it could be for. */
function source({ path, of }: Entry): Problem[] {
  const { secrets = [], settings } = of;
  const isEmpty = settings === undefined && Array.isArray(secrets) && secrets.length === 0;
  return isEmpty ? [{ path: [...path, 'secrets'], text: 'il faut un secret de signature, ou les réglages du robot (settings)' }] : [];
}

/** Names that are the desk's own: its bot, and the one of agents' own tasks. */
function reserved({ path, of }: Entry): Problem[] {
  const names = ['desk', OWN.bot];
  return (['id', 'bot'] as const)
    .filter((key) => names.some((name) => name === of[key]))
    .map((key) => ({ path: [...path, key], text: `« ${String(of[key])} » est pris par le bureau lui-même` }));
}

/** Whether a host is this machine's loopback, by name or number. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}

/** Addresses that browsers, tools or providers use carry people's data: https, but for this machine itself. */
function addresses(root: Record<string, unknown>, { providers, connections }: Lists): Problem[] {
  const secure = (path: KeyPath, value: unknown): Problem[] => {
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url?.protocol !== 'http:' || isLoopback(url.hostname)) return [];
    return [{ path, text: 'https:// est exigé hors de cette machine' }];
  };
  return [
    ...secure(['publicUrl'], root['publicUrl']),
    ...plainOrigin(root['publicUrl']),
    ...providers.flatMap(({ path, of }) => secure([...path, 'issuer'], of['issuer'])),
    ...connections.flatMap(({ path, of }) => secure([...path, 'callback'], of['callback'])),
    ...connections.flatMap(({ path, of }) => secure([...path, 'url'], of['url'])),
    ...connections.flatMap(({ path, of }) =>
      baseUrlsIn([...path, 'settings'], of['settings']).flatMap(({ at, value }) => secure(at, value)),
    ),
  ];
}

/** Where a bot's settings name its tool, by the one name that all of them use, however deep. */
function baseUrlsIn(path: KeyPath, settings: unknown): { at: KeyPath; value: unknown }[] {
  return Object.entries(asRecord(settings)).flatMap(([name, value]) => {
    const at = [...path, name];
    return name === 'baseUrl' ? [{ at, value }] : baseUrlsIn(at, value);
  });
}

function plainOrigin(value: unknown): Problem[] {
  if (typeof value !== 'string' || !URL.canParse(value)) return [];
  const { pathname, search, hash, username } = new URL(value);
  if (pathname === '/' && search === '' && hash === '' && username === '') return [];
  return [{ path: ['publicUrl'], text: 'le bureau a un nom d’hôte pour lui : pas de chemin après l’adresse' }];
}

/** Codes and a password go over it: in the clear on this machine only. A name without a password would be left out unsaid. */
function smtp({ host, tls, user, password }: Record<string, unknown>): Problem[] {
  const isOpen = tls === 'none' && typeof host === 'string' && !isLoopback(host);
  const isHalf = (user === undefined) !== (password === undefined);
  return [
    ...(isOpen ? [{ path: ['mail', 'tls'], text: 'le chiffrement est exigé hors de cette machine' }] : []),
    ...(isHalf ? [{ path: ['mail', user === undefined ? 'password' : 'user'], text: 'user et password vont ensemble' }] : []),
  ];
}

/** The internal listener carries tokens and health: never on every interface, never the public one. */
function listeners(root: Record<string, unknown>): Problem[] {
  const appservice = asRecord(root['appservice']);
  const internal = asRecord(appservice['internal']);
  const open = asRecord(appservice['listen']);
  const problems: Problem[] = [];
  if (typeof internal['host'] === 'string' && ['0.0.0.0', '::', '[::]'].includes(internal['host'])) {
    problems.push({ path: ['appservice', 'internal', 'host'], text: 'l’écoute interne ne s’ouvre pas sur toutes les adresses' });
  }
  const hosts = [internal['host'] ?? '127.0.0.1', open['host'] ?? '127.0.0.1'];
  if (internal['port'] !== undefined && internal['port'] === open['port'] && hosts[0] === hosts[1]) {
    problems.push({ path: ['appservice', 'internal', 'port'], text: 'l’écoute interne et l’écoute publique ont le même port' });
  }
  return problems;
}
