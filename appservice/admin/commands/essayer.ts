/** A dry run of one connection. On the machine alone: it shows agents' items, which no admin room ever does. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { DeskError } from '#desk/errors.ts';
import { ATTEMPT } from '#desk/words/attempt.ts';
import { COMMANDS } from '#desk/words/commands.ts';
import type { OperatorCommand } from '../command.ts';

const FEW = 20; // of each, on one screen

export const essayer: OperatorCommand = {
  name: 'essayer',
  takes: 'connection',
  says: COMMANDS.essayer,
  role: 'operator',
  options: [
    { name: 'fichier', takes: 'FICHIER', says: ATTEMPT.file },
    { name: 'agent', takes: 'ADRESSE', says: ATTEMPT.agent },
    { name: 'tout', says: ATTEMPT.all },
  ],
  run: async ({ readConfig, options, about, say, attempt }) => {
    if (about === undefined) throw new DeskError('invalid', ATTEMPT.usage);
    const config = await readConfig();
    const connection = config.connections.find(({ id, settings }) => id === about && settings !== undefined);
    if (connection === undefined) {
      const ids = config.connections.filter(({ settings }) => settings !== undefined).map(({ id }) => id);
      throw new DeskError('invalid', ATTEMPT.none(ids));
    }
    const [path, agent] = [options['fichier'], options['agent']];
    const file = typeof path === 'string' ? { file: await readGiven(path) } : {};
    const at = {
      now: Date.now(),
      timeZone: config.organisations.find(({ id }) => id === connection.organisation)?.timeZone ?? 'Europe/Paris',
    };
    say(ATTEMPT.head({ label: connection.label, connection: connection.id, bot: connection.bot, ...at }));
    const found = await attempt(config, connection, { ...(typeof agent === 'string' && { agent }), ...file }).catch((cause: unknown) => {
      throw cause instanceof DeskError && cause.words === undefined
        ? new DeskError(cause.code, ATTEMPT.fault(cause.code, cause.message), { cause })
        : cause;
    });
    const most = options['tout'] === true ? Infinity : FEW;
    const few = (lines: readonly string[], all: number): string[] => [...lines, ...(all > most ? [ATTEMPT.more(all - most)] : [])];
    const cards = found.cards
      .slice(0, most)
      .flatMap((card, index) => ATTEMPT.card({ lostLink: undefined, ...card, number: index + 1 }, at));
    const refusals = found.rejected.slice(0, most).map(({ reason, pointer }) => ATTEMPT.refusal(reason, pointer));
    for (const line of ['', ATTEMPT.cards(found.cards.length), ...few(cards, found.cards.length)]) say(line);
    if (found.over.length > 0) say(ATTEMPT.over(found.over));
    for (const line of ['', ATTEMPT.refused(found.rejected.length), ...few(refusals, found.rejected.length)]) say(line);
    if (path === undefined) for (const line of ['', found.complete ? ATTEMPT.complete : ATTEMPT.partial]) say(line);
    if (found.fault !== undefined) throw new DeskError(found.fault.code, ATTEMPT.fault(found.fault.code, found.fault.message));
  },
};

async function readGiven(path: string): Promise<{ name: string; bytes: Uint8Array }> {
  try {
    return { name: basename(path), bytes: await readFile(path) };
  } catch (cause) {
    throw new DeskError('invalid', ATTEMPT.unreadable(path), { cause });
  }
}
