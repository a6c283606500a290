/** An agent's input against the fields an action asks for: only these, only in their form. Pure; page and dispatch share it. */
import type { Action } from './item.ts';

export type Fields = NonNullable<Action['input']>;
export type Field = Fields[string];
export type InputValue = string | number | boolean;

const LONGEST = 2000; // code points, where a field names no limit of its own

/** The checked input, or the name of the first field that is missing or does not fit. */
export function checkInput(
  fields: Action['input'],
  given: Readonly<Record<string, unknown>>,
): { input: Record<string, InputValue> } | { field: string } {
  const input: Record<string, InputValue> = {};
  for (const [name, field] of Object.entries(fields ?? {})) {
    const value = given[name];
    if (isMissing(value) && field.required !== true) continue;
    if (isMissing(value) || !isValue(value) || !fits(field, value)) return { field: field.title ?? name };
    input[name] = value;
  }
  return { input };
}

/** What was given for the fields an action asks for; whatever else stands beside it never reaches a tool. */
export function onlyAsked(fields: Action['input'], given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => Object.hasOwn(fields ?? {}, name) && value !== null));
}

/** The lengths a text may have, in code points. */
export function lengthsOf(field: Field): { min: number; max: number } {
  return { min: Math.max(field.minLength ?? 0, field.required === true ? 1 : 0), max: field.maxLength ?? LONGEST };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function isValue(value: unknown): value is InputValue {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function fits(field: Field, value: InputValue): boolean {
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
  const { min, max } = lengthsOf(field);
  return length >= min && length <= max;
}
