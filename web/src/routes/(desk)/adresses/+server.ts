/** What an agent asks of her own mail addresses: a code, its trial or its end (POST), to remove one (DELETE). */
import type { MailAnswer } from '#desk/own-mail.ts';
import { changeMails } from '#lib/server/mails.ts';
import { settings } from '#lib/server/settings.ts';
import type { RequestEvent } from '@sveltejs/kit';
import { isFromOwnPage } from '../../../../server/csrf.ts';
import type { RequestHandler } from './$types';

async function change(method: 'POST' | 'DELETE', { locals, request }: RequestEvent): Promise<Response> {
  const { origin } = new URL((await settings()).publicUrl);
  const isOwn = isFromOwnPage(Object.fromEntries(request.headers), { origin, media: false });
  if (!isOwn) return say({ fault: 'unavailable' }, 403);
  if (!locals.session) return say({ fault: 'signed_out' }, 401);
  const given: unknown = await request.json().catch(() => null);
  return say(await changeMails(locals.session.accessToken, method, given), 200);
}

const say = (answer: MailAnswer, status: number): Response => Response.json(answer, { status, headers: { 'cache-control': 'no-store' } });

export const POST: RequestHandler = (event) => change('POST', event);
export const DELETE: RequestHandler = (event) => change('DELETE', event);
