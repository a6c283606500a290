/** The sender's side of HOOKS.md: signs CloudEvents and posts them, as any tool would. */
import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** One addressee, by exactly one identifier. */
export type Addressee = ({ mail: string } | { uid: string } | { matricule: string } | { mxid: string } | { group: string }) & {
  reason?: string;
};

/** A CloudEvent of the hooks; `data` is left open so that tests can send what no schema allows. */
export type HookEvent = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time: string;
  subject?: string;
  data: Record<string, unknown>;
};

export type Hook = { url: string; /** `whsec_…`, the current one. */ secret: string };

/** Standard Webhooks: HMAC-SHA256 over `{id}.{timestamp}.{body}`. `at` in seconds. */
export function signatureHeaders(
  body: string | Uint8Array,
  { secret, id = randomUUID(), at = Math.floor(Date.now() / 1000) }: { secret: string; id?: string; at?: number },
) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` };
}

/** Posts one event, or several as one batch. The answer is the hook's own; network errors are thrown. */
export function postEvents(
  hook: Hook,
  events: HookEvent | readonly HookEvent[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<Response> {
  const body = JSON.stringify(events);
  const type = Array.isArray(events) ? 'application/cloudevents-batch+json' : 'application/cloudevents+json';
  return fetch(hook.url, {
    method: 'POST',
    body,
    headers: { 'content-type': type, ...signatureHeaders(body, hook) },
    redirect: 'error',
    ...(signal !== undefined && { signal }),
  });
}

/** The current secret of a connection in run.json: the first line of its file. */
export async function readSecret(file: string): Promise<string> {
  const line = (await readFile(file, 'utf8')).split('\n')[0]?.trim() ?? '';
  if (!line.startsWith('whsec_')) {
    throw new Error(`no whsec_ in ${file}`);
  }
  return line;
}
