import { describe, expect, it } from 'vitest';
import { areaOf, circles, CORE_PACKAGES, forbidden, PACKAGES } from './arrows.ts';
import { importsOf } from './imports.ts';
import { code, sources } from './tree.ts';

const ours = sources().filter((path) => /\.(ts|js|mjs|cjs|svelte)$/.test(path));
const imports = ours.flatMap(importsOf);
const own = imports.filter(({ isOurs }) => isOurs);

describe('the arrows', () => {
  it('are computed from imports that are there', () => {
    expect(ours.length).toBeGreaterThan(50);
    expect(own.length).toBeGreaterThan(50);
  });

  it('lead every file to an area of the table', () => {
    expect(ours.filter((path) => areaOf(path) === undefined)).toEqual([]);
  });

  it('go only where the table says', () => {
    expect(own.map(forbidden).filter((reason) => reason !== undefined)).toEqual([]);
  });

  it('are told from each other: a forbidden one is seen', () => {
    const arrow = (from: string, target: string, isType = false) => forbidden({ from, target, isOurs: true, isType });
    expect(arrow('appservice/desk/item.ts', 'appservice/store/open.ts')).toContain('nothing of store');
    expect(arrow('appservice/relay.ts', 'config/load.ts')).toContain('only types of config');
    expect(arrow('appservice/relay.ts', 'config/load.ts', true)).toBeUndefined();
    expect(arrow('appservice/relay/claim.ts', 'appservice/ingest.ts')).toContain('only types of ingest');
    expect(arrow('bots/zimbra/read.ts', 'bots/gta/read.ts')).toContain('nothing of bot');
    expect(arrow('web/src/lib/ui/Row.svelte', 'web/src/lib/server/session.ts')).toContain('only types of web server');
  });

  it('lead nowhere back to where they began, those for types neither', () => {
    expect(circles([...own, { from: 'a.ts', target: 'b.ts' }, { from: 'b.ts', target: 'c.ts' }, { from: 'c.ts', target: 'a.ts' }])).toEqual(
      ['a.ts → b.ts → c.ts → a.ts'],
    );
  });

  it('keep each outside library in its one folder', () => {
    const astray = imports.filter(({ from, target }) => PACKAGES.some(({ name, only }) => name === target && !only.test(from)));
    expect(astray.map(({ from, target }) => `${from} → ${target}`)).toEqual([]);
  });
});

describe('the core', () => {
  const core = ours.filter((path) => areaOf(path) === 'desk');

  it('runs in the browser: no module of Node, no package with effects', () => {
    const outside = imports.filter(({ from, isOurs, target }) => core.includes(from) && !isOurs && !CORE_PACKAGES.includes(target));
    expect(outside.map(({ from, target }) => `${from} → ${target}`)).toEqual([]);
  });

  it('is pure: it is given the time and never asks clock, chance or network', () => {
    const EFFECTS = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\bfetch\(|\bsetTimeout\(|\bprocess\.|\bTemporal\.Now\b/;
    expect(core.filter((path) => EFFECTS.test(code(path)))).toEqual([]);
  });
});

describe('the desk state of the page', () => {
  it('knows no document: components and routes do', () => {
    const state = ours.filter((path) => path.startsWith('web/src/lib/desk/'));
    expect(state.filter((path) => /\b(document|window|localStorage)\./.test(code(path)))).toEqual([]);
  });
});
