/** The internal listener: what the web calls, health and measures. Only ever on loopback or a private address. */
import express, { type Express, type Router } from 'express';
import { sayProblem } from './problem.ts';

export function internalApp({
  routers,
  log,
}: {
  routers: readonly Router[];
  log: { error: (fields: object, text: string) => void };
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  for (const router of routers) app.use(router);
  app.use((_request, response) => {
    response
      .status(404)
      .type('application/problem+json')
      .send(JSON.stringify({ title: 'Not found', status: 404, code: 'not_found' }));
  });
  app.use(sayProblem(log));
  return app;
}
