import { chmod, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { csv } from '../../bots/csv/index.ts';
import { twin as webdavTwin } from '../../bots/csv/twin-webdav.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { BotBed, CLAIRE } from '../contract/bed.ts';
import { describeBot } from '../contract/bot.contract.ts';
import { apacheTwin, findApache, startApache } from '../support/apache.ts';

const program = findApache({ say: (line) => console.log(line) });

if (program === undefined) {
  it('Apache is neither there nor ours to install: the suite ran against the twin alone', () => {
    console.log('Install it to run the suite against the real server (as root: apt-get install apache2-bin).');
    expect(program).toBeUndefined();
  });
} else {
  const apache = await startApache(program);
  afterAll(() => apache.stop());
  describe('beside a real Apache with mod_dav', () => {
    const twin = apacheTwin(apache, webdavTwin.skip);
    describeBot(csv, twin, { folder: fileURLToPath(new URL('../../bots/csv', import.meta.url)), skip: twin.skip ?? [] });

    const beside = async (check: (bed: BotBed, place: string) => Promise<void>): Promise<void> => {
      let account = '';
      const remember = (running: RunningTwin): RunningTwin => {
        account = String(Reflect.get(Object(running.config['webdav']), 'user'));
        return running;
      };
      const bed = await BotBed.start(csv, { start: async () => remember(await twin.start()) });
      try {
        await check(bed, apache.folderOf(account));
      } finally {
        await bed.stop();
      }
    };
    /** The bot with another setting of its access. */
    const as = (bed: BotBed, settings: object): BotBed => {
      const config = csv.config.parse(bed.twin.config);
      return bed.as({ config: { ...config, webdav: { ...config.webdav, ...settings } } });
    };

    it('a file is taken once, and again when another took its place in the same second with as many bytes', () =>
      beside(async (bed) => {
        const keys = [bed.twin.add([CLAIRE], 'Congé A')];
        const { cursor } = await bed.sweep();
        expect((await bed.sweep(CLAIRE, cursor)).keys).toEqual([]);
        bed.twin.settle('D-1');
        keys.push(bed.twin.add([CLAIRE], 'Congé B'));
        expect((await bed.sweep(CLAIRE, cursor)).keys).toEqual([keys[1]]);
      }));

    it('links, folders, unfinished files and those of another pattern are left alone; any name is read', () =>
      beside(async (bed, place) => {
        bed.twin.add([CLAIRE]);
        await symlink('/etc/hostname', join(place, 'lien.csv'));
        await writeFile(join(place, 'autre.csv.part'), '');
        for (const name of ['100 % été & co #1?.csv', 'Congés d’e\u0301te\u0301+;=,@[x].csv', 'a%41.csv'])
          await rename(join(place, 'demandes.csv'), join(place, name)).then(() => bed.twin.settle('none'));
        const bedOfAll = bed.as({ config: csv.config.parse({ ...bed.twin.config, whole: false }) });
        expect((await bedOfAll.sweep()).keys).toEqual(['D-1']);
        const ctx = bedOfAll.ctx();
        const webdav = csv.config.parse(bed.twin.config).webdav;
        const names = await ctx.io.folder(async (folder) => (await folder.list()).map(({ name }) => name), webdav);
        expect(names.toSorted()).toEqual(
          ['100 % été & co #1?.csv', 'Congés d’e\u0301te\u0301+;=,@[x].csv', 'a%41.csv', 'autre.csv.part', 'demandes.csv'].toSorted(),
        );
      }));

    it.each([
      ['another password', { password: 'faux' }, 'auth'],
      ['a folder that is not there', { baseUrl: `${apache.url}/personne/nulle-part` }, 'config'],
    ] as const)('%s is said', (_, settings, code) =>
      beside(async (bed) => {
        await expect(as(bed, settings).sweep()).rejects.toMatchObject({ code });
      }),
    );

    it('a file that is not ours to read is refused, and nothing is closed', () =>
      beside(async (bed, place) => {
        bed.twin.add([CLAIRE]);
        await chmod(join(place, 'demandes.csv'), 0o000);
        const config = csv.config.parse(bed.twin.config);
        expect(await csv.poll?.({ ...bed.ctx(), config })).toMatchObject({ complete: false, fault: { code: 'denied' } });
      }));
  });
}
