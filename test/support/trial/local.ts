/**
 * What the first start makes in `.local/` (or the folder given): the configuration, its secrets as files of mode 0600, and
 * `trial.json`, which says what is the trial's own. Later starts only read it.
 */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import type { Config } from '#config/schema.ts';
import { ADMINS, KNOWN_PEOPLE, ORGANISATIONS, PLATFORM_ADMIN, TOOLS, fullName, personOf, type Tool } from '../people.ts';
import { ignoreExisting, postgresUrl } from '../postgres.ts';
import { POST, TWINS, type TwinTool } from '../town/twins.ts';
import { PORT_NAMES, type Ports, chooseMore, choosePorts } from './ports.ts';
import { Sentence } from './run.mjs';

export const SERVER_NAME = 'desk.localhost';
export const DATABASE = 'ecritoire';

/** The secret the embedded provider and the desk share, and the provider's id in the callback's address. */
export const PROVIDER = 'essai';

const Local = z.object({
  ports: z.object(Object.fromEntries(PORT_NAMES.map((name) => [name, z.number()])) as Record<(typeof PORT_NAMES)[number], z.ZodNumber>),
  /** Where the twins of the town listen, by connection, and its mail server. */
  twins: z.record(z.string(), z.number()).default({}),
  /** Addresses that mean "ours": a part whose address in the configuration is another one is the site's, and is not started. */
  own: z.object({ homeserver: z.string(), store: z.string(), issuer: z.string() }),
});
export type Local = z.infer<typeof Local>;

export type LocalFolder = Local & { folder: string; configFile: string };

/** All that a start leaves in the folder: `--reset` removes these and nothing else. */
const ENTRIES = [
  'ecritoire.yaml',
  'trial.json',
  'run.json',
  'registration.json',
  'secrets',
  'postgres',
  'homeserver',
  'issuer',
  'town',
  'log',
];

/** Removes everything an earlier start made there; a folder that is not a trial's is left as it is. */
export async function resetLocal(folder: string): Promise<void> {
  const isOurs = await readFile(join(folder, 'trial.json')).then(
    () => true,
    () => false,
  );
  if (isOurs) {
    await Promise.all(ENTRIES.map((entry) => rm(join(folder, entry), { recursive: true, force: true })));
  }
}

