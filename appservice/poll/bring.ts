/** What the acting half needs of the reading one: an object that was just seen, onto desks; and whether it moved. */
import type { LoadedConnection } from '#config/load.ts';
import { ItemKey, splitKey } from '#desk/item.ts';
import type { LastAction } from '#desk/placement.ts';
import type { ActRow } from '#store/acts.ts';
import { findPlacement } from '#store/placements.ts';
import { standingOf } from '#store/polls.ts';
import type { Payload } from '../../bots/bot.ts';
import type { Tool } from '../tools.ts';
import { answeredDelivery, hasMoved } from './compare.ts';
import { bringPayloads, type SweepParts } from './sweep.ts';

export type Bring = {
  bring: (tool: Tool, act: ActRow, shown: { payload: Payload; lastAction: LastAction | undefined }) => Promise<void>;
  bringItem: (connection: LoadedConnection, act: ActRow, shown: { item: unknown; lastAction: LastAction | undefined }) => Promise<boolean>;
  hasMoved: (tool: Tool, act: ActRow, payload: Payload) => Promise<boolean>;
};

export function makeBring(parts: SweepParts): Bring {
  const { store, serverName, clock, accept } = parts;
  return {
    async bring(tool, act, { payload, lastAction }) {
      const scope = tool.bot.account === undefined ? '' : act.agent;
      await bringPayloads(parts, tool, { payloads: [payload], scope, stampMs: clock(), done: { key: act.key, lastAction } });
    },
    async bringItem(connection, act, { item, lastAction }) {
      if (typeof item !== 'object' || item === null) return false;
      const [standing, rows] = await Promise.all([
        standingOf(store, { connection: connection.id, agent: '', listed: [act.key], withOpen: false, ageMs: 0 }),
        store.selectFrom('work.placements').select('agent').where('key', '=', act.key).where('addressed', '=', true).execute(),
      ]);
      const delivery = answeredDelivery(Object.fromEntries(Object.entries(item)), {
        connection,
        key: act.key,
        to: rows.map(({ agent }) => `@${agent}:${serverName}`),
        current: standing.get(act.key)?.revision ?? 0,
        id: `${act.request}/${act.place}`,
        now: clock(),
      });
      if (delivery !== undefined) await accept(connection.id, [{ ...delivery, lastAction }]);
      // It may name the object and say of it what cannot be shown here; of another one, or of none, it says nothing about this.
      return delivery !== undefined || Reflect.get(item, 'key') === splitKey(ItemKey.parse(act.key)).externalId;
    },
    async hasMoved(tool, act, payload) {
      const row = await findPlacement(store, act.address, act.key);
      if (row === undefined) return true;
      const { key, actions, via } = row.content;
      const shown = { key, actions, digest: via?.digest ?? '', revision: act.revision ?? row.revision };
      const agent = { localpart: act.agent, mxid: `@${act.agent}:${serverName}` };
      const scope = tool.bot.account === undefined ? {} : { agent };
      return hasMoved(payload, { tool, shown, action: act.action, checkDraft: parts.checkDraft, ...scope });
    },
  };
}
