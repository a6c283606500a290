/** Rules about the folder itself: who the bot is, its configuration, its files. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Rule, Subject } from './rule.ts';

const FILES = ['manifest.ts', 'config.ts', 'client.ts', 'normalise.ts', 'actions.ts', 'index.ts', 'twin.ts'];
const LINES = 250; // of what a bot is, without its twin

export function identityRules({ bot, folder }: Subject): Rule[] {
  return [
    {
      rule: 'identity: the folder is named by the id',
      holds: () => expect(basename(folder).replace(/^_/, '')).toBe(bot.manifest.id),
    },
    {
      rule: 'identity: transport says what is there',
      holds: () => {
        const [polls, reads] = [bot.poll !== undefined, bot.read !== undefined];
        expect(bot.manifest.transport).toBe(polls && reads ? 'both' : polls ? 'poll' : 'webhook');
        expect(polls || reads).toBe(true);
      },
    },
  ];
}

export function configRules({ bot, twin }: Subject): Rule[] {
  return [
    {
      rule: 'config: what the twin gives parses, nothing at all names each missing key',
      holds: async () => {
        const running = await twin.start();
        await running.stop();
        expect(bot.config.safeParse(running.config).error).toBeUndefined();
        const required = requiredOf(z.toJSONSchema(bot.config, { io: 'input', unrepresentable: 'any' }));
        const missing = bot.config.safeParse({}).error?.issues.map(({ path }) => String(path[0])) ?? [];
        expect(required.filter((name) => !missing.includes(name))).toEqual([]);
      },
    },
    {
      rule: 'config: every string and list is bounded and described, every secret is marked',
      holds: () => {
        const schemas = [bot.config, ...(bot.account === undefined ? [] : [bot.account])];
        expect(schemas.flatMap((schema) => faults(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), ''))).toEqual([]);
      },
    },
  ];
}

function requiredOf(schema: object): string[] {
  const required: unknown = Reflect.get(schema, 'required');
  return Array.isArray(required) ? required.map(String) : [];
}

const SECRET_NAME = /secret|password|token|passphrase|apikey|motdepasse/i;
const BOUNDS = ['maxLength', 'enum', 'const', 'format', 'pattern'];

/** Walks a JSON Schema; `at` is the place of a fault. */
function faults(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const of = schema as Record<string, unknown>;
  const own: string[] = [];
  if (of['type'] === 'string' && !BOUNDS.some((bound) => bound in of)) own.push(`${at}: unbounded string`);
  if (of['type'] === 'array' && !('maxItems' in of)) own.push(`${at}: unbounded list`);
  const properties = Object.entries((of['properties'] ?? {}) as Record<string, Record<string, unknown>>);
  for (const [name, member] of properties) {
    if (member['type'] === 'string' && SECRET_NAME.test(name) && !/url/i.test(name) && member['secret'] !== true)
      own.push(`${at}/${name}: a secret that is not marked`);
    if (member['description'] === undefined) own.push(`${at}/${name}: not described`);
  }
  const inner = [
    ...properties.map(([name, member]) => [`${at}/${name}`, member] as const),
    ...['items', 'additionalProperties'].map((name) => [`${at}/${name}`, of[name]] as const),
    ...['anyOf', 'oneOf', 'allOf'].flatMap((name) => (Array.isArray(of[name]) ? of[name].map((one: unknown) => [at, one] as const) : [])),
  ];
  return [...own, ...inner.flatMap(([place, member]) => faults(member, place))];
}

export function shapeRules({ folder }: Subject): Rule[] {
  return [
    {
      rule: 'shape: the files are those of every bot',
      holds: () => {
        const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
        expect(FILES.filter((name) => !files.includes(name))).toEqual([]);
        expect(readdirSync(folder)).toContain('fixtures');
      },
    },
    {
      rule: `shape: at most ${LINES} lines without twin and fixtures`,
      holds: () => {
        const files = readdirSync(folder).filter((name) => /\.ts$/.test(name) && !/^twin/.test(name));
        const lines = files.map((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').length);
        expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(LINES);
      },
    },
    {
      rule: 'manners: nothing reaches out but through io',
      holds: () => {
        const files = readdirSync(folder).filter((name) => /\.ts$/.test(name) && !/^twin/.test(name));
        const reach = /from 'node:(http|https|net|tls|dgram|dns|fs|child_process)|\bfetch\(|from 'undici'|Math\.random|Date\.now/;
        expect(files.filter((name) => reach.test(readFileSync(join(folder, name), 'utf8')))).toEqual([]);
      },
    },
  ];
}
