/** Starts the twins where the configuration expects them. A connection that leads elsewhere is the site's, and has none. */
import type { LoadedConfig, LoadedConnection } from '#config/load.ts';
import { twin as csv } from '../../../bots/csv/twin.ts';
import { twin as ics } from '../../../bots/ics/twin.ts';
import { twin as iparapheur } from '../../../bots/iparapheur/twin.ts';
import { twin as mail } from '../../../bots/mail/twin.ts';
import { twin as nextcloud } from '../../../bots/nextcloud/twin.ts';
import { twin as sql } from '../../../bots/sql/twin.ts';
import type { RunningTwin, Told, Twin, TwinOptions } from '../../../bots/twin.ts';
import { personOf } from '../people.ts';
import { due } from './calendar.ts';
import type { Thing } from './day.ts';
import { meetingOf } from './event.ts';
import { toolPage } from './pages.ts';
import { TWINS, type TwinTool } from './twins.ts';

export type OpenTwin = { tool: TwinTool; twin: RunningTwin; /** Its signing secret, for what it posts. */ push: RunningTwin['push'] };

const TWIN_OF: Readonly<Record<string, Twin>> = { csv, ics, iparapheur, mail, nextcloud, sql };

/** `ready` is called with each as soon as it listens, before anybody can have asked it anything. */
export async function openTwins(
  { connections, people }: Pick<LoadedConfig, 'connections' | 'people'>,
  { ports, ready }: { ports: Readonly<Record<string, number>>; ready: (open: OpenTwin) => void },
): Promise<OpenTwin[]> {
  const open: OpenTwin[] = [];
  for (const tool of TWINS) {
    const connection = connections.find(({ id }) => id === tool.id);
    const options = connection === undefined ? undefined : optionsFor(tool, connection, ports[tool.id]);
    const twin = options === undefined ? undefined : await TWIN_OF[tool.bot]?.start(options);
    if (twin === undefined) continue;
    const one = { tool, twin, push: twin.push?.bind(twin) };
    const agents = people.filter(({ organisations }) => organisations.includes(tool.organisation));
    for (const { mail: address } of agents) twin.account?.(address);
    ready(one);
    open.push(one);
  }
  return open;
}

function optionsFor(tool: TwinTool, { settings = {}, secrets }: LoadedConnection, port: number | undefined): TwinOptions | undefined {
  const { baseUrl, server, folder, password } = settings;
  const address = baseUrl ?? server;
  const secret = typeof password === 'string' ? password : secrets[0];
  const page = (path: string): string => toolPage(tool, path);
  if (typeof folder === 'string') return { folder };
  const isHere = typeof address === 'string' && port !== undefined && new URL(address).host === `127.0.0.1:${port}`;
  return isHere ? { port, page, ...(secret !== undefined && { secret }) } : undefined;
}

/** An object of the day in the words that twins understand. */
export function toldOf({ scene, number, at, bornAt }: Thing): Told {
  const { kind, title, summary, by, documents, dossier } = scene;
  return {
    number,
    kind,
    title,
    at,
    agents: scene.to.map(([login]) => personOf(login).mail),
    ...(summary !== undefined && { summary }),
    ...(by !== undefined && { by }),
    ...(documents !== undefined && { documents }),
    ...(dossier !== undefined && { dossier }),
    ...(scene.due !== undefined && { dueAt: due(scene.due, bornAt) }),
    ...meetingOf(scene, bornAt),
  };
}
