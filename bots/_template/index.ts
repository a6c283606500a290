import { collect, defineBot, jsonBody } from '../bot.ts';
import { verifyMac } from '../webhook.ts';
import { actions } from './actions.ts';
import { getRequest, ping, requestPages } from './client.ts';
import { Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

export const template = defineBot<Config>({
  manifest,
  config: Config,
  check: ping,
  poll: (ctx) => collect(requestPages(ctx)),
  read: (request) => [jsonBody(verifyMac(request, { header: 'x-signature', prefix: 'sha256=' }))],
  normalise,
  reread: (ctx, { key }) => getRequest(ctx, key),
  actions,
});
