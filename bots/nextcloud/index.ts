import { defineBot, jsonBody } from '../bot.ts';
import { concerned, giveBack, loginFlow } from '../nextcloud-accounts.ts';
import { verifySharedSecret } from '../webhook.ts';
import { actions } from './actions.ts';
import { getNotification, listen, listNotifications, sweep } from './client.ts';
import { Account, Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

export const nextcloud = defineBot<Config, Account>({
  manifest,
  config: Config,
  account: Account,
  grant: loginFlow,
  revoke: giveBack,
  concerns: (payload) => concerned(payload),
  check: (ctx) => listNotifications(ctx).then(() => undefined),
  poll: sweep,
  watch: listen,
  // webhook_listeners signs nothing: a header of the registration holds the secret. It only wakes the sweep.
  read: (request) => [jsonBody(verifySharedSecret(request, { header: 'x-ecritoire-secret' }))],
  normalise,
  actions,
  reread: (ctx, { key }) => getNotification(ctx, key),
});
