/**
 * The web as it is, with one page more: a file that is sent as it stands. `node floor-web.ts --config FILE --page FILE`; the
 * built handler serves only the files that were there when it was built, so the page cannot be put among them.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import type { RequestHandler } from 'express';
import { loadConfig } from '../../config/load.ts';
import { makeWeb } from '../../web/server/app.ts';

const FLOOR_PATH = '/etalon.html';

const { values } = parseArgs({ options: { config: { type: 'string', default: '' }, page: { type: 'string', default: '' } } });
const config = await loadConfig(values.config);
const compressed = brotliCompressSync(await readFile(values.page));
Object.assign(process.env, {
  ECRITOIRE_CONFIG: config.file,
  ECRITOIRE_LOG: config.log,
  PROTOCOL_HEADER: 'x-forwarded-proto',
  HOST_HEADER: 'x-forwarded-host',
});
const { handler } = (await import(new URL('../../build/handler.js', import.meta.url).href)) as { handler: RequestHandler };

const pages: RequestHandler = (request, response, next) => {
  if (request.path !== FLOOR_PATH) return handler(request, response, next);
  response.set({ 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'br' }).end(compressed);
};
makeWeb(config, pages).listen(config.web.listen.port, config.web.listen.host);
process.on('disconnect', () => process.exit());
