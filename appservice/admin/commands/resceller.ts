/** After a change of keys: what an older key sealed is sealed with the current one, so that the older can go. */
import { DeskError } from '#desk/errors.ts';
import { COMMANDS, RESEAL } from '#desk/words/commands.ts';
import { resealAll } from '#store/account-keys.ts';
import type { OperatorCommand } from '../command.ts';

export const resceller: OperatorCommand = {
  name: 'resceller',
  says: COMMANDS.resceller,
  role: 'operator',
  run: async ({ readConfig, say, migrate, withStore }) => {
    const config = await readConfig();
    await migrate(config);
    await withStore(config, async (store) => {
      const keys = config.appservice.accountKeys;
      const { resealed, lost } = await store.transaction().execute((trx) => resealAll(trx, keys));
      say(RESEAL.done(resealed));
      if (lost > 0) throw new DeskError('config', RESEAL.lost(lost));
      say(RESEAL.free);
    });
  },
};
