/**
 * `/accounts`: « Mes outils » for the web, called with the agent's own Matrix token; the homeserver says whose it is, at each
 * call. Bodies hold secrets: they are read here and stand in no error, log or address.
 */
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AccountFault } from '#desk/account.ts';
import { DeskError } from '#desk/errors.ts';
import { Slug } from '#desk/item.ts';
import type { Accounts, Answered } from '../accounts.ts';
import { agentOf, type Asking, bodyOf } from './own.ts';

export type AccountsDoorOptions = Asking & {
  accounts: Pick<Accounts, 'list' | 'link' | 'again' | 'unlink' | 'beginGrant' | 'stopGrant'>;
};

const Ask = z.strictObject({ ask: z.enum(['again', 'grant', 'stop']) });
const Fields = z.record(z.string().max(60), z.string().max(10_000));

const STATUS: Readonly<Record<AccountFault, number>> = {
  signed_out: 401,
  unknown: 404,
  fields: 422,
  refused: 422,
  denied: 422,
  busy: 503,
  down: 503,
  broken: 502,
  too_many: 429,
  lost: 409,
  expired: 410,
  unavailable: 503,
};

export function accountRoutes({ accounts, ...asking }: AccountsDoorOptions): Router {
  const router = Router();
  const who = (request: Request): Promise<string> => agentOf(request, asking);
  router.use('/accounts', (_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });
  router.get('/accounts', async (request, response) => {
    response.json({ accounts: await accounts.list(await who(request)) });
  });
  router.put('/accounts/:connection', async (request, response) => {
    const [agent, given] = [await who(request), await bodyOf(request)];
    const read = Fields.safeParse(given);
    say(response, read.success ? await accounts.link(agent, connectionOf(request), read.data) : { fault: 'fields', fields: [] });
  });
  router.delete('/accounts/:connection', async (request, response) => {
    say(response, await accounts.unlink(await who(request), connectionOf(request)));
  });
  router.post('/accounts/:connection', async (request, response) => {
    const [agent, given] = [await who(request), await bodyOf(request)];
    const read = Ask.safeParse(given);
    if (!read.success) throw new DeskError('invalid', 'Nothing that can be asked of an account');
    const asks = { again: accounts.again, grant: accounts.beginGrant, stop: accounts.stopGrant };
    say(response, await asks[read.data.ask].call(accounts, agent, connectionOf(request)));
  });
  return router;
}

function say(response: Response, answered: Answered): void {
  response.status(answered.fault === undefined ? 200 : STATUS[answered.fault]).json(answered);
}

/** A connection of another form is one that is not there. */
function connectionOf({ params }: Request): string {
  return Slug.safeParse(params['connection']).data ?? '';
}
