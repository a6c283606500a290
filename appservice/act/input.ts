/** An agent's input against the fields an action asks for: only these, only in their form. */
import type { Action } from '#desk/item.ts';

type Value = string | number | boolean;

/** The checked input, or the name of the first field that is missing or does not fit. */
export function checkInput(
  fields: Action['input'],
  given: Readonly<Record<string, unknown>>,
): { input: Record<string, Value> } | { field: string } {
  const input: Record<string, Value> = {};
  for (const [name, field] of Object.entries(fields ?? {})) {
    const value = given[name];
    const isMissing = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
    if (isMissing && field.required !== true) continue;
    if (isMissing || !isValue(value) || !fits(field, value)) return { field: field.title ?? name };
    input[name] = value;
  }
  return { input };
}

function isValue(value: unknown): value is Value {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function fits(field: NonNullable<Action['input']>[string], value: Value): boolean {
  if (field.enum !== undefined && !field.enum.some((choice) => choice === value)) return false;
  if (field.type === 'boolean') return typeof value === 'boolean';
  if (field.type === 'integer')
    return (
      typeof value === 'number' &&
      Number.isSafeInteger(value) &&
      value >= (field.minimum ?? -Infinity) &&
      value <= (field.maximum ?? Infinity)
    );
  if (typeof value !== 'string') return false;
  const { length } = Array.from(value);
  return length >= (field.minLength ?? 0) && length <= (field.maxLength ?? 2000);
}
