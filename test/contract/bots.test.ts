import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { template } from '../../bots/_template/index.ts';
import { twin as templateTwin } from '../../bots/_template/twin.ts';
import { BOTS } from '../../bots/list.ts';
import type { Twin } from '../../bots/twin.ts';
import { describeBot } from './bot.contract.ts';

const FOLDER = fileURLToPath(new URL('../../bots/', import.meta.url));

describe('the list of bots', () => {
  it('names every folder, once', () => {
    const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'));
    expect(BOTS.map(({ manifest }) => manifest.id)).toEqual(folders.map(({ name }) => name).sort());
  });
});

describeBot(template, templateTwin, { folder: `${FOLDER}_template` });
for (const bot of BOTS) {
  const folder = `${FOLDER}${bot.manifest.id}`;
  // `also`: twins of the ways besides by which the same tool is reached.
  const { twin, also = [] } = (await import(`${folder}/twin.ts`)) as { twin: Twin; also?: readonly { by: string; twin: Twin }[] };
  describeBot(bot, twin, { folder, skip: twin.skip ?? [] });
  for (const other of also) describeBot(bot, other.twin, { folder, skip: other.twin.skip ?? [], by: other.by });
}
