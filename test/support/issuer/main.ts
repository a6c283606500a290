/** The trial's identity provider as a process: `node test/support/issuer/main.ts --file FILE.json`. */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { parseArgs } from 'node:util';
import type Provider from 'oidc-provider';
import { personOf } from '../people.ts';
import { POLICY, errorPage, pickerPage } from './pages.ts';
import { PICKER, makeIssuer, subOf } from './provider.ts';
import { type IssuerSettings, readSettings } from './settings.ts';

/** As in sysexits.h: it would end the same way again, so the starter does not try. */
const EX_CONFIG = 78;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { file: { type: 'string' } } });
  if (values.file === undefined) {
    throw new Error('Indiquez son fichier : node test/support/issuer/main.ts --file FICHIER.json');
  }
  const settings = await readSettings(values.file);
  const { provider, sessions } = await makeIssuer(settings);
  provider.on('server_error', (_context, error) => console.error('server_error', error));
  const answer = provider.callback();
  const server = createServer((request, response) => {
    const choosing = new RegExp(`^${PICKER}/([\\w-]+)(/renoncer)?$`).exec(request.url ?? '');
    if (choosing === null) {
      void answer(request, response);
      return;
    }
    const asked = { isRefusal: choosing[2] !== undefined, action: `${PICKER}/${choosing[1] ?? ''}` };
    choose(provider, request, response, asked).catch((error: unknown) => {
      console.error('picker', error instanceof Error ? error.message : error);
      send(response, errorPage('session_not_found'), 400);
    });
  });
  listen(server, settings, () => sessions.write());
}

function listen(server: ReturnType<typeof createServer>, { host, port, issuer }: IssuerSettings, keep: () => Promise<void>): void {
  server.on('error', (error) => {
    console.error(`Le fournisseur d’identité ne peut pas écouter sur le port ${port} : ${error.message}`);
    process.exit(1);
  });
  server.listen(port, host, () => console.log(`issuer: ${issuer}`));
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
    void keep().finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (process.send !== undefined) {
    process.on('disconnect', () => process.exit());
  }
}

type Asked = { isRefusal: boolean; action: string };

/** Shows the people, or takes the choice and goes back to where the sign-in began. */
async function choose(provider: Provider, request: IncomingMessage, response: ServerResponse, { isRefusal, action }: Asked): Promise<void> {
  await provider.interactionDetails(request, response); // throws when this browser has no such sign-in going on
  if (request.method !== 'POST') {
    send(response, pickerPage(action));
    return;
  }
  if (isRefusal) {
    await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'refused by the person' });
    return;
  }
  const person = personOf(new URLSearchParams(await bodyOf(request)).get('login') ?? '');
  await provider.interactionFinished(request, response, {
    login: { accountId: subOf(person), acr: 'eidas1', amr: ['pwd'], remember: true },
  });
}

const LONGEST_FORM = 4096; // bytes; a login is a few

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > LONGEST_FORM) {
      throw new RangeError('a form this long is not ours');
    }
  }
  return text;
}

function send(response: ServerResponse, html: string, status = 200): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  response.end(html);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = EX_CONFIG;
});
