import { defineBot } from '../bot.ts';
import { actions } from './actions.ts';
import { checkView, readView } from './client.ts';
import { Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

export const sql = defineBot<Config>({
  manifest,
  config: Config,
  origins: ({ server }) => [server],
  check: checkView,
  poll: readView,
  normalise,
  actions,
});
