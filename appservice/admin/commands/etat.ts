/** How everything is, for a phone: the parts, the connections that are not well first, what waits and what died. */
import { COMMANDS, type ConnectionSaid, FORMS, STATE } from '#desk/words/commands.ts';
import { countDead } from '#store/dead.ts';
import { readHealths } from '#store/healths.ts';
import { countWaiting } from '#store/inbox.ts';
import { measureOutbox } from '#store/outbox.ts';
import { countRejected } from '#store/rejected.ts';
import { countAside } from '#store/waiting.ts';
import { connectionsIn, type Desk, type RoomCommand, zoneOf } from '../command.ts';

const MOST_CONNECTIONS = 20; // lines on a phone; those that are ill come first

export const etat: RoomCommand = {
  name: 'état',
  aliases: ['statut', 'status'],
  says: COMMANDS.état,
  role: 'admin',
  forms: [{ verb: '', says: FORMS.état }],
  run: async (_call, desk) => {
    const [parts, connections, kept] = [await desk.probe(), await sayConnections(desk), await sayKept(desk)];
    const name = desk.config.organisations.find(({ id }) => id === desk.organisation)?.name;
    const head = STATE.head({ name, now: desk.now, timeZone: zoneOf(desk) });
    const text = [head, '', ...parts.map(STATE.part), STATE.store, '', ...connections, '', ...kept].join('\n');
    return { result: 'done', text };
  },
};

async function sayConnections(desk: Desk): Promise<string[]> {
  const healths = await readHealths(desk.db, connectionsIn(desk));
  const isWell = ({ word }: ConnectionSaid): boolean => word === 'connected' || word === 'starting';
  const sorted = [...healths.filter((one) => !isWell(one)), ...healths.filter(isWell)];
  const [shown, more] = [sorted.slice(0, MOST_CONNECTIONS), sorted.slice(MOST_CONNECTIONS)];
  return [
    STATE.connections,
    ...shown.map((one) => STATE.connection(one, { timeZone: zoneOf(desk), now: desk.now })),
    ...(sorted.length === 0 ? [STATE.none] : []),
    ...(more.length === 0 ? [] : [STATE.moreConnections(more.length, more.filter(isWell).length)]),
  ];
}

async function sayKept(desk: Desk): Promise<string[]> {
  const { db, organisation } = desk;
  const connections = organisation === undefined ? undefined : connectionsIn(desk).map(({ id }) => id);
  const within = organisation === undefined ? {} : { organisation };
  return [
    STATE.sending,
    STATE.depth(await measureOutbox(db, within)),
    ...(organisation === undefined ? [STATE.requests(await countWaiting(db))] : []),
    STATE.dead(await countDead(db, within)),
    '',
    STATE.aside,
    STATE.rejected(await countRejected(db, { connections })),
    STATE.waiting(await countAside(db, { organisation })),
  ];
}
