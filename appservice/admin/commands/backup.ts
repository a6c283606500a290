import { DeskError } from '#desk/errors.ts';
import { COMMANDS } from '#desk/words/commands.ts';
import { BACKUP } from '#desk/words/store.ts';
import { writeRecord } from '#store/backup.ts';
import { writeLines } from '../backup-file.ts';
import type { OperatorCommand } from '../command.ts';

export const backup: OperatorCommand = {
  name: 'backup',
  says: COMMANDS.backup,
  role: 'operator',
  run: async ({ readConfig, options, say, withStore }) => {
    const { out } = options;
    if (typeof out !== 'string') throw new DeskError('invalid', BACKUP.out);
    const from = Date.now();
    const config = await readConfig();
    const { serverName, appservice } = config;
    await withStore(config, async (store) => {
      const rows = await writeLines(out, (write) => writeRecord(store, { serverName, recordKey: appservice.recordKey }, write));
      say(BACKUP.done({ file: out, rows, ms: Date.now() - from }));
    });
  },
};
