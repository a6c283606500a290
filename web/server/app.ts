/** The web as one express application: pipe, provider, then SvelteKit. The order is the point. */
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import type { LoadedConfig } from '../../config/load.ts';
import { makeBackchannel } from './backchannel.ts';
import { secure } from './headers.ts';
import { makePipe } from './pipe.ts';
import { makeProvider } from './provider.ts';

/** `pages` is SvelteKit's handler from `build/handler.js`. */
export function makeWeb(config: LoadedConfig, pages: RequestHandler): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/livez', (_request, response) => {
    response.type('text').set('cache-control', 'no-store').send('ok');
  });
  app.use(secure(config.publicUrl));
  const pipe = makePipe(config);
  app.use(async (request, response, next) => {
    if (!/^\/_matrix(\/|$|\?)/i.test(request.url)) {
      next();
      return;
    }
    await pipe(request, response);
  });
  app.use('/_synapse', (_request, response) => {
    response.status(404).end();
  });
  app.use('/oidc', makeProvider(config));
  app.use(makeBackchannel(config));
  // Drawn pages only: what is built is compressed already, and a piped answer is the homeserver's.
  app.use(compression(), pages);
  return app;
}
