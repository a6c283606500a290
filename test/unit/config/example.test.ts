import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { editorSchema, exampleText } from '#config/example.ts';
import { Config } from '#config/schema.ts';
import { crossCheck } from '#config/check.ts';

const example = readFileSync(new URL('../../../config/ecritoire.example.yaml', import.meta.url), 'utf8');

describe('the example of a configuration', () => {
  it('is valid as it stands', () => {
    const parsed: unknown = parse(example);
    expect(Config.safeParse(parsed).error).toBeUndefined();
    expect(crossCheck(parsed)).toEqual([]);
  });

  it('stays valid when its commented defaults are taken in', () => {
    const taken = example.replaceAll(/^(\s*)# ([A-Za-z]+: .+)$/gm, '$1$2');
    expect(Config.safeParse(parse(taken)).error).toBeUndefined();
    expect(taken).not.toBe(example);
  });

  it('has every key of the schema under a sentence that says what it is for', () => {
    const lines = exampleText().split('\n');
    const keys = lines.flatMap((line, index) => (/^\s*(# )?[A-Za-z]+:/.test(line) ? [{ line, before: lines[index - 1] ?? '' }] : []));
    expect(keys.filter(({ before }) => !before.trim().startsWith('# ')).map(({ line }) => line)).toEqual([]);
    expect(keys.length).toBeGreaterThan(60);
  });

  it('shows where a secret is, never one', () => {
    expect(example).not.toMatch(/whsec_[A-Za-z0-9]{8}|BEGIN/);
  });
});

describe('the schema for editors', () => {
  it('is JSON Schema 2020-12, refuses unknown keys and describes in French', () => {
    const schema = editorSchema();
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', additionalProperties: false });
    expect(JSON.stringify(schema)).toContain('Nom montré aux agents');
  });
});
