/** A funder's picture, from the file that the configuration names. */
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { error } from '@sveltejs/kit';
import { settings } from '#lib/server/settings.ts';
import type { RequestHandler } from './$types';

const TYPES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

export const GET: RequestHandler = async ({ params }) => {
  const { web, file } = await settings();
  const funder = /^\d$/.test(params.index) ? web.funders[Number(params.index)] : undefined;
  const type = funder && TYPES[extname(funder.image).toLowerCase()];
  if (!funder || !type) error(404);
  const picture = await readFile(resolve(dirname(file), funder.image)).catch(() => error(404));
  // An SVG opened by itself is a document: the sandbox keeps whatever is in it from running.
  return new Response(new Uint8Array(picture), {
    headers: {
      'content-type': type,
      'cache-control': 'public, max-age=3600',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    },
  });
};
