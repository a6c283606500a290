import { defineBot } from '../bot.ts';
import { readEml } from '../eml.ts';
import { actions } from './actions.ts';
import { accessOf, openBox, readBox } from './client.ts';
import { Config } from './config.ts';
import { manifest } from './manifest.ts';
import { passedOver, readMail } from './match.ts';
import { normalise } from './normalise.ts';

export const mail = defineBot<Config>({
  manifest,
  config: Config,
  origins: ({ server }) => [server],
  check: openBox,
  poll: readBox,
  watch: ({ io, config }, on) => io.imap.idle(accessOf(config), on),
  readFile: async ({ bytes }, config) => {
    const { head, body } = await readEml(bytes);
    return [readMail(head, body, { config, uidValidity: 'fichier' }) ?? passedOver(head)];
  },
  normalise,
  actions,
});
