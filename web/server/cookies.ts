/** Cookies of plain Node requests, as far as the pipe and the provider need them. */

/** The value of the first cookie of this name, as it was written (ours are base64url and dots: nothing to decode). */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

export function writeCookie(
  name: string,
  value: string,
  { path, httpOnly, secure, sameSite, maxAge }: { path: string; httpOnly: boolean; secure: boolean; sameSite: 'lax'; maxAge?: number },
): string {
  const flags = [httpOnly && 'HttpOnly', secure && 'Secure', `SameSite=${sameSite}`, maxAge !== undefined && `Max-Age=${String(maxAge)}`];
  return [`${name}=${value}`, `Path=${path}`, ...flags.filter((flag) => flag !== false)].join('; ');
}
