/** The true ingest, but the tool hears 202 while its deliveries are still on their way to the store. */
import { type Ingest, makeIngest as makeTrueIngest } from '../../../appservice/ingest.ts';

export function makeIngest(options: Parameters<typeof makeTrueIngest>[0]): Ingest {
  const ingest = makeTrueIngest(options);
  return {
    ...ingest,
    accept(connection, deliveries) {
      ingest.accept(connection, deliveries).catch(() => undefined);
      const counts = { accepted: deliveries.length, duplicates: 0, ignored: 0, waiting: 0 };
      return Promise.resolve({ kind: 'committed', counts });
    },
  };
}
