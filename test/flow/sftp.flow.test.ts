import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csv } from '../../bots/csv/index.ts';
import { twin as csvTwin } from '../../bots/csv/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { BotBed } from '../contract/bed.ts';
import { findSshd, type Sshd, startSshd } from '../support/sshd.ts';

const program = findSshd({ say: (line) => console.log(line) });
const HEADER = 'N° demande;Objet;Mail valideur;À valider avant le;État';
const row = (id: string) => [id, 'Congé', 'claire.morel@ville-claire.example', '27/11/2026', 'En attente'].join(';');

if (program === undefined) {
  it('OpenSSH’s server is neither there nor ours to install: drops were tried in a folder of this machine alone', () => {
    console.log('Install it to try drops by SFTP (as root: apt-get install openssh-server).');
    expect(program).toBeUndefined();
  });
} else {
  describe('a folder on a real OpenSSH server', () => {
    let sshd: Sshd;
    let own: RunningTwin;
    beforeAll(async () => {
      [sshd, own] = await Promise.all([startSshd(program), csvTwin.start()]);
    });
    afterAll(() => Promise.all([sshd.stop(), own.stop()]));

    /** The bot of a connection with these settings for its server. */
    const bedOf = (settings: object = {}): Promise<BotBed> => {
      const { folder: _folder, ...declared } = own.config;
      const { port, user, drop, key, hostKey } = sshd;
      const sftp = { host: `127.0.0.1:${port}`, path: drop, user, key, hostKey, ...settings };
      return BotBed.start(csv, { start: () => Promise.resolve({ ...own, config: { ...declared, sftp }, stop: () => Promise.resolve() }) });
    };
    const put = async (name: string, rows: readonly string[]): Promise<void> => {
      await writeFile(join(sshd.drop, `${name}.part`), [HEADER, ...rows, ''].join('\r\n'));
      await rename(join(sshd.drop, `${name}.part`), join(sshd.drop, name));
    };

    it('is read as one of this machine is, links and unfinished files left alone', async () => {
      await put('demandes.csv', [row('1'), row('2')]);
      await writeFile(join(sshd.drop, 'autres.csv.part'), HEADER);
      await symlink('/etc/hostname', join(sshd.drop, 'lien.csv'));
      const bed = await bedOf();
      await bed.bot.check(bed.ctx());
      expect(await bed.sweep()).toMatchObject({ keys: ['1', '2'], complete: true });
      const { cursor } = await bed.sweep();
      expect((await bed.sweep(undefined, cursor)).keys).toEqual([]);
      await put('demandes.csv', [row('2'), row('3'), row('4')]);
      expect((await bed.sweep(undefined, cursor)).keys).toEqual(['2', '3', '4']);
      expect(bed.lines.join()).toContain('requestId');
      expect(bed.lines.join()).not.toMatch(/PRIVATE KEY|claire/);
      await bed.stop();
    });

    it('a file that goes before it could be read is looked for again', async () => {
      await put('demandes.csv', [row('1')]);
      const bed = await bedOf();
      const { sftp } = csv.config.parse(bed.config);
      const read = bed.ctx().io.folder(
        async (folder) => {
          const file = (await folder.list()).find(({ name }) => name === 'demandes.csv');
          await rm(join(sshd.drop, 'demandes.csv'));
          return file && folder.read(file);
        },
        sftp && { ...sftp, privateKey: sftp.key },
      );
      await expect(read).rejects.toMatchObject({ code: 'unavailable' });
      await bed.stop();
    });

    it.each([
      ['under another host key', () => ({ hostKey: `SHA256:${'A'.repeat(43)}` }), 'config'],
      ['that does not know our key', () => ({ key: sshd.strangeKey }), 'auth'],
      ['where nothing of this name is', () => ({ path: '/nulle/part' }), 'config'],
      ['that does not answer', () => ({ host: '127.0.0.1:9' }), 'unavailable'],
      ['given a key that is none', () => ({ key: 'pas une clé' }), 'config'],
    ] as const)('%s is refused', async (_, settings, code) => {
      const bed = await bedOf(settings());
      await expect(bed.bot.check(bed.ctx())).rejects.toMatchObject({ code });
      await bed.stop();
    });
  });
}
