/** What an agent fills in to link an account, derived from the one schema of its bot. */
import { z } from 'zod';
import type { AccountField } from '#desk/account.ts';
import type { Bot } from './bot.ts';

/** Of JSON Schema, as far as a form shows it. */
const Property = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  maxLength: z.number().optional(),
  format: z.string().optional(),
  secret: z.boolean().optional(),
});
const Form = z.looseObject({ properties: z.record(z.string(), Property).default({}), required: z.array(z.string()).default([]) });

const forms = new WeakMap<NonNullable<Bot['account']>, readonly AccountField[]>();

/** The fields of the form, in the schema's order; none for a bot without accounts. */
export function accountFields({ account }: Pick<Bot, 'account'>): readonly AccountField[] {
  if (account === undefined) return [];
  const known = forms.get(account) ?? readForm(account);
  forms.set(account, known);
  return known;
}

function readForm(account: NonNullable<Bot['account']>): readonly AccountField[] {
  const { properties, required } = Form.parse(z.toJSONSchema(account, { io: 'input', unrepresentable: 'any' }));
  return Object.entries(properties).map(([name, { description, maxLength, format, secret }]) => ({
    name,
    label: description ?? name,
    kind: secret === true ? 'secret' : format === 'email' ? 'mail' : 'text',
    isRequired: required.includes(name),
    ...(maxLength !== undefined && { maxLength }),
  }));
}

/** The name by which a tool knows an account: its first text that is no secret. */
export function accountName(bot: Pick<Bot, 'account'>, secret: unknown): string | undefined {
  const field = accountFields(bot).find(({ kind }) => kind !== 'secret');
  if (field === undefined || typeof secret !== 'object' || secret === null) return undefined;
  const value: unknown = Reflect.get(secret, field.name);
  return typeof value === 'string' ? value : undefined;
}
