import { DeskError } from '#desk/errors.ts';
import { COMMANDS } from '#desk/words/commands.ts';
import { BACKUP } from '#desk/words/store.ts';
import { BackupHead, holdsRecord, keyCheckOf, newestMigration, readRecord } from '#store/backup.ts';
import { openLines } from '../backup-file.ts';
import type { OperatorCommand } from '../command.ts';

export const restore: OperatorCommand = {
  name: 'restore',
  says: COMMANDS.restore,
  role: 'operator',
  options: [
    { name: 'in', takes: 'FICHIER', says: BACKUP.inSays },
    { name: 'force', says: BACKUP.forceSays },
  ],
  run: async ({ readConfig, options, say, migrate, withStore }) => {
    const file = options['in'];
    if (typeof file !== 'string') throw new DeskError('invalid', BACKUP.in);
    const config = await readConfig();
    const from = Date.now();
    const { head, lines } = await openLines(file);
    const read = BackupHead.safeParse(head);
    if (!read.success) throw new DeskError('invalid', BACKUP.notOurs(file));
    const { serverName, migration, madeAt, keyCheck } = read.data;
    if (serverName !== config.serverName) throw new DeskError('invalid', BACKUP.otherServer({ was: serverName, is: config.serverName }));
    await migrate(config);
    await withStore(config, async (store) => {
      if (migration > (await newestMigration(store))) throw new DeskError('invalid', BACKUP.newer);
      if (options['force'] !== true && (await holdsRecord(store))) throw new DeskError('invalid', BACKUP.notEmpty);
      const rows = await readRecord(store, lines).catch((cause: unknown) => {
        throw cause instanceof DeskError ? new DeskError('invalid', BACKUP.broken(file), { cause }) : cause;
      });
      say(BACKUP.restored({ rows, ms: Date.now() - from, madeAt }));
      if (keyCheck !== keyCheckOf(config.appservice.recordKey)) say(BACKUP.otherKey);
    });
  },
};
