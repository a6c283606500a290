/**
 * Debian's Apache with mod_dav, as a twin of the folder that is reached by WebDAV. Of the package `apache2-bin`, which holds
 * the program without a site, a unit or a start script: nothing is started but what is started here.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { controlsOf, DECLARED, Export } from '../../bots/csv/twin-export.ts';
import type { Twin } from '../../bots/twin.ts';
import { findProgram, installPackage } from './debian.ts';
import { stopChild, until } from './guarded.ts';
import { freePort } from './trial/ports.ts';

const MODULES = '/usr/lib/apache2/modules';
const NEEDED = ['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_basic', 'dav', 'dav_fs'];
const PASSWORD = 'mot-de-passe-du-dépôt';
const FOLDER = 'Dépôt n° 1';

/** Apache's program, installed first when it may be. */
export function findApache({ say }: { say: (line: string) => void }): string | undefined {
  const found = findProgram(['apache2']);
  if (found !== undefined) return found;
  return installPackage('apache2-bin', { say }) ? findProgram(['apache2']) : undefined;
}

export type Apache = {
  url: string;
  /** Where the files of an account lie: what it drops by WebDAV, or a share of this machine. */
  folderOf: (account: string) => string;
  /** Lets one in, or no longer. */
  allow: (account: string, isAllowed: boolean) => void;
  stop: () => Promise<void>;
};

export async function startApache(program: string): Promise<Apache> {
  const folder = mkdtempSync(join(tmpdir(), 'apache-'));
  const own = (path: string): string => {
    mkdirSync(path, { recursive: true });
    if (userInfo().uid === 0) chownSync(path, ...serverIds());
    return path;
  };
  const [port, allowed] = [await freePort(), new Set<string>()];
  chmodSync(folder, 0o755);
  for (const name of ['drop', 'locks']) own(join(folder, name));
  const users = join(folder, 'users');
  const allow = (account: string, isAllowed: boolean): void => {
    if (isAllowed) allowed.add(account);
    else allowed.delete(account);
    const hashed = createHash('sha1').update(PASSWORD).digest('base64');
    writeFileSync(users, [...allowed].map((one) => `${one}:{SHA}${hashed}\n`).join(''));
  };
  allow('personne', true);
  writeFileSync(join(folder, 'apache.conf'), configuration(folder, port));
  const child = spawn(program, ['-DFOREGROUND', '-f', join(folder, 'apache.conf')], { stdio: 'ignore' });
  const answers = (): Promise<true | undefined> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        resolve(true);
        socket.destroy();
      });
      socket.once('error', () => resolve(undefined));
    });
  if ((await until(answers, { everyMs: 50 })) !== true) throw new Error('Apache does not start');
  return {
    url: `http://127.0.0.1:${port}`,
    folderOf: (account) => own(join(own(join(folder, 'drop', account)), FOLDER)),
    allow,
    async stop() {
      await stopChild(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As root it wants a user without rights for those who answer; otherwise everything is ours. */
function serverIds(): [number, number] {
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'www-data']).toString());
  return [id('-u'), id('-g')];
}

function configuration(folder: string, port: number): string {
  return `
ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
Mutex file:${folder}/locks default
${userInfo().uid === 0 ? 'User www-data\nGroup www-data' : ''}
${NEEDED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
StartServers 1
DavLockDB ${folder}/locks/dav
DocumentRoot ${folder}/drop
<Directory ${folder}/drop>
  Dav On
  AuthType Basic
  AuthName depot
  AuthUserFile ${folder}/users
  Require valid-user
</Directory>
`;
}

const NOT_TOLD = 'le vrai Apache ne se dérègle pas sur commande ; la même règle tient avec la doublure du dossier csv';

let count = 0;

/** Each start is another account with a folder of its own, on one server: a rule would wait for a new one each time. */
export function apacheTwin(apache: Apache, skip: Twin['skip'] = []): Twin {
  return {
    start() {
      const account = `depot-${(count += 1)}`;
      const place = apache.folderOf(account);
      const tool = new Export((text) => {
        writeFileSync(join(place, 'demandes.csv.part'), text);
        renameSync(join(place, 'demandes.csv.part'), join(place, 'demandes.csv'));
      });
      apache.allow(account, true);
      tool.write();
      mkdirSync(join(place, 'Traités'));
      const baseUrl = `${apache.url}/${account}/${encodeURIComponent(FOLDER)}`;
      return Promise.resolve({
        url: apache.url,
        config: { webdav: { baseUrl, user: account, password: PASSWORD }, ...DECLARED },
        calls: [],
        ...controlsOf(tool),
        fail: () => undefined,
        revoke: () => apache.allow(account, false),
        stop() {
          rmSync(place, { recursive: true, force: true });
          return Promise.resolve();
        },
      });
    },
    skip: [
      ...skip,
      ...[
        'poll: 401 is auth',
        'poll: a log-in page with 200 is auth',
        'poll: a redirect to a log-in page is auth',
        'poll: a redirect to another host is not followed',
        'poll: 429 and 503 say when to come again',
        'poll: 500, half an answer and a server that is slow or hangs up are unavailable',
        'bad input: an interface of another version is said, and closes nothing',
        'bad input: a server that is gone is unavailable, for as long as it is',
        'bad input: a byte order mark says nothing',
        'bad input: text in another encoding than was said costs letters, not objects',
      ].map((rule) => ({ rule, reason: NOT_TOLD })),
    ],
  };
}
