/** Which scopes a provider is asked for: each profile has its own, since some providers refuse one that they do not know. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadedConfig } from '#config/load.ts';
import { begin, type Provider } from '../../../../web/src/lib/server/oidc.ts';

let server: Server;
let issuer: string;

beforeAll(async () => {
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/authorize` }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => server.close());

async function scopesOf(more: Partial<Provider>): Promise<string | null> {
  const provider = {
    id: 'fi',
    label: 'Fournisseur',
    issuer,
    clientId: 'desk',
    clientSecret: 'x',
    pkce: true,
    idTokenAlg: 'RS256',
    acr: [],
  };
  const config = { publicUrl: 'https://bureau.example' } as LoadedConfig;
  const { url } = await begin(config, { ...provider, kind: 'generic', ...more } as Provider, { back: '/', sharedPost: false });
  return url.searchParams.get('scope');
}

test.each([
  ['proconnect', 'openid given_name usual_name email uid siret'],
  ['franceconnect', 'openid given_name family_name preferred_username'],
  ['llng', 'openid profile email'],
  ['generic', 'openid profile email'],
] as const)('%s is asked for its own', async (kind, scopes) => {
  expect(await scopesOf({ kind })).toBe(scopes);
});

test('those that the configuration names are asked for instead', async () => {
  expect(await scopesOf({ scopes: ['openid', 'mairie'] })).toBe('openid mairie');
});