/** Reads the folder, or makes it: `usualPorts` prefers 8480 and the following ones. Throws a Sentence when it is damaged. */
export async function openLocal(
  folder: string,
  { usualPorts, web }: { usualPorts: boolean; web?: number | undefined },
): Promise<LocalFolder> {
  await mkdir(join(folder, 'log'), { recursive: true, mode: 0o700 });
  const configFile = join(folder, 'ecritoire.yaml');
  const file = join(folder, 'trial.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const local = text === undefined ? await makeLocal(folder, { usualPorts, web, configFile }) : parseLocal(text, file);
  if (text !== undefined && web !== undefined && web !== local.ports.web) {
    local.ports.web = web;
    await moveWeb(configFile, web);
    await writeWhole(file, JSON.stringify(local, null, 2));
  }
  return { ...local, folder, configFile };
}

function parseLocal(text: string, file: string): Local {
  try {
    return Local.parse(JSON.parse(text));
  } catch (cause) {
    throw new Sentence(`${file} est abîmé : « npm start -- --reset » repart de zéro.`, { cause });
  }
}

/** `trial.json` is written last: without it the next start makes everything again. */
async function makeLocal(
  folder: string,
  { usualPorts, web, configFile }: { usualPorts: boolean; web?: number | undefined; configFile: string },
): Promise<Local> {
  const ports = await choosePorts({ usual: usualPorts, web });
  const store = await postgresUrl(join(folder, 'postgres'), DATABASE);
  const own = { homeserver: `http://127.0.0.1:${ports.homeserver}`, store, issuer: issuerUrl(ports) };
  const twins = await chooseMore([...TWINS.map(({ id }) => id), POST], { usual: usualPorts, ports });
  await writeSecrets(join(folder, 'secrets'), store);
  await Promise.all(TWINS.map(({ id }) => mkdir(dropFolder(folder, id), { recursive: true, mode: 0o700 })));
  await writeWhole(configFile, HEADING + stringify(configContent(ports, { twins, folder }), { lineWidth: 140 }));
  await writeWhole(join(folder, 'trial.json'), JSON.stringify({ ports, twins, own }, null, 2));
  return { ports, twins, own };
}

/** Where a tool of the town drops its files. */
const dropFolder = (folder: string, id: string): string => join(folder, 'town', 'depots', id);

/** Another host name than the desk's: cookies know no ports, and both run the same provider software with the same cookie names. */
export const issuerUrl = (ports: Ports): string => `http://localhost:${ports.issuer}`;

async function moveWeb(configFile: string, port: number): Promise<void> {
  const document = parseDocument(await readFile(configFile, 'utf8'));
  document.setIn(['publicUrl'], `http://127.0.0.1:${port}`);
  document.setIn(['web', 'listen', 'port'], port);
  await writeWhole(configFile, document.toString({ lineWidth: 140 }));
}

/** The store's address follows the folder when that was moved. */
export async function moveStore(local: LocalFolder, url: string): Promise<void> {
  await writeSecret(join(local.folder, 'secrets'), 'store-url', url, { flag: 'w' });
  local.own.store = url;
  await writeWhole(join(local.folder, 'trial.json'), JSON.stringify({ ports: local.ports, twins: local.twins, own: local.own }, null, 2));
}

export async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.tmp`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}

const HEADING = `# Configuration d’essai, écrite par le premier « npm start ». Elle est à vous : modifiez-la, puis relancez.
# Une partie dont l’adresse n’est plus celle écrite ici (base, serveur Matrix, fournisseur d’identité) est considérée
# comme celle de votre site : « npm start » ne la démarre plus.
`;

async function writeSecrets(folder: string, store: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const token = (): string => randomBytes(32).toString('hex');
  const key = (): string => randomBytes(32).toString('base64');
  const hooks = [
    ...TOOLS.map((tool) => [`hook-${tool.id}`, hookSecrets(tool)] as const),
    ...TWINS.map(({ id }) => [`bot-${id}`, token()] as const),
  ];
  const secrets: Record<string, string> = {
    'as-token': token(),
    'hs-token': token(),
    'internal-token': token(),
    'record-key': key(),
    'store-url': store,
    'jwt-key.pem': keys.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'cookie-keys': key(),
    'provider-secret': token(),
    'sso-secret': token(),
    'sso-keys.json': JSON.stringify({ keys: [{ ...rsa, kid: randomUUID(), alg: 'RS256', use: 'sig' }] }),
    ...Object.fromEntries(hooks),
  };
  for (const [name, value] of Object.entries(secrets)) {
    await writeSecret(folder, name, value, { flag: 'wx' });
  }
}

const hookSecrets = (tool: Tool): string =>
  Array.from({ length: tool.secrets }, () => `whsec_${randomBytes(32).toString('base64')}`).join('\n');

async function writeSecret(folder: string, name: string, value: string, { flag }: { flag: 'w' | 'wx' }): Promise<void> {
  await writeFile(join(folder, name), `${value}\n`, { mode: 0o600, flag }).catch(ignoreExisting); // a first start that was killed: its secrets go on
}

const secretFile = (name: string): { file: string } => ({ file: `secrets/${name}` });

function configContent(ports: Ports, where: { twins: Readonly<Record<string, number>>; folder: string }): z.input<typeof Config> {
  const publicUrl = `http://127.0.0.1:${ports.web}`;
  const listen = (port: number): { host: string; port: number } => ({ host: '127.0.0.1', port });
  return {
    serverName: SERVER_NAME,
    publicUrl,
    organisations: ORGANISATIONS.map((one) => ({ ...one, admins: admins(one.id) })),
    admins: [personOf(PLATFORM_ADMIN).mail],
    homeserver: { url: `http://127.0.0.1:${ports.homeserver}` },
    appservice: {
      listen: listen(ports.appservice),
      url: `http://127.0.0.1:${ports.appservice}`,
      internal: listen(ports.internal),
      asToken: secretFile('as-token'),
      hsToken: secretFile('hs-token'),
      internalToken: secretFile('internal-token'),
      recordKey: secretFile('record-key'),
    },
    store: { url: secretFile('store-url') },
    session: { jwtKey: secretFile('jwt-key.pem'), cookieKeys: secretFile('cookie-keys') },
    web: { listen: listen(ports.web), internalUrl: `http://127.0.0.1:${ports.internal}` },
    providers: [
      {
        id: PROVIDER,
        kind: 'proconnect',
        label: 'Se connecter (personnes d’essai)',
        issuer: issuerUrl(ports),
        clientId: 'ecritoire',
        clientSecret: secretFile('provider-secret'),
      },
    ],
    sso: { clientSecret: secretFile('sso-secret'), keys: secretFile('sso-keys.json') },
    mail: { host: '127.0.0.1', port: where.twins[POST] ?? 25, tls: 'none', from: 'ne-pas-repondre@ville-claire.example' },
    // The tools of the trial run on this machine.
    privateNetworks: ['127.0.0.0/8', '::1/128'],
    connections: [...TOOLS.map((tool) => connectionContent(tool, ports)), ...TWINS.map((tool) => twinContent(tool, { ports, ...where }))],
    people: KNOWN_PEOPLE.map((one) => ({
      name: fullName(one),
      mail: one.mail,
      uid: one.login,
      groups: [...one.groups],
      organisations: [...one.organisations],
    })),
  };
}

function admins(organisation: string): string[] {
  const login = ADMINS[organisation];
  return login === undefined ? [] : [personOf(login).mail];
}

type Connection = NonNullable<z.input<typeof Config>['connections']>[number];

/** A connection that its bot reads, at a twin of the town. */
function twinContent(
  { id, bot, organisation, label, mark, every, settings }: TwinTool,
  { ports, twins, folder }: { ports: Ports; twins: Readonly<Record<string, number>>; folder: string },
): Connection {
  const [url, pages] = [`http://127.0.0.1:${twins[id] ?? 0}`, `http://127.0.0.1:${ports.town}`];
  const secret = secretFile(`bot-${id}`);
  return {
    id,
    bot,
    organisation,
    label,
    mark,
    every,
    url: `${pages}/${id}`,
    secrets: [secret],
    settings: settings({ url, pages, folder: dropFolder(folder, id), secret }),
  };
}

function connectionContent({ id, bot, organisation, label, mark, order, host, retired, acts }: Tool, ports: Ports): Connection {
  return {
    id,
    bot,
    organisation,
    label,
    mark,
    url: `http://127.0.0.1:${ports.town}/${id}`,
    order,
    hosts: [host],
    secrets: [secretFile(`hook-${id}`)],
    ...(retired === true && { retired }),
    ...(acts === true && { callback: `http://127.0.0.1:${ports.town}/callback/${id}` }),
  };
}
