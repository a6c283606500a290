import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { files, read } from './tree.ts';

/** Written in pieces, so that this file does not hold what it looks for. */
const REGISTRIES = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['pypi', 'org'],
  ['files', 'pythonhosted', 'org'],
  ['deb', 'debian', 'org'],
].map((parts) => parts.join('.'));
const MACHINE = [
  ['', 'work', ''],
  ['', 'farm', ''],
  ['', 'root', ''],
  ['', 'home', ''],
].map((parts) => parts.join('/'));
const texts = files().filter((path) => !/\.(png|jpg|webp|ico|woff2?|gz|br)$/.test(path));

describe('what is committed', () => {
  it('names no package registry', () => {
    expect(texts.filter((path) => REGISTRIES.some((host) => read(path).includes(host)))).toEqual([]);
  });

  it('holds no path of the machine it was written on', () => {
    expect(texts.filter((path) => MACHINE.some((folder) => new RegExp(`(^|[\\s"'\`(=:])${folder}`, 'm').test(read(path))))).toEqual([]);
  });

  it('holds no private key and no signing secret', () => {
    const secret = /-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]{20}|\bwhsec_[A-Za-z0-9+/]{32}/;
    expect(texts.filter((path) => secret.test(read(path)))).toEqual([]);
  });

  it('locks packages by version and digest, from whichever registry one has', () => {
    const lock = parse(read('package-lock.json')) as { packages: Record<string, { resolved?: string; link?: boolean }> };
    const addressed = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined && /^[a-z+]+:/.test(resolved));
    expect(addressed.map(([name]) => name)).toEqual([]);
  });
});
