/** What has to hold before anything is served, and what is only said when it does not. */
import { checkHomeserver } from '#config/homeserver-check.ts';
import type { LoadedConfig } from '#config/load.ts';
import { DeskError } from '#desk/errors.ts';
import { OPERATOR } from '#desk/words.ts';
import { isStoreFailure } from '#store/failure.ts';
import { resealAccounts } from '#store/account-keys.ts';
import { checkInstallation } from '#store/installation.ts';
import { migrate, type Store } from '#store/open.ts';
import { tellPlatform } from '#store/outbox.ts';
import type { Log } from '../log.ts';
import { refuse } from './refuse.ts';

/** The store may come up after us; a schema or an installation that does not fit ends the start. */
export async function prepareStore(store: Store, config: LoadedConfig, log: Log): Promise<void> {
  for (let said = false; ; said = true) {
    try {
      await migrate(store);
      const fault = await checkInstallation(store, {
        serverName: config.serverName,
        organisations: config.organisations.map(({ id }) => id),
      });
      if (fault !== undefined) refuse(fault.kind === 'server_name' ? OPERATOR.serverName(fault) : OPERATOR.organisations(fault));
      return;
    } catch (err) {
      const cause = err instanceof DeskError ? err.cause : err;
      if (!isStoreFailure(cause)) throw err;
      if (!said) log.warn({ err: cause }, 'the store does not answer yet; waiting for it');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** What does not hold at the homeserver is logged and said in the platform's room; nothing of it ends the start. */
export async function complain(config: LoadedConfig, store: Store, log: Log): Promise<void> {
  for (const sentence of await checkHomeserver(config)) {
    log.error({ sentence }, 'the homeserver is not set up as it should be');
    await tellPlatform(store, `homeserver|${sentence}`, sentence);
  }
}

/** After a change of keys. Accounts whose key is missing are in pause until it is there again; that is said. */
export async function reseal(config: LoadedConfig, store: Store, log: Log): Promise<void> {
  const { resealed, lost } = await resealAccounts(store, config.appservice.accountKeys);
  if (resealed > 0) log.info({ resealed }, 'accounts are sealed with the current key now');
  if (lost === 0) return;
  log.error({ lost }, 'accounts are sealed with a key that is not at hand; they wait for it');
  await tellPlatform(store, 'accounts|lost', OPERATOR.lostAccounts({ lost }));
}
