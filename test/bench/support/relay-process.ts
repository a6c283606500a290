/** A relay alone, on a bed's configuration: works between the words « go » and « hold », says `held` when nothing is in flight. */
import { z } from 'zod';
import { loadConfig } from '../../../config/load.ts';
import { registration } from '../../../config/homeserver.ts';
import { openLog } from '../../../appservice/log.ts';
import { makeMatrix } from '../../../appservice/matrix/index.ts';
import { Relay } from '../../../appservice/relay.ts';
import { makeFreeze } from '../../../appservice/relay/freeze.ts';
import { openStore } from '../../../appservice/store/open.ts';

const { file } = z.object({ file: z.string() }).parse(JSON.parse(process.argv[2] ?? '{}'));
const config = await loadConfig(file);
const { store } = openStore(config.store.url, { connections: 10 });
const { store: relaying } = openStore(config.store.url, { connections: 8, task: 'relaying' });
const matrix = makeMatrix({ config, registration: registration(config), store });
const labels = new Map(config.connections.map(({ id, label }) => [id, label]));
const freeze = makeFreeze({ ...config, clock: Date.now });
const open = (): Relay => new Relay({ store: relaying, storeUrl: config.store.url, matrix, freeze, labels, log: openLog('error') });

let relay = open();
process.on('message', (word) => {
  if (word === 'go') relay.start();
  else
    void relay.stop().then(() => {
      relay = open();
      process.send?.('held');
    });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
