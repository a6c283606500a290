/** What may be done. `run` answers with the object as the tool shows it afterwards. */
import type { Action } from '../bot.ts';
import { decide } from './client.ts';
import type { Config } from './config.ts';

export const actions: Record<string, Action<Config, unknown>> = {
  accepter: {
    label: 'Accepter',
    risk: 'green',
    run: (ctx, { key }) => decide(ctx, key, { decision: 'accept' }),
  },
  refuser: {
    label: 'Refuser',
    risk: 'amber',
    input: { motif: { type: 'string', title: 'Motif', minLength: 3, maxLength: 200, required: true } },
    run: (ctx, { key, input }) => decide(ctx, key, { decision: 'refuse', reason: String(input['motif'] ?? '') }),
  },
};
