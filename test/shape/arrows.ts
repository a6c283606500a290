/**
 * The arrows of the design as a table: who may import whom. An area is a set of paths, the first one that fits counts;
 * a row names the areas it may import, and whether only their types. What is not named is forbidden.
 */
import type { Import } from './imports.ts';

export type Area = (typeof AREAS)[number]['area'];
type Reach = 'all' | 'types';

/** Neighbours inside the appservice: they receive functions from main and import none of each other's code, only types. */
const NEIGHBOURS = [
  'ingest',
  'relay',
  'dispatch',
  'tools',
  'poll',
  'accounts',
  'act',
  'schedule',
  'rebuild',
  'http',
  'admin',
  'mail',
  'directory',
] as const;
const neighbours = NEIGHBOURS.map((area) => ({ area, paths: new RegExp(`^appservice/${area}(\\.ts$|/)`) }));

export const AREAS = [
  // Processes put the parts together and do not work; the admin's command line is one.
  { area: 'main', paths: /^appservice\/(main\/[^/]+|main|admin\/cli)\.ts$/ },
  { area: 'desk', paths: /^appservice\/desk\// },
  { area: 'store', paths: /^appservice\/store\// },
  { area: 'matrix', paths: /^appservice\/matrix\// },
  ...neighbours,
  { area: 'log', paths: /^appservice\/log\.ts$/ },
  { area: 'stub', paths: /^appservice\/no-native-crypto\// },
  { area: 'config', paths: /^config\// },
  { area: 'bot manifests', paths: /^bots\/manifests\.ts$/ },
  // What knows every bot: the list, what is generated from it, and the command that adds to it.
  { area: 'bot list', paths: /^bots\/(index|list|generate|new-bot)\.ts$/ },
  { area: 'bot contract', paths: /^bots\/[^/]+\.ts$/ },
  { area: 'bot', paths: /^bots\/[^/]+\// },
  // The catalogue of the page's sentences is a leaf of web/lib.
  { area: 'web words', paths: /^web\/src\/lib\/messages\// },
  { area: 'web core', paths: /^web\/src\/lib\/(matrix|desk)\// },
  {
    area: 'web server',
    paths:
      /^web\/(server\.ts$|server\/|src\/lib\/server\/|src\/hooks\.server\.ts$|src\/routes\/.*\+(server|page\.server|layout\.server)\.ts$)/,
  },
  { area: 'web page', paths: /^web\/(src|static)\// },
  { area: 'test', paths: /^test\// },
  { area: 'tooling', paths: /^[^/]+\.config\.(ts|js)$/ },
] as const;

/** Types are gone when the code runs, so they make no arrow of their own. */
function types(areas: readonly Area[]): Partial<Record<Area, Reach>> {
  return Object.fromEntries(areas.map((area) => [area, 'types'] as const));
}

type Row = { from: readonly Area[]; may: Partial<Record<Area, Reach>> };
export const ARROWS = [
  { from: ['desk', 'log', 'stub'], may: {} },
  { from: ['config', 'store', 'bot contract', 'web words'], may: { desk: 'all' } },
  { from: ['matrix'], may: { desk: 'all', config: 'types', store: 'all', log: 'types' } },
  {
    from: NEIGHBOURS,
    may: { ...types(NEIGHBOURS), desk: 'all', config: 'types', 'bot contract': 'types', store: 'all', matrix: 'types', log: 'types' },
  },
  { from: ['bot'], may: { desk: 'all', 'bot contract': 'all' } },
  { from: ['bot list'], may: { desk: 'all', bot: 'all', 'bot contract': 'all', 'bot manifests': 'all' } },
  { from: ['bot manifests'], may: { 'bot contract': 'types' } },
  { from: ['web core'], may: { desk: 'all', 'bot manifests': 'all', 'web words': 'all' } },
  // What the server hands to a page has a type (App.Locals, page data); none of its code comes along.
  { from: ['web page'], may: { desk: 'all', 'bot manifests': 'all', 'web core': 'all', 'web words': 'all', 'web server': 'types' } },
  { from: ['web server'], may: { desk: 'all', config: 'all', 'bot manifests': 'all', 'web core': 'all', 'web words': 'all' } },
  {
    from: ['main'],
    may: {
      ...Object.fromEntries(NEIGHBOURS.map((area) => [area, 'all'] as const)),
      desk: 'all',
      config: 'all',
      'bot contract': 'all',
      'bot list': 'all',
      store: 'all',
      matrix: 'all',
      log: 'all',
    },
  },
  { from: ['tooling'], may: { tooling: 'all' } },
] as const satisfies readonly Row[];

/** Packages that one folder alone imports (tests of that folder too), whoever else would find them handy. */
export const PACKAGES = [
  { name: 'matrix-js-sdk', only: /^(web\/src\/lib\/matrix|test)\// },
  { name: 'matrix-appservice-bridge', only: /^appservice\/matrix\// },
  { name: 'kysely', only: /^(appservice|test)\// },
  { name: 'pg', only: /^(appservice\/store\/|bots\/io-sql-postgres\.ts$|test\/)/ },
  { name: 'mysql2', only: /^(bots\/io-sql-mariadb\.ts$|test\/)/ },
] as const;

/** What the core may use besides itself: it runs in the browser too, so nothing of Node and nothing with effects. */
export const CORE_PACKAGES: readonly string[] = ['zod', '@date-fns/tz', 'date-fns', 'canonicalize', 'jsonc-parser'];

export function areaOf(path: string): Area | undefined {
  return AREAS.find(({ paths }) => paths.test(path))?.area;
}

/** Why an import of our own files is forbidden; `undefined` when it is not. */
export function forbidden({ from, target, isType }: Import): string | undefined {
  const [source, goal] = [areaOf(from), areaOf(target)];
  if (source === undefined || goal === undefined) return `${from} → ${target}: in no area of the table`;
  if (source === 'test' || (source === goal && !anotherBot(from, target))) return undefined;
  const rows: readonly Row[] = ARROWS;
  const reach = rows.find((row) => row.from.includes(source))?.may[goal];
  if (reach === 'all' || (reach === 'types' && isType)) return undefined;
  return `${from} → ${target}: ${source} may import ${reach === 'types' ? 'only types of' : 'nothing of'} ${goal}`;
}

/** A bot never imports another. */
function anotherBot(from: string, target: string): boolean {
  return areaOf(from) === 'bot' && from.split('/')[1] !== target.split('/')[1];
}

/** Each circle of imports once, written from where it was met first. */
export function circles(imports: readonly { from: string; target: string }[]): string[] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const found: string[] = [];
  const follow = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    done.add(file);
    for (const { target } of targets.get(file) ?? []) follow(target, [...way, file]);
  };
  for (const file of targets.keys()) follow(file, []);
  return found;
}
