import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bot } from '../../../bots/bot.ts';
import { ics } from '../../../bots/ics/index.ts';
import { serve, type TwinServer } from '../../../bots/twin.ts';
import { BotBed } from '../../contract/bed.ts';

const bot: Bot = ics;
const NOW = Date.parse('2026-11-26T09:00:00Z'); // a Thursday
let calendar: string | Buffer = '';
let server: TwinServer;
let bed: BotBed;

beforeEach(async () => {
  server = await serve(() => ({ headers: { 'content-type': 'text/calendar' }, body: calendar }));
  const config = { baseUrl: server.url, path: '/a.ics', to: { group: 'direction' } };
  bed = await BotBed.start(bot, {
    start: () => Promise.resolve({ ...NOTHING, url: server.url, config, calls: server.calls, stop: () => server.stop() }),
  });
});
afterEach(() => bed.stop());

const NOTHING = {
  acted: () => 0,
  add: () => '',
  change: () => undefined,
  settle: () => undefined,
  fail: () => undefined,
  revoke: () => undefined,
};

/** Events of these lines, in a calendar. */
function published(...events: readonly string[]): void {
  const body = events.map((lines) => `BEGIN:VEVENT\n${lines}\nEND:VEVENT`).join('\n');
  calendar = `BEGIN:VCALENDAR\nVERSION:2.0\n${body}\nEND:VCALENDAR\n`.replaceAll('\n', '\r\n');
}

/** A definition as servers write it: of each part its name, its start, the offset before and after, its rule. */
function zone(name: string, ...parts: readonly string[][]): string {
  const written = parts.map(([part = '', start = '', from = '', to = '', ...rule]) =>
    [`BEGIN:${part}`, `DTSTART:${start}`, `TZOFFSETFROM:${from}`, `TZOFFSETTO:${to}`, ...rule, `END:${part}`].join('\r\n'),
  );
  return ['BEGIN:VTIMEZONE', `TZID:${name}`, ...written, 'END:VTIMEZONE', ''].join('\r\n');
}

async function shown() {
  const { payloads, complete } = (await bot.poll?.({ ...bed.ctx(), clock: () => NOW })) ?? { payloads: [], complete: false };
  const read = payloads.map((payload) => bed.normalise(payload));
  expect(complete).toBe(true);
  return { items: read.flatMap(({ items }) => items), rejected: read.flatMap(({ rejected }) => rejected) };
}
const keys = async (): Promise<string[]> => (await shown()).items.map(({ key }) => key);

