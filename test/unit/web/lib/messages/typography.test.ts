import { describe, expect, it } from 'vitest';
import * as fr from '../../../../../web/src/lib/messages/fr.ts';
import * as legal from '../../../../../web/src/lib/messages/legal.ts';
import { ago, clock, dayLabel, hour, logTime, since } from '../../../../../web/src/lib/messages/times.ts';

/** Every sentence of a catalogue; functions are called with words, numbers and times in turn. */
function sentences(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (isMake(value)) return [0, 1, 2].flatMap((n) => sentences(attempt(value, n)));
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(sentences) : [];
}

type Make = (first: unknown, second: unknown) => unknown;
const isMake = (value: unknown): value is Make => typeof value === 'function';

function attempt(make: Make, n: number): unknown {
  for (const first of [n, 'mot', ['mot', 'mot']]) {
    try {
      return make(first, first === n ? 'Europe/Paris' : n);
    } catch {
      // this one wants words, or a list of them
    }
  }
  throw new Error('no way to say this sentence');
}

const all = [...sentences(fr), ...sentences(legal)];

describe('the page’s catalogue', () => {
  it('holds sentences', () => {
    expect(all.length).toBeGreaterThan(150);
  });

  it.each([
    ['a typographic apostrophe', /\p{L}'\p{L}/u],
    ['a narrow no-break space before ; ! ?', /[^\u202f][;!?](?!\p{L})/u],
    ['a no-break space before :', /[^\u00a0]:(?=\s|$)/u],
    ['no three dots for an ellipsis', /\.\.\./],
    ['no straight quotation marks', /"/],
  ])('has %s', (_what, fault) => {
    expect(all.filter((sentence) => fault.test(sentence))).toEqual([]);
  });

  it('counts 0 and 1 as singular', () => {
    expect([0, 1, 2].map(fr.navigation.unread)).toEqual(['0 message non lu', '1 message non lu', '2 messages non lus']);
  });
});

describe('times as people say them', () => {
  const zone = 'Europe/Paris';
  const now = Date.parse('2026-11-26T08:31:00+01:00');
  const at = (text: string) => Date.parse(text);

  it.each([
    [hour(now, zone), '8\u00a0h\u00a031'],
    [clock(now, zone), '08:31'],
    [ago(now - 20_000, now, zone), 'à l’instant'],
    [ago(now - 20 * 60_000, now, zone), 'il y a 20\u00a0min'],
    [ago(at('2026-11-25T17:05:00+01:00'), now, zone), 'hier à 17\u00a0h\u00a005'],
    [ago(at('2026-11-18T17:05:00+01:00'), now, zone), 'le 18 novembre'],
    [since(at('2026-11-26T08:10:00+01:00'), now, zone), '8\u00a0h\u00a010'],
    [dayLabel(now, now, zone), 'Aujourd’hui'],
    [dayLabel(at('2026-11-24T12:00:00+01:00'), now, zone), 'Mardi 24 novembre'],
    [logTime(at('2026-11-25T11:32:00+01:00'), now, zone), 'mer. 11:32'],
  ])('%s', (said, expected) => {
    expect(said).toBe(expected);
  });

  it('keeps to the organisation’s zone overseas', () => {
    expect(hour(now, 'Indian/Reunion')).toBe('11\u00a0h\u00a031');
  });
});
