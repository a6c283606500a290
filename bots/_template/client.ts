/** The tool's calls, named as the tool names them. The only file of the folder that does I/O, and only through `io`. */
import { z } from 'zod';
import { type Ctx, shaped } from '../bot.ts';
import { bearer } from '../io.ts';
import type { Config } from './config.ts';

type Here = Ctx<Config, unknown>;

const Page = z.object({ requests: z.array(z.unknown()), next: z.string().nullish() });

export async function ping({ io, config }: Here): Promise<void> {
  await io.http('/api/ping', { headers: bearer(config.token) });
}

/** All pages, to the end. */
export async function* requestPages({ io, config }: Here): AsyncGenerator<readonly unknown[]> {
  let page: string | undefined;
  do {
    const answer = await io.http('/api/requests', { headers: bearer(config.token), query: { page } });
    const { requests, next } = shaped(Page, answer.json(), '/api/requests');
    yield requests;
    page = next ?? undefined;
  } while (page !== undefined);
}

export async function getRequest({ io, config }: Here, id: string): Promise<unknown> {
  const answer = await io.http(`/api/requests/${encodeURIComponent(id)}`, { headers: bearer(config.token), accept: [404] });
  return answer.status === 404 ? undefined : answer.json();
}

export async function decide({ io, config }: Here, id: string, decision: { decision: string; reason?: string }): Promise<unknown> {
  const path = `/api/requests/${encodeURIComponent(id)}/decision`;
  return (await io.http(path, { method: 'POST', headers: bearer(config.token), json: decision })).json();
}