describe('an event', () => {
  it('that is over is left out, one that goes on is there, whatever says when it ends', async () => {
    published(
      'UID:hier\nSUMMARY:Hier\nDTSTART:20261125T090000Z\nDTEND:20261125T100000Z',
      'UID:dure\nSUMMARY:En cours\nDTSTART:20261126T083000Z\nDURATION:PT1H',
      'UID:court\nSUMMARY:Finie\nDTSTART:20261126T080000Z\nDURATION:PT30M',
      'UID:jour\nSUMMARY:Toute la journée\nDTSTART;VALUE=DATE:20261126',
      'UID:vieux\nSUMMARY:Toute une journée passée\nDTSTART;VALUE=DATE:20261120\nDTEND;VALUE=DATE:20261121',
      'UID:sans-date\nSUMMARY:Sans date',
    );
    expect(await keys()).toEqual(['dure', 'jour', 'sans-date']);
  });

  it('is at its hour in zones by whatever name, and at ours in one that nobody knows', async () => {
    const zones = ['Europe/Paris', 'Romance Standard Time', '/freeassociation.sourceforge.net/Europe/Paris', '"Customized Time Zone"'];
    published(...zones.map((zone, n) => `UID:z${n}\nSUMMARY:Z\nDTSTART;TZID=${zone}:20261127T183000`));
    expect((await shown()).items.map(({ startsAt }) => startsAt)).toEqual(zones.map(() => '2026-11-27T17:30:00.000Z'));
    const away = ['Mauritius Standard Time', 'Eastern Standard Time', '"Saint Pierre Standard Time"', 'Hawaiian Standard Time'];
    published(...away.map((zone, n) => `UID:r${n}\nSUMMARY:R\nDTSTART;TZID=${zone}:20261127T183000`));
    const hours = (await shown()).items.map(({ startsAt }) => startsAt?.slice(8, 16));
    expect(hours).toEqual(['27T14:30', '27T23:30', '27T21:30', '28T04:30']);
  });

  it('is read from lines of either end, folded anywhere, under names in any case, after a mark of byte order', async () => {
    published('uid:a\nsummary:Commission\n  des finances\\, séance \\\\n°2\nDtStart;Value=Date:20261127');
    calendar = `\uFEFF${String(calendar).replaceAll('\r\n', '\n')}`;
    expect((await shown()).items).toMatchObject([{ key: 'a', title: 'Commission des finances, séance \\n°2', dueAt: '2026-11-27' }]);
  });

  it('keeps its letters when its server folds within one, and when another event of the feed is not in UTF-8', async () => {
    published('UID:a\nSUMMARY:Séance', 'UID:b\nSUMMARY:Réunion');
    const [before = '', after = ''] = String(calendar).split('éance');
    const [folded, plain] = [Buffer.from('é'), Buffer.from('éance', 'latin1').subarray(1)];
    const parts = [before, folded.subarray(0, 1), '\r\n ', folded.subarray(1), plain].map((part) => Buffer.from(part));
    calendar = Buffer.concat([...parts, Buffer.from(after, 'latin1')]);
    expect((await shown()).items.map(({ title }) => title)).toEqual(['Séance', 'Réunion']);
  });

  it('is there whatever stands around it: spaces after its first line, text that broke out of its line', async () => {
    published(
      `UID:a\nSUMMARY:A\nDESCRIPTION:Prix\nA${';'.repeat(60)}`,
      'UID:b\nSUMMARY:B\nATTENDEE;MEMBER="mailto:x:y","mailto:z":mailto:c',
    );
    calendar = String(calendar).replaceAll('BEGIN:VEVENT\r', 'BEGIN:VEVENT \r');
    expect(await keys()).toEqual(['a', 'b']);
  });

  it('is at the hour of a zone that the feed itself defines, before and after its change, and by what Outlook writes of 1601', async () => {
    const half = zone('Bureau de Calcutta', ['STANDARD', '19700101T000000', '+0530', '+0530']);
    const paris = zone(
      'Fuseau personnalisé',
      ['STANDARD', '16010101T030000', '+0200', '+0100', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10'],
      ['DAYLIGHT', '16010101T020000', '+0100', '+0200', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3'],
    );
    const weekly = 'DTSTART;TZID=Fuseau personnalisé:20260325T100000\nDTEND;TZID=Fuseau personnalisé:20260325T110000\nRRULE:FREQ=WEEKLY';
    published(
      'UID:a\nSUMMARY:A\nDTSTART;TZID="Bureau de Calcutta":20261127T183000',
      'UID:b\nSUMMARY:B\nDTSTART;TZID=Fuseau personnalisé:20270701T100000',
      `UID:c\nSUMMARY:C\n${weekly};COUNT=37\nEXDATE:20261125T090000Z`,
      'UID:c\nRECURRENCE-ID:20261202T090000Z\nSUMMARY:C, déplacé\nDTSTART:20261203T090000Z',
    );
    calendar = String(calendar).replace('BEGIN:VEVENT', `${half}${paris}BEGIN:VEVENT`);
    expect((await shown()).items.map(({ key, startsAt }) => [key, startsAt])).toEqual([
      ['a', '2026-11-27T13:00:00.000Z'],
      ['b', '2027-07-01T08:00:00.000Z'],
      ['c/20261202T100000', '2026-12-03T09:00:00.000Z'],
    ]);
  });

  it('is at the hour of a zone whose name has colons, as Exchange leaves them unquoted', async () => {
    const east = zone('tzone://Microsoft/Custom', ['STANDARD', '16010101T000000', '+0400', '+0400']);
    const odd = zone('(UTC+03:00) Ailleurs\\, là-bas', ['STANDARD', '16010101T000000', '+0300', '+0300']);
    published(
      'UID:a\nSUMMARY:A\nDTSTART;TZID=tzone://Microsoft/Custom:20261127T183000\nRRULE:FREQ=DAILY;COUNT=1',
      'UID:b\nSUMMARY:B\nDTSTART;TZID="(UTC+03:00) Ailleurs, là-bas":20261127T183000',
    );
    calendar = String(calendar).replace('BEGIN:VEVENT', `${east}${odd}BEGIN:VEVENT`);
    expect((await shown()).items.map(({ startsAt }) => startsAt)).toEqual(['2026-11-27T14:30:00.000Z', '2026-11-27T15:30:00.000Z']);
  });

  it('that is cut off closes nothing, even where the calendar around it is whole', async () => {
    published('UID:a\nSUMMARY:A', 'UID:b\nSUMMARY:B');
    for (const half of [/END:VEVENT\r\n(?=END:VCALENDAR)/, /END:VEVENT\r\n(?=BEGIN:VEVENT)/, /END:VCALENDAR\r\n$/]) {
      const whole = String(calendar);
      calendar = whole.replace(half, '');
      await expect(shown()).rejects.toThrow('no whole calendar');
      calendar = whole;
    }
  });

  it.each(['\r', '\r\r\n', '\n'])('is read whatever ends its lines: %j', async (end) => {
    published('UID:a\nSUMMARY:Commission\n  des finances');
    calendar = String(calendar).replaceAll('\r\n', end);
    expect((await shown()).items).toMatchObject([{ key: 'a', title: 'Commission des finances' }]);
  });

  it('is read though a feed is made to keep its reader busy: what never ends, what lists too much, one line of signs', async () => {
    const endless = 'BEGIN:VALARM\n'.repeat(20_000);
    const dates = `RRULE:FREQ=WEEKLY\nEXDATE:${'20260101T000000Z,'.repeat(20_000)}`;
    published(`UID:a\nSUMMARY:A\nX-A${';'.repeat(50_000)}\n${endless}`, `UID:b\nSUMMARY:B\nDTSTART:20240104T140000Z\n${dates}`);
    const { items, rejected } = await shown();
    expect(items.map(({ key }) => key)).toEqual(['a']);
    expect(rejected).toEqual([{ reason: 'répétition illisible', pointer: '/RRULE', key: 'b' }]);
  });

  it('of an id as long as Exchange makes them has a key of its own; one without a title keeps the others from nothing', async () => {
    published(`UID:${'0'.repeat(250)}1\nSUMMARY:A`, `UID:${'0'.repeat(250)}2\nSUMMARY:B`, 'UID:c\nDTSTART:20261127T090000Z');
    const { items, rejected } = await shown();
    expect(new Set(items.map(({ key }) => key)).size).toBe(2);
    expect(items.every(({ key }) => key.length <= 200)).toBe(true);
    expect(rejected).toEqual([{ reason: 'événement sans titre', pointer: '/SUMMARY', key: 'c' }]);
  });

  it('ends when its duration is over where it says no end', async () => {
    published('UID:a\nSUMMARY:A\nDTSTART:20261127T090000Z\nDURATION:PT1H30M');
    expect((await shown()).items).toMatchObject([{ startsAt: '2026-11-27T09:00:00.000Z', endsAt: '2026-11-27T10:30:00.000Z' }]);
  });

  it('is joined where it says, by RFC 7986 or as Google and Microsoft write it, and not by telephone', async () => {
    const at = 'DTSTART:20261127T090000Z';
    published(
      `UID:a\nSUMMARY:A\n${at}\nCONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+33142000000\nCONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL="Visio":https://visio.example/s/1`,
      `UID:b\nSUMMARY:B\n${at}\nX-GOOGLE-CONFERENCE:https://meet.example/b`,
      `UID:c\nSUMMARY:C\n${at}\nX-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.example/c`,
      `UID:d\nSUMMARY:D\n${at}`,
    );
    const urls = (await shown()).items.map(({ joinUrl }) => joinUrl);
    expect(urls).toEqual(['https://visio.example/s/1', 'https://meet.example/b', 'https://teams.example/c', undefined]);
  });

  it('is there although lines follow the end of the calendar, unless they begin another', async () => {
    published('UID:a\nSUMMARY:A');
    const whole = String(calendar);
    calendar = `${whole}X-COMMENT:Cached from 2026-11-26 09:00:00 - new at most every 1800sec.\r\n`;
    expect(await keys()).toEqual(['a']);
    for (const more of ['BEG', 'BEGIN:VCALENDAR', 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:B', 'begin:vcalendar\r\nBEGIN:VEVENT']) {
      calendar = whole + more;
      await expect(shown()).rejects.toThrow('no whole calendar');
    }
    calendar = whole + whole.replace('UID:a', 'UID:b');
    expect(await keys()).toEqual(['a', 'b']);
  });

  it('that was called off is over', async () => {
    published('UID:a\nSUMMARY:A\nSTATUS:Cancelled\nDTSTART:20261127T090000Z');
    expect((await shown()).items).toMatchObject([{ state: 'cancelled' }]);
  });
});

describe('the declaration of a feed', () => {
  const faults = (settings: object): string[] => {
    const read = bot.config.safeParse({ baseUrl: 'https://agenda.example', path: '/a.ics', to: { group: 'direction' }, ...settings });
    return (read.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  };

  it('says for whom it is, once, and where, in words that tell what is wanted', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ to: {} })).toEqual(['to: attendu : mail, uid, matricule ou group']);
    expect(faults({ path: 'a.ics' })).toEqual(['path: attendu : un chemin qui commence par « / »']);
    expect(faults({ baseUrl: 'webcal://agenda.example' })).toEqual(['baseUrl: attendu : une adresse https://…']);
  });
});

