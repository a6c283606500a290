/** Whether a tool shows an object otherwise than a desk does; and a callback's `item` as a delivery. */
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Delivery } from '#desk/delivery.ts';
import { checkEvent } from '#desk/delivery/check.ts';
import { ItemKey, splitKey } from '#desk/item.ts';
import type { LoadedConnection } from '#config/load.ts';
import type { Payload } from '../../bots/bot.ts';
import type { Tool } from '../tools.ts';
import { readPayloads } from './read.ts';

type Shown = { key: string; revision: number; digest: string; actions: readonly { id: string }[] };

/** Gone, closed, a later revision, other content where the tool counts none, or the action not offered any more. */
export function hasMoved(
  payload: Payload,
  {
    tool,
    agent,
    shown,
    action,
    checkDraft,
  }: { tool: Tool; agent?: { localpart: string; mxid: string }; shown: Shown; action: string; checkDraft: (draft: unknown) => boolean },
): boolean {
  const digest = (text: string): string => hash('sha256', text, 'hex');
  const reading = { tool, stampMs: shown.revision, requestId: 'reread', digest, checkDraft, ...(agent && { agent }) };
  const found = readPayloads([payload], reading).deliveries.get(shown.key);
  if (found?.change.op !== 'upsert') return true;
  const isOffered = found.change.item.actions.some(({ id }) => id === action);
  return !isOffered || (found.isStamped ? found.contentDigest !== shown.digest : found.revision > shown.revision);
}

/**
 * The `item` a callback answered with, for those who are shown it now. By time it carries the revision it replaces: of two
 * equal ones the later holds, and the tool's own next event is never late. By revision it must say its own. Undefined for what is
 * no item, and for that of another object: what became of this one is not known from it.
 */
export function answeredDelivery(
  item: Readonly<Record<string, unknown>>,
  {
    connection,
    key,
    to,
    current,
    id,
    now,
  }: { connection: LoadedConnection; key: string; to: readonly string[]; current: number; id: string; now: number },
): Delivery | undefined {
  const { state } = item;
  const { externalId } = splitKey(ItemKey.parse(key));
  if (item['key'] !== undefined && item['key'] !== externalId) return undefined;
  const op = state === 'done' || state === 'cancelled' || state === 'expired' ? 'close' : 'upsert';
  const { revision: _revision, ...rest } = item;
  const said = {
    ...rest,
    key: externalId,
    ...(connection.order === 'revision' && { revision: item['revision'] }),
  };
  const event = {
    specversion: '1.0',
    id: `${id}/answer`,
    source: 'urn:ecritoire:callback',
    type: 'fr.ecritoire.answer',
    time: new Date(now).toISOString(),
    data: { op, to: to.map((mxid) => ({ mxid })), item: said },
  };
  const contract = { bot: connection.bot, connection: connection.id, order: connection.order, hosts: connection.hosts, hasCallback: true };
  const result = checkEvent(event, contract);
  if ('flaws' in result) return undefined;
  const revision = connection.order === 'time' ? current : result.checked.revision;
  const change =
    result.checked.change.op === 'upsert'
      ? { ...result.checked.change, item: { ...result.checked.change.item, revision } }
      : result.checked.change;
  const contentDigest = hash('sha256', canonicalize(change) ?? '', 'hex');
  return { ...result.checked, revision, change, digest: contentDigest, contentDigest };
}
