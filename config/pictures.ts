/** The pictures of those who paid for the desk, which stand beside the configuration file. */
import { access, constants } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import type { LoadedConfig } from './load.ts';
import { sayUnread } from './secrets.ts';
import { typeset } from './typeset.ts';

type Funder = LoadedConfig['web']['funders'][number];

const TYPES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

/** Its file and media type; the type is undefined for what is no picture of the web. */
export function pictureOf({ file }: Pick<LoadedConfig, 'file'>, { image }: Funder): { path: string; type: string | undefined } {
  return { path: resolve(dirname(file), image), type: TYPES[extname(image).toLowerCase()] };
}

/** What is wrong with them on this machine, one line each. Only the desk's machines need them: nothing else stops for one. */
export async function checkPictures(config: LoadedConfig): Promise<string[]> {
  const lines = config.web.funders.map(async (funder, index) => {
    const { path, type } = pictureOf(config, funder);
    const where = `web.funders[${String(index)}].image : fichier ${funder.image} : `;
    if (type === undefined) return `${where}une image a pour extension ${Object.keys(TYPES).join(', ')}`;
    const trouble = await access(path, constants.R_OK).then(() => undefined, sayUnread);
    return trouble && where + trouble;
  });
  return (await Promise.all(lines)).flatMap((line) => (line === undefined ? [] : [typeset(line)]));
}
