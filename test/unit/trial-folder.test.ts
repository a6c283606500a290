/** What the first start makes, what later ones keep, and what `npm start --` understands. */
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { openLocal, resetLocal } from '../support/trial/local.ts';
import { readOptions } from '../support/trial/options.ts';
import { ownParts } from '../support/trial/parts.ts';
import { choosePorts, freePort, requireFree } from '../support/trial/ports.ts';
import { typeset } from '../support/trial/progress.mjs';
import { disownStale } from '../support/trial/run-file.ts';
import { requireLoopback } from '../support/issuer/settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (web?: number) => openLocal(folder, { usualPorts: false, web });

describe('the first start', () => {
  it('makes a configuration that holds, its secrets for their owner only', async () => {
    const config = await loadConfig((await open()).configFile);
    expect(config.connections.find(({ id }) => id === 'actes')?.secrets).toHaveLength(2);
    for (const name of await readdir(join(folder, 'secrets'))) {
      expect((await stat(join(folder, 'secrets', name))).mode & 0o777).toBe(0o600);
    }
  });

  it('is kept by the next: ports, secrets, configuration', async () => {
    const first = await open();
    const config = await readFile(first.configFile, 'utf8');
    expect(await open()).toEqual(first);
    expect(await readFile(first.configFile, 'utf8')).toBe(config);
  });

  it('is moved to another web port by --port, and what a person wrote in the file stays', async () => {
    const { configFile } = await open();
    await writeFile(configFile, `# une remarque\n${await readFile(configFile, 'utf8')}`);
    await open(12_345);
    expect(await readFile(configFile, 'utf8')).toContain('# une remarque');
    expect((await loadConfig(configFile)).publicUrl).toBe('http://127.0.0.1:12345');
    expect((await open()).ports.web).toBe(12_345);
  });

  it('is forgotten by --reset, and only what it made is removed', async () => {
    await open();
    await writeFile(join(folder, 'notes.txt'), 'à garder');
    await resetLocal(folder);
    expect(await readdir(folder)).toEqual(['notes.txt']);
  });

  it('is not what --reset finds in a folder that is no trial’s', async () => {
    await mkdir(join(folder, 'secrets'));
    await resetLocal(folder);
    expect(await readdir(folder)).toEqual(['secrets']);
  });
});

describe('a part whose address in the configuration is the site’s', () => {
  it('is not ours to start', async () => {
    const local = await open();
    const config = await loadConfig(local.configFile);
    expect(ownParts({ config, local })).toEqual({ homeserver: true, postgres: true, issuer: true });
    const site = {
      ...config,
      homeserver: { url: 'https://matrix.ville.example' },
      store: { url: 'postgresql://base.ville.example/ecritoire' },
    };
    expect(ownParts({ config: site, local })).toEqual({ homeserver: false, postgres: false, issuer: true });
  });
});

describe('ports', () => {
  it('are all different and free', async () => {
    const ports = Object.values(await choosePorts({ usual: true }));
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('that were chosen are not chosen by anybody else, though nobody listens there yet', async () => {
    const chance = vi.spyOn(Math, 'random').mockReturnValueOnce(0.4242).mockReturnValueOnce(0.4242);
    const [one, other] = [await freePort(), await freePort()];
    chance.mockRestore();
    expect(other).not.toBe(one);
  });

  it('that another program has taken are named in one sentence', async () => {
    const { web } = await choosePorts({ usual: false });
    const other = createServer().listen(web, '127.0.0.1');
    await expect(requireFree({ web }, { configFile: 'ecritoire.yaml' })).rejects.toThrow(`Le port ${web} (bureau) est pris`);
    other.close();
  });
});

describe('a run.json that a kill left', () => {
  it('is removed when it is not readable', async () => {
    const file = join(folder, 'run.json');
    await writeFile(file, '{"ready": tr');
    await disownStale(file);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the options', () => {
  it('are understood after npm start --', () => {
    expect(readOptions(['--no-town', '--port', '9000', '--reset'])).toMatchObject({ town: false, port: 9000, reset: true, isUsual: true });
  });

  it.each([[['--prot', '9000']], [['--port', 'neuf']], [['--port', '70000']]])('refuse %j in one sentence', (args) => {
    expect(() => readOptions(args)).toThrow(/--port/);
  });
});

describe('the trial’s identity provider', () => {
  const here = { issuer: 'http://localhost:1', host: '127.0.0.1', deskUrl: 'http://127.0.0.1:2' };

  it.each([{ deskUrl: 'https://bureau.ville.example' }, { issuer: 'https://id.ville.example' }, { host: '0.0.0.0' }])(
    'refuses to serve %j',
    (open) => {
      expect(() => requireLoopback({ ...here, ...open })).toThrow('refuse de démarrer');
    },
  );

  it('serves this machine', () => {
    expect(() => requireLoopback(here)).not.toThrow();
  });
});

describe('what is said', () => {
  it('has French spaces that do not break', () => {
    expect(typeset('Prêt : « oui » ! http://127.0.0.1:1 (journal : x)')).toBe(
      'Prêt\u00A0: «\u00A0oui\u00A0»\u202F! http://127.0.0.1:1 (journal\u00A0: x)',
    );
  });
});
