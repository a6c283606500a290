/**
 * `/mails`: an agent's own mail addresses for « Mes outils », called with her own Matrix token like `/accounts`. Codes and
 * addresses are read here and stand in no error, log or address.
 */
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import type { MailAnswer, MailFault } from '#desk/own-mail.ts';
import type { Mails } from '../accounts/mails.ts';
import { agentOf, type Asking, bodyOf } from './own.ts';

export type MailsDoorOptions = Asking & { mails: Pick<Mails, 'standing' | 'ask' | 'prove' | 'stop' | 'remove'> };

const Typed = z.string().max(1000);
const Ask = z.union([z.strictObject({ mail: Typed }), z.strictObject({ code: Typed }), z.strictObject({ stop: z.literal(true) })]);
const Gone = z.strictObject({ mail: Typed });

const STATUS: Readonly<Record<MailFault, number>> = {
  signed_out: 401,
  unknown: 404,
  mail: 422,
  known: 409,
  full: 409,
  too_many: 429,
  refused: 422,
  down: 503,
  slow: 503,
  broken: 502,
  digits: 422,
  wrong: 422,
  spent: 410,
  expired: 410,
  taken: 409,
  unavailable: 503,
};

export function mailRoutes({ mails, ...asking }: MailsDoorOptions): Router {
  const router = Router();
  router.use('/mails', (_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });
  router.get('/mails', async (request, response) => {
    response.json(await mails.standing(await agentOf(request, asking)));
  });
  router.post('/mails', async (request, response) => {
    const [agent, asked] = await read(request, asking, Ask);
    if ('mail' in asked) say(response, await mails.ask(agent, asked.mail));
    else say(response, await ('code' in asked ? mails.prove(agent, asked.code) : mails.stop(agent)));
  });
  router.delete('/mails', async (request, response) => {
    const [agent, { mail }] = await read(request, asking, Gone);
    say(response, await mails.remove(agent, mail));
  });
  return router;
}

async function read<Given>(request: Request, asking: Asking, schema: z.ZodType<Given>): Promise<[string, Given]> {
  const [agent, body] = [await agentOf(request, asking), await bodyOf(request)];
  const given = schema.safeParse(body);
  if (!given.success) throw new DeskError('invalid', 'Nothing that can be asked of an address');
  return [agent, given.data];
}

function say(response: Response, answer: MailAnswer): void {
  response.status(answer.fault === undefined ? 200 : STATUS[answer.fault]).json(answer);
}
