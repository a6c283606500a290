/** Objects that so far concern only people nobody knows yet stand in no room: `record` keeps them, sealed. */
import { isClosed } from '#desk/placement.ts';
import type { Store } from '#store/open.ts';
import { restoreDeliveries, restoreObjects, type SaidObject } from '#store/rebuilt.ts';
import { eachWaiting } from '#store/waiting.ts';

export async function restoreWaiting(store: Store, recordKey: Buffer): Promise<void> {
  for await (const rows of eachWaiting(store, recordKey)) {
    // Several people wait for one object: the newest of it.
    const newest = new Map<string, (typeof rows)[number]>();
    for (const row of rows) if ((newest.get(row.key)?.revision ?? -1) < row.revision) newest.set(row.key, row);
    await restoreDeliveries(
      store,
      rows.flatMap(({ connection, keptAt, kept }) => {
        const via = kept?.placement.via;
        return via === undefined ? [] : [{ connection, source: via.source, id: via.id, digest: via.digest, at: keptAt.getTime() }];
      }),
    );
    await restoreObjects(
      store,
      [...newest.values()].map(({ organisation, key, connection, revision, keptAt, kept }): SaidObject => {
        const placement = kept?.placement;
        return {
          key,
          connection,
          organisation,
          revision,
          digest: kept?.contentDigest ?? '',
          at: keptAt.getTime(),
          closed: placement !== undefined && isClosed(placement),
        };
      }),
    );
  }
}
