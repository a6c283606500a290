/** Links the agents' accounts at the twins, once: sealed into the store as the desk does it. Whatever she unlinks stays unlinked. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedConfig } from '#config/load.ts';
import { keepAccount } from '#store/accounts.ts';
import { openStore } from '#store/open.ts';
import type { OpenTwin } from './open-twins.ts';

export async function linkAccounts(
  config: LoadedConfig,
  { twins, folder }: { twins: readonly OpenTwin[]; folder: string },
): Promise<number> {
  const file = join(folder, 'linked.json');
  const linked = new Set(
    await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as string[],
      () => [],
    ),
  );
  const missing = twins.flatMap(({ tool, twin }) =>
    config.people
      .filter(({ organisations }) => twin.account !== undefined && organisations.includes(tool.organisation))
      .map(({ uid = '', mail }) => ({ connection: tool.id, localpart: uid, secret: twin.account?.(mail) }))
      .filter(({ connection, localpart }) => !linked.has(`${connection} ${localpart}`)),
  );
  if (missing.length === 0) return 0;
  const { store } = openStore(config.store.url, { connections: 1 });
  try {
    for (const { secret, ...id } of missing) {
      await keepAccount(store, config.appservice.accountKeys, id, secret);
      linked.add(`${id.connection} ${id.localpart}`);
    }
  } finally {
    await store.destroy();
  }
  await writeFile(file, JSON.stringify([...linked]), { mode: 0o600 });
  return missing.length;
}
