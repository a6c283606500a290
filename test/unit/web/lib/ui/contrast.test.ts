import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../../../web/src/lib/ui/css/tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name, { light, dark }] as const,
  ),
);

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

function contrast(a: string, b: string, theme: 'light' | 'dark'): number {
  const [one, two] = [tokens.get(a)?.[theme], tokens.get(b)?.[theme]].map((hex) => luminance(hex ?? '#'));
  return (Math.max(one ?? 0, two ?? 0) + 0.05) / (Math.min(one ?? 0, two ?? 0) + 0.05);
}

const TEXT = ['ink', 'ink-2', 'ink-3', 'accent', 'late', 'today', 'good'];
const PAIRS: [string, string][] = [
  ...TEXT.flatMap((text): [string, string][] => [
    [text, 'paper'],
    [text, 'surface'],
  ]),
  ...['ink', 'ink-2', 'ink-3', 'accent', 'late'].map((text): [string, string] => [text, 'accent-soft']),
  ...['late', 'today', 'good'].map((text): [string, string] => [text, `${text}-soft`]),
  ['ink', 'late-soft'],
  ['ink', 'today-soft'],
  ['ink-2', 'sunken'],
  ['accent-ink', 'accent'],
];

describe.each(['light', 'dark'] as const)('the tokens, %s', (theme) => {
  it.each(PAIRS)('%s on %s reads at 4.5:1 or more', (text, ground) => {
    expect(contrast(text, ground, theme)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['paper', 'surface'])('edges of controls stand out from %s at 3:1 or more', (ground) => {
    expect(contrast('line-strong', ground, theme)).toBeGreaterThanOrEqual(3);
    expect(contrast('accent', ground, theme)).toBeGreaterThanOrEqual(3);
  });
});
