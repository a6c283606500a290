/** What can never change after the first start: the server's name and the organisations' slugs, which stand in addresses. */
import { sql } from 'kysely';
import type { Store } from './open.ts';

export type InstallationFault = { kind: 'server_name'; was: string; is: string } | { kind: 'organisations'; gone: string[] };

/** Remembers the installation at its first start; afterwards says what no longer agrees. New organisations are added. */
export function checkInstallation(
  store: Store,
  { serverName, organisations }: { serverName: string; organisations: readonly string[] },
): Promise<InstallationFault | undefined> {
  return store.transaction().execute(async (trx) => {
    await sql`insert into record.installation (server_name, organisations) values (${serverName}, ${[...organisations]}::text[]) on conflict do nothing`.execute(
      trx,
    );
    const known = await trx.selectFrom('record.installation').selectAll().forUpdate().executeTakeFirstOrThrow();
    if (known.server_name !== serverName) return { kind: 'server_name', was: known.server_name, is: serverName };
    const gone = known.organisations.filter((id) => !organisations.includes(id));
    if (gone.length > 0) return { kind: 'organisations', gone };
    await trx
      .updateTable('record.installation')
      .set({ organisations: [...organisations] })
      .execute();
    return undefined;
  });
}
