/** A funder's picture, from the file that the configuration names. */
import { readFile } from 'node:fs/promises';
import { error } from '@sveltejs/kit';
import { pictureOf } from '../../../../../config/pictures.ts';
import { settings } from '#lib/server/settings.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ params }) => {
  const config = await settings();
  const funder = /^\d$/.test(params.index) ? config.web.funders[Number(params.index)] : undefined;
  const { path, type } = funder ? pictureOf(config, funder) : {};
  if (path === undefined || type === undefined) error(404);
  const picture = await readFile(path).catch(() => error(404));
  // An SVG opened by itself is a document: the sandbox keeps whatever is in it from running.
  return new Response(new Uint8Array(picture), {
    headers: {
      'content-type': type,
      'cache-control': 'public, max-age=3600',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    },
  });
};
