/** Objects without some of their members. */

/** A copy without that member. */
export function without<T extends object, Name extends keyof T>(value: T, name: Name): Omit<T, Name> {
  const kept: Partial<T> & Omit<T, Name> = { ...value };
  Reflect.deleteProperty(kept, name);
  return kept;
}

/** A copy without the members that are `undefined`, so that what is read back equals what was written. */
export function withoutAbsent<T extends object>(value: T): T {
  const kept = { ...value };
  for (const name of Object.keys(kept)) if (Reflect.get(kept, name) === undefined) Reflect.deleteProperty(kept, name);
  return kept;
}
