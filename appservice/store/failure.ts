/** Tells a store that fails, now and for everybody, from a row that cannot be written or read. */

/**
 * SQLSTATE classes that pass by themselves: connection lost (08), rolled back for another (40), out of resources (53),
 * shut down or cancelled (57), system error (58). https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const PASSING = /^(08|40|53|57|58)/;

export function isStoreFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (/^[0-9A-Z]{5}$/.test(code) && 'severity' in error) return PASSING.test(code);
  // The driver's own: a socket's error code, or a broken connection that has only words.
  return (
    /^E[A-Z]+$/.test(code) ||
    /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i.test(error.message)
  );
}
