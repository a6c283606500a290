/** The public interface of i-Parapheur (`/api/standard/v1`), all that some servers have: lists by name, steps by PREMIS, few actions. */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import type { ActOn, Ctx } from './bot.ts';
import { type KeycloakAccount, type KeycloakConfig, tokenCall } from './keycloak.ts';
import { LooseId } from './loose.ts';
import { counted, whole, wholeBelow } from './paged.ts';
import { stepsOf } from './premis.ts';

type Here = Ctx<KeycloakConfig & { version: '5.0' | '5.1' }, KeycloakAccount>;
export type Place = { tenantId: string; deskId: string; id: string };
/** A folder as a list shows it, and the desk it waits for. */
export type Known = { desk: { id: string; name?: string | null | undefined; isPublic?: true | undefined }; row: unknown };

/** Tenant and desk stand in the item's link only. */
export function placeOf({ key, item }: Pick<ActOn, 'key' | 'item'>): Place {
  const [, tenantId, deskId] = /\/tenant\/([^/]+)\/desk\/([^/]+)\/folder\//.exec(item.url ?? '') ?? [];
  if (tenantId === undefined || deskId === undefined) throw new DeskError('not_found', 'The item has no link to its desk');
  return { tenantId: decodeURIComponent(tenantId), deskId: decodeURIComponent(deskId), id: key };
}

const Row = z.object({ id: LooseId });

export const PUBLIC = '/api/standard/v1';

export const pages = (ctx: Here, path: string) =>
  counted(async (page) => (await tokenCall(ctx, path, { query: { page, size: 100 } })).json(), path);

export const deskPath = (tenantId: string, deskId: string) => `/tenant/${encodeURIComponent(tenantId)}/desk/${encodeURIComponent(deskId)}`;
export const folderPath = ({ tenantId, deskId, id }: Place) => `${deskPath(tenantId, deskId)}/folder/${encodeURIComponent(id)}`;

export async function publicDesks(ctx: Here): Promise<unknown[]> {
  const found = await wholeBelow(pages(ctx, `${PUBLIC}/tenant`), (id) => pages(ctx, `${PUBLIC}/tenant/${encodeURIComponent(id)}/desk`));
  return found.map(([tenantId, desk]) => ({ ...desk, tenantId, isPublic: true }));
}

/** Its row with its steps, which leaves no read mark. Undefined when it is gone or no longer hers. */
export async function publicFolder(ctx: Here, at: Place, { desk, row }: Known): Promise<unknown> {
  const request = { headers: { accept: 'application/xml' }, accept: [403, 404] };
  const answer = await tokenCall(ctx, `${PUBLIC}${folderPath(at)}/premis`, request);
  if (answer.status !== 200) return undefined;
  const steps = stepsOf(answer.text(), desk);
  // A folder has had one at least. Without any it would look over, and what was asked of it done.
  if (steps.length === 0) throw new DeskError('unavailable', 'A PREMIS summary that tells no step');
  return { ...Object(row), stepList: steps.map((step) => ({ ...step, ...lacking(ctx) })) };
}

/** Whether it waits for a desk that this one stands in for: PREMIS names that one alone. */
export async function isDelegated(ctx: Here, { tenantId, deskId, id }: Place): Promise<boolean> {
  const rows = await whole(pages(ctx, `${PUBLIC}${deskPath(tenantId, deskId)}/DELEGATED`));
  return rows.some((row) => Row.safeParse(row).data?.id === id);
}

/** It rejects nothing, and approves since 5.1: that is done in the parapheur, like a step that wants fields filled in. */
const lacking = ({ config }: Here) => ({
  mandatoryRejectionMetadata: ['*'],
  mandatoryValidationMetadata: config.version === '5.0' ? ['*'] : [],
});
