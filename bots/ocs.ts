/** OCS, the interface of Nextcloud and its apps. Each answer says its own status inside, which version 1 does with 200 whatever happened. */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { basic, codeOf, type HttpAnswer, type SocketUse } from './io.ts';

export const ocs = <Data>(data: z.ZodType<Data>) => z.object({ ocs: z.object({ data }) });
const Meta = z.object({ ocs: z.object({ meta: z.object({ statuscode: z.coerce.number(), message: z.string().nullish() }) }) });

type AppPassword = { loginName: string; appPassword: string };

export function ocsHeaders({ loginName, appPassword }: AppPassword): Record<string, string> {
  return { 'ocs-apirequest': 'true', 'accept-language': 'fr', ...basic(loginName, appPassword) };
}

export function ocsRefusal(answer: HttpAnswer): DeskError | undefined {
  const meta = answer.bytes.length === 0 ? undefined : Meta.safeParse(answer.json()).data?.ocs.meta;
  if (meta === undefined || meta.statuscode === 100 || (meta.statuscode >= 200 && meta.statuscode < 300)) return undefined;
  const status = meta.statuscode === 997 ? 401 : meta.statuscode === 998 ? 404 : meta.statuscode;
  return new DeskError(codeOf(status), `OCS ${meta.statuscode}`, { ...(meta.message != null && { words: meta.message }) });
}

export const CAPABILITIES = '/ocs/v2.php/cloud/capabilities';
const Push = ocs(z.object({ capabilities: z.object({ notify_push: z.object({ endpoints: z.object({ websocket: z.string() }) }) }) }));

/** Where notify_push listens, as the server's capabilities say; throws `not_found` for a server without it. */
export function pushAddress(capabilities: HttpAnswer): string {
  const found = Push.safeParse(capabilities.json()).data;
  if (found === undefined) throw new DeskError('not_found', 'The server has no notify_push');
  return found.ocs.data.capabilities.notify_push.endpoints.websocket;
}

/** How it is spoken to: name and password, then a word for each thing that happened. Other words than the one are nobody's business. */
export function pushUse(
  { loginName, appPassword }: AppPassword,
  { word, wake, lost }: { word: string; wake: () => void; lost: () => void },
): SocketUse {
  return {
    first: [loginName, appPassword],
    refusal: (text) => (text === 'authenticated' ? undefined : refusalOf(text)),
    onText: (text) => {
      if (text.split(' ')[0] === word) wake();
    },
    lost,
  };
}

/** It asks Nextcloud itself, and says when that does not answer. */
function refusalOf(text: string): DeskError {
  if (/^err: invalid credentials/i.test(text)) return new DeskError('auth', 'notify_push refuses the account');
  return new DeskError('unavailable', 'notify_push could not find out whose the account is');
}

/** A link is made when something happens: behind a proxy in plain http, by a cron job as « localhost » (nextcloud/server#15114). */
export function linkAt(link: string, baseUrl: string): string | undefined {
  const [url, { protocol, hostname, host, port }] = [link === '' ? null : URL.parse(link, baseUrl), new URL(baseUrl)];
  const isOwn = protocol === 'https:' && url?.protocol === 'http:' && [hostname, 'localhost'].includes(url.hostname);
  if (url !== null && isOwn) Object.assign(url, { protocol, host, port });
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined;
}