describe('a sample of a feed', () => {
  it('is read as the feed would be now, in the organisation’s zone; half of one is said to be that', async () => {
    published('UID:a\nSUMMARY:A\nDTSTART:20261127T090000', 'UID:b\nSUMMARY:Hier\nDTSTART:20261125T090000');
    const file = { name: 'instances.ics', bytes: Buffer.from(calendar) };
    const payloads = (await bot.readFile?.(file, bed.config, { now: NOW, timeZone: 'Indian/Reunion' })) ?? [];
    const read = payloads.map((payload) => bot.normalise(payload, { baseUrl: '', timeZone: 'Indian/Reunion', config: bed.config }));
    expect(read.flatMap(({ items }) => items)).toMatchObject([{ key: 'a', startsAt: '2026-11-27T05:00:00.000Z' }]);
    const half = { ...file, bytes: file.bytes.subarray(0, -20) };
    await expect((async () => bot.readFile?.(half, bed.config, { now: NOW, timeZone: 'UTC' }))()).rejects.toThrow('no whole calendar');
  });
});

/** Tasks of these lines, in a calendar. */
function tasks(...all: readonly string[]): void {
  published(...all);
  calendar = String(calendar).replaceAll(':VEVENT', ':VTODO');
}

describe('a task', () => {
  it('is due when it says, else when what it takes is over; it ends at no hour of its own', async () => {
    const start = 'DTSTART;TZID=Europe/Paris:20261201T090000';
    tasks(
      `UID:a\nSUMMARY:A\n${start}\nDUE;TZID=Europe/Paris:20261203T170000`,
      `UID:b\nSUMMARY:B\n${start}\nDURATION:P2D`,
      `UID:c\nSUMMARY:C\n${start}`,
    );
    const { items } = await shown();
    expect(items.map(({ dueAt }) => dueAt)).toEqual(['2026-12-03T16:00:00.000Z', '2026-12-03T08:00:00.000Z', undefined]);
    expect(items.map(({ endsAt }) => endsAt)).toEqual([undefined, undefined, undefined]);
  });

  it('is done when it says when, whatever it says of its state', async () => {
    published('UID:e\nSUMMARY:E\nDTSTART:20261127T090000Z');
    const tasks = ['UID:a\r\nSUMMARY:A\r\nDUE;VALUE=DATE:20261127', 'UID:b\r\nSUMMARY:B\r\nCOMPLETED:20261120T090000Z'];
    calendar = String(calendar).replace(
      'END:VCALENDAR',
      `${tasks.map((lines) => `BEGIN:VTODO\r\n${lines}\r\nEND:VTODO\r\n`).join('')}END:VCALENDAR`,
    );
    const { items } = await shown();
    expect(items.map(({ key, kind, state }) => [key, kind, state])).toEqual([
      ['e', 'rendez-vous', 'todo'],
      ['a', 'tache', 'todo'],
      ['b', 'tache', 'done'],
    ]);
  });
});

