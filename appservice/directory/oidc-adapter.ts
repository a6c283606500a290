/** The store of our OpenID provider over the internal listener: what oidc-provider's adapter asks, and no more. */
import { json, Router } from 'express';
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { consumeOidc, deleteOidc, deleteOidcGrant, findOidc, putOidc } from '#store/oidc.ts';
import type { Store } from '#store/open.ts';

const Put = z.strictObject({ payload: z.record(z.string(), z.unknown()), expiresIn: z.number().int().min(0).optional() });
const At = z.object({ model: z.string().regex(/^[A-Za-z]{1,40}$/), id: z.string().min(1).max(300) });
const Query = z.object({ uid: z.string().min(1).max(300) });

export function oidcRoutes(store: Store): Router {
  const router = Router();
  router.delete('/oidc/grants/:grantId', async (request, response) => {
    await deleteOidcGrant(store, request.params.grantId);
    response.status(204).end();
  });
  router.get('/oidc/:model', async (request, response) => {
    const { model } = At.pick({ model: true }).parse(request.params);
    response.json(found(await findOidc(store, model, Query.parse(request.query))));
  });
  router
    .route('/oidc/:model/:id')
    .put(json({ limit: '64kb' }), async (request, response) => {
      const { model, id } = At.parse(request.params);
      const { payload, expiresIn } = Put.parse(request.body);
      await putOidc(store, model, id, payload, expiresIn);
      response.status(204).end();
    })
    .get(async (request, response) => {
      const { model, id } = At.parse(request.params);
      response.json(found(await findOidc(store, model, { id })));
    })
    .delete(async (request, response) => {
      const { model, id } = At.parse(request.params);
      await deleteOidc(store, model, id);
      response.status(204).end();
    });
  router.post('/oidc/:model/:id/consume', async (request, response) => {
    const { model, id } = At.parse(request.params);
    await consumeOidc(store, model, id);
    response.status(204).end();
  });
  return router;
}

function found<T>(record: T | undefined): T {
  if (record === undefined) {
    throw new DeskError('not_found', 'No such record of the OpenID provider');
  }
  return record;
}
