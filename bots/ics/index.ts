import { defineBot } from '../bot.ts';
import { actions } from './actions.ts';
import { entriesIn, readFeed } from './client.ts';
import { Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

export const ics = defineBot<Config>({
  manifest,
  config: Config,
  check: async (ctx) => {
    await readFeed(ctx);
  },
  poll: async (ctx) => ({ payloads: await readFeed(ctx), complete: true }),
  readFile: ({ bytes }, config, at) => entriesIn(bytes, config, at),
  normalise,
  actions,
});
