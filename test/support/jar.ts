/** A browser without a screen for tests: keeps cookies per host and port, follows redirects when asked, sends what browsers send. */

export class Jar {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** One request, redirects not followed. */
  async get(
    url: string,
    { headers = {}, method = 'GET', body }: { headers?: Record<string, string>; method?: string; body?: string } = {},
  ): Promise<Response> {
    const host = new URL(url).host;
    const cookie = [...(this.#cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      method,
      body,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie && { cookie }), ...headers },
    });
    for (const line of answer.headers.getSetCookie()) this.#keep(host, line);
    return answer;
  }

  /** Follows redirects to the end, or until `stopAt` answers true for an address that is then not opened. */
  async follow(url: string, { stopAt }: { stopAt?: (url: URL) => boolean } = {}): Promise<{ url: URL; answer: Response }> {
    let at = new URL(url);
    for (let hops = 0; hops < 20; hops += 1) {
      const answer = await this.get(at.href);
      const location = answer.headers.get('location');
      if (location === null) return { url: at, answer };
      at = new URL(location, at);
      if (stopAt?.(at)) return { url: at, answer };
    }
    throw new RangeError(`redirects without end at ${at.href}`);
  }

  cookie(host: string, name: string): string | undefined {
    return this.#cookies.get(host)?.get(name);
  }

  names(host: string): string[] {
    return [...(this.#cookies.get(host)?.keys() ?? [])];
  }

  set(host: string, name: string, value: string): void {
    const kept = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, kept.set(name, value));
  }

  #keep(host: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const isGone = attributes.some((one) => /^max-age=0$/i.test(one) || (/^expires=/i.test(one) && Date.parse(one.slice(8)) < Date.now()));
    if (isGone) this.#cookies.get(host)?.delete(pair.slice(0, at));
    else this.set(host, pair.slice(0, at), pair.slice(at + 1));
  }
}
