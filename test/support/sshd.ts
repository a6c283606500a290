/** Debian's OpenSSH server on an unprivileged port of loopback: a folder reached by SFTP, with a key of our own. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { findProgram, installPackage } from './debian.ts';
import { until } from './guarded.ts';
import { freePort } from './trial/ports.ts';

export type Sshd = {
  port: number;
  user: string;
  /** The folder that is dropped into. */
  drop: string;
  key: string;
  /** Another key, which the server does not know. */
  strangeKey: string;
  /** `SHA256:…` */
  hostKey: string;
  stop(): Promise<void>;
};

export function findSshd({ say }: { say: (line: string) => void }): string | undefined {
  const found = findProgram(['sshd']);
  if (found !== undefined) return found;
  return installPackage('openssh-server', { say }) ? findProgram(['sshd']) : undefined;
}

export async function startSshd(program: string): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const at = (name: string): string => join(folder, name);
  for (const name of ['host', 'agent', 'stranger']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  mkdirSync(at('drop'));
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true }); // where its unprivileged part lives, which its unit makes
  const port = await freePort();
  const lines = [
    ...[
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `PidFile ${at('pid')}`,
      `AuthorizedKeysFile ${at('agent.pub')}`,
    ],
    ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'UsePAM no', 'StrictModes no', 'PermitRootLogin prohibit-password'],
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(at('config'), `${lines.join('\n')}\n`);
  const child = spawn(program, ['-D', '-e', '-f', at('config')], { stdio: 'ignore' });
  const answers = (): Promise<true | undefined> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('data', () => {
        resolve(true);
        socket.destroy();
      });
      socket.once('error', () => resolve(undefined));
    });
  if ((await until(answers, { everyMs: 100 })) !== true) throw new Error('sshd does not start');
  const fingerprint =
    execFileSync('ssh-keygen', ['-lf', at('host.pub')])
      .toString()
      .split(' ')[1] ?? '';
  return {
    port,
    user: userInfo().username,
    drop: at('drop'),
    hostKey: fingerprint,
    key: readFileSync(at('agent'), 'utf8'),
    strangeKey: readFileSync(at('stranger'), 'utf8'),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      if (child.exitCode === null) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
