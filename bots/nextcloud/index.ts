import { defineBot, jsonBody } from '../bot.ts';
import { verifySharedSecret } from '../webhook.ts';
import { actions } from './actions.ts';
import { getNotification, listNotifications, sweep } from './client.ts';
import { Account, Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

export const nextcloud = defineBot<Config, Account>({
  manifest,
  config: Config,
  account: Account,
  check: (ctx) => listNotifications(ctx).then(() => undefined),
  poll: sweep,
  // webhook_listeners signs nothing: a header of the registration holds the secret. It only wakes the sweep.
  read: (request) => [jsonBody(verifySharedSecret(request, { header: 'x-ecritoire-secret' }))],
  normalise,
  reread: (ctx, { key }) => getNotification(ctx, key),
  actions,
});