describe('what repeats', () => {
  it('as a task is due each time as long after its start as the first time, by the hour or by the day', async () => {
    const start = 'DTSTART;TZID=Europe/Paris:20261002T090000\nDUE;TZID=Europe/Paris:20261003T170000\nRRULE:FREQ=MONTHLY;INTERVAL=2';
    tasks(
      `UID:h\nSUMMARY:Relevé\n${start}`,
      'UID:j\nSUMMARY:Paie\nDTSTART;VALUE=DATE:20260927\nDUE;VALUE=DATE:20260930\nRRULE:FREQ=MONTHLY;INTERVAL=2',
    );
    expect((await shown()).items.map(({ key, dueAt }) => [key, dueAt])).toEqual([
      ['h/20261202T090000', '2026-12-03T16:00:00.000Z'],
      ['j/20261127', '2026-11-30'],
    ]);
  });

  const WEEKLY =
    'UID:r\nSUMMARY:Réunion\nDTSTART;TZID=Europe/Paris:20240104T140000\nDTEND;TZID=Europe/Paris:20240104T150000\nRRULE:FREQ=WEEKLY';

  it('is there for the fortnight to come, each time by itself, at its own hour', async () => {
    published(WEEKLY);
    expect((await shown()).items).toMatchObject([
      { key: 'r/20261126T140000', startsAt: '2026-11-26T13:00:00.000Z', endsAt: '2026-11-26T14:00:00.000Z' },
      { key: 'r/20261203T140000' },
    ]);
  });

  it('lacks what was taken out of it; one that was moved is there once, where it is now', async () => {
    published(
      `${WEEKLY}\nEXDATE;TZID=Europe/Paris:20261203T140000`,
      'UID:r\nRECURRENCE-ID;TZID=Europe/Paris:20261126T140000\nSUMMARY:Réunion déplacée\nDTSTART;TZID=Europe/Paris:20261127T100000',
    );
    expect((await shown()).items).toMatchObject([
      { key: 'r/20261126T140000', title: 'Réunion déplacée', startsAt: '2026-11-27T09:00:00.000Z' },
    ]);
  });

  it.each([
    ['in UTC', ':20261126T130000Z', ':20261203T130000Z'],
    ['in another zone', ';TZID=Romance Standard Time:20261126T140000', ';TZID=America/New_York:20261203T080000'],
    ['by its day', ';VALUE=DATE:20261126', ';VALUE=DATE:20261203'],
  ])('is the same where what was moved or taken out is named %s', async (_, moved, gone) => {
    published(
      `${WEEKLY}\nEXDATE${gone}`,
      `UID:r\nRECURRENCE-ID${moved}\nSUMMARY:Déplacée\nDTSTART:20261127T090000Z`,
      `UID:r\nRECURRENCE-ID:20261210T130000Z\nSUMMARY:Réunion\nSTATUS:CANCELLED\nDTSTART:20261210T130000Z`,
    );
    expect((await shown()).items).toMatchObject([
      { key: 'r/20261126T140000', title: 'Déplacée', state: 'todo' },
      { key: 'r/20261210T140000', state: 'cancelled' },
    ]);
  });

  it('is never older than what takes its place: the series was changed after one was moved, and counts further', async () => {
    const modified = 'SEQUENCE:7\nLAST-MODIFIED:20261125T090000Z';
    published(`${WEEKLY}\n${modified}`);
    expect((await shown()).items.map(({ revision }) => revision)).toEqual([undefined, undefined]);
    published(`${WEEKLY}\n${modified}`, 'UID:r\nRECURRENCE-ID:20261126T130000Z\nSEQUENCE:0\nSUMMARY:Déplacée\nDTSTART:20261127T090000Z');
    expect((await shown()).items.map(({ revision }) => revision)).toEqual([undefined, undefined]);
  });

  it('for whole days lacks what Exchange takes out of it by an hour', async () => {
    const off = 'EXDATE;TZID=Romance Standard Time:20261126T000000\nEXDATE:20261202T230000Z';
    published(`UID:j\nSUMMARY:Télétravail\nDTSTART;VALUE=DATE:20261105\nRRULE:FREQ=WEEKLY\n${off}`);
    expect(await keys()).toEqual(['j/20261210']);
  });

  it('on listed days alone, without a rule, is there on each', async () => {
    published('UID:d\nSUMMARY:D\nDTSTART;TZID=Europe/Paris:20261105T100000\nRDATE;TZID=Europe/Paris:20261203T100000,20261127T100000');
    expect((await keys()).sort()).toEqual(['d/20261127T100000', 'd/20261203T100000']);
  });

  it('by a rule that cannot be read is said, with its key, and nothing else is kept back', async () => {
    published('UID:h\nSUMMARY:H\nDTSTART:20261126T100000Z\nRRULE:FREQ=HOURLY', 'UID:b\nSUMMARY:B\nDTSTART:20261127T100000Z');
    const { items, rejected } = await shown();
    expect(items.map(({ key }) => key)).toEqual(['b']);
    expect(rejected).toEqual([{ reason: 'répétition illisible', pointer: '/RRULE', key: 'h' }]);
  });
});
