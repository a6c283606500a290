/** What an agent asks of one of her accounts: to link it (PUT), to forget it (DELETE), to try or to grant it (POST). */
import { type Answered, changeAccount } from '#lib/server/accounts.ts';
import { settings } from '#lib/server/settings.ts';
import type { RequestEvent } from '@sveltejs/kit';
import { isFromOwnPage } from '../../../../../server/csrf.ts';
import type { RequestHandler } from './$types';

async function change(method: 'PUT' | 'POST' | 'DELETE', { locals, request, params }: RequestEvent): Promise<Response> {
  const { origin } = new URL((await settings()).publicUrl);
  const isOwn = isFromOwnPage(Object.fromEntries(request.headers), { origin, media: false });
  if (!isOwn) return say({ fault: 'unavailable' }, 403);
  if (!locals.session) return say({ fault: 'signed_out' }, 401);
  const given: unknown = method === 'DELETE' ? undefined : await request.json().catch(() => null);
  return say(await changeAccount(locals.session.accessToken, method, params['connection'] ?? '', given), 200);
}

const say = (answered: Answered, status: number): Response => Response.json(answered, { status, headers: { 'cache-control': 'no-store' } });

export const PUT: RequestHandler = (event) => change('PUT', event);
export const POST: RequestHandler = (event) => change('POST', event);
export const DELETE: RequestHandler = (event) => change('DELETE', event);
