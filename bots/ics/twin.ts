/** A feed as calendar servers publish it: folded lines, CRLF, alarms inside, times of several kinds. */
import { type RunningTwin, serve, type Told, type Twin, type TwinAnswer, type TwinCall, type TwinOptions } from '../twin.ts';
import { basic } from '../io.ts';

type Event = { uid: string; title: string; modified: number } & Pick<Told, 'startsAt' | 'endsAt' | 'place'>;

const [USER, PASSWORD] = ['flux', 'mot-de-passe-du-flux'];
const FIRST = Date.parse('2026-11-20T09:00:00Z');

async function start({ secret = PASSWORD, ...options }: TwinOptions = {}): Promise<RunningTwin> {
  const events = new Map<string, Event>();
  let isRevoked = false;
  const answer = ({ headers, path }: TwinCall): TwinAnswer => {
    if (isRevoked || headers.authorization !== basic(USER, secret).authorization) return { status: 401 };
    if (path !== '/instances.ics') return { status: 404 };
    const body = ['BEGIN:VCALENDAR', 'VERSION:2.0', ...[...events.values()].map(written), 'END:VCALENDAR', ''].join('\r\n');
    return { headers: { 'content-type': 'text/calendar; charset=utf-8' }, body };
  };
  const server = await serve(answer, options);
  return {
    url: server.url,
    config: {
      baseUrl: server.url,
      path: '/instances.ics',
      to: { mail: 'claire.morel@ville-claire.example' },
      user: USER,
      password: secret,
    },
    calls: server.calls,
    acted: () => 0,
    add(_agents, title = 'Conseil municipal') {
      const uid = `instance-${events.size + 1}@agenda`;
      events.set(uid, { uid, title, modified: FIRST });
      return uid;
    },
    change(key) {
      const found = events.get(key);
      if (found !== undefined) events.set(key, { ...found, title: `${found.title} (déplacé)`, modified: found.modified + 60_000 });
    },
    settle: (key) => void events.delete(key),
    tell({ number, title, at, startsAt, endsAt, place }) {
      const uid = `reunion-${number}@agenda`;
      const when = { ...(startsAt !== undefined && { startsAt }), ...(endsAt !== undefined && { endsAt }) };
      events.set(uid, { uid, title, modified: at, ...when, ...(place !== undefined && { place }) });
      return uid;
    },
    isOpen: (key) => events.has(key),
    fail: (fault) => server.fail(fault),
    revoke() {
      isRevoked = true;
    },
    restore() {
      isRevoked = false;
    },
    stop: () => server.stop(),
  };
}

const utc = (time: string | number): string => new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '');

const SOON = utc(Date.now() + 2 * 86_400_000).slice(0, 8); // what is over is not shown

function written({ uid, title, modified, startsAt, endsAt, place }: Event): string {
  const folded = `SUMMARY:${title}`.replace(/^(.{40})/, '$1\r\n ');
  const alarm = ['BEGIN:VALARM', 'ACTION:DISPLAY', 'SUMMARY:Rappel', 'END:VALARM'];
  return [
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `LAST-MODIFIED:${utc(modified)}`,
    startsAt === undefined ? `DTSTART;TZID=Europe/Paris:${SOON}T183000` : `DTSTART:${utc(startsAt)}`,
    ...(endsAt === undefined ? [] : [`DTEND:${utc(endsAt)}`]),
    ...(place === undefined ? [] : [`LOCATION:${place.replaceAll(/[\\;,]/g, String.raw`\$&`)}`]),
    folded,
    ...alarm,
    'END:VEVENT',
  ].join('\r\n');
}

export const twin: Twin = {
  start,
  skip: [
    { rule: 'people: what concerns one agent is not read for another', reason: 'un flux s’adresse à ceux que sa connexion nomme' },
    { rule: 'bad input: a list that is cut short is never all there is', reason: 'un flux ne dit pas combien d’événements il a' },
  ],
};
