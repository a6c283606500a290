/** Asks each part whether it answers; bounded in time, since a person waits. Addresses are the configuration's own. */
import type { LoadedConfig } from '#config/load.ts';

export type Part = { part: 'homeserver' | 'appservice' | 'web' | 'provider'; label?: string; isUp: boolean };

const PATIENCE_MS = 3000;

export async function probeParts({ homeserver, appservice, publicUrl, providers }: LoadedConfig): Promise<Part[]> {
  const { host, port } = appservice.internal;
  const internal = `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  return Promise.all([
    ask('homeserver', `${homeserver.url}/_matrix/client/versions`),
    ask('appservice', `${internal}/readyz`),
    ask('web', `${publicUrl}/livez`),
    ...providers.map(({ issuer, label }) => ask('provider', `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, label)),
  ]);
}

async function ask(part: Part['part'], url: string, label?: string): Promise<Part> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'manual' }).catch(() => undefined);
  await answer?.body?.cancel();
  return { part, ...(label !== undefined && { label }), isUp: answer?.status === 200 };
}
