/** What may be done. None is repeatable: the next step may be the same desk's, and would be done unseen. */
import { DeskError } from '#desk/errors.ts';
import type { Action, ActOn, Payload, RunAction } from '../bot.ts';
import type { KeycloakAccount } from '../keycloak.ts';
import { isDelegated, placeOf } from '../parapheur-public.ts';
import { act, desks, folder, type Here } from './client.ts';
import type { Config } from './config.ts';
import { pendingStep } from './normalise.ts';

export async function reread(ctx: Here, on: Pick<ActOn, 'key' | 'item'>): Promise<Payload> {
  const { tenantId, deskId, id } = placeOf(on);
  const desk = (await desks(ctx)).find((one) => one.id === deskId && one.tenantId === tenantId) ?? { id: deskId };
  const found = await folder(ctx, { tenantId, deskId, id }, { desk, row: { id, name: on.item.title, dueDate: on.item.dueAt } });
  if (found === undefined) return undefined;
  const payload = { tenantId, desk, folder: found };
  const isOthers = 'isPublic' in desk && desk.isPublic === true && pendingStep(payload) === undefined;
  return isOthers && (await isDelegated(ctx, { tenantId, deskId, id })) ? { ...payload, listed: true } : payload;
}

function runs(verb: 'visa' | 'seal' | 'reject', waitsFor?: string): RunAction<Config, KeycloakAccount>['run'] {
  return async (ctx, on) => {
    const step = pendingStep(await reread(ctx, on));
    if (step === undefined || (waitsFor ?? step.action) !== step.action) throw new DeskError('conflict', 'The step is over');
    await act(ctx, { ...placeOf(on), task: step.id }, verb, String(on.input['annotation'] ?? '').trim());
    return reread(ctx, on);
  };
}

/** 255 is the limit of 5.0; 5.1 takes 512. A reason has more than 3 characters. */
const annotation = { type: 'string', title: 'Annotation publique', maxLength: 255 } as const;
const reason = { ...annotation, title: 'Motif (annotation publique)', minLength: 4, required: true };

export const actions: Record<string, Action<Config, KeycloakAccount>> = {
  viser: { label: 'Viser', risk: 'amber', input: { annotation }, run: runs('visa', 'VISA') },
  cacheter: { label: 'Apposer le cachet', risk: 'amber', input: { annotation }, run: runs('seal', 'SEAL') },
  rejeter: { label: 'Rejeter', risk: 'amber', input: { annotation: reason }, run: runs('reject') },
  signer: { label: 'Signer dans le parapheur', risk: 'red' },
  ouvrir: { label: 'Ouvrir dans le parapheur', risk: 'red' },
};
