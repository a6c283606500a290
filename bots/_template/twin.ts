/** The tool's protocol as a small server: what its documentation says, with the names and oddities it really has. */
import { createHmac } from 'node:crypto';
import { type RunningTwin, serve, type Twin, type TwinAnswer, type TwinCall, type TwinOptions } from '../twin.ts';

type Request = { type: 'request'; id: string; version: number; title: string; state: string; due: string; validators: string[] };

const TOKEN = 'jeton-du-compte-technique';
const SECRET = 'secret-des-appels';
const PAGE = { few: 2, many: 100, manyFrom: 1000 }; // small, so that few objects make many pages

class Tool {
  readonly requests = new Map<string, Request>();
  acted = 0;
  isRevoked = false;

  answer({ method, path, query, headers, body }: TwinCall): TwinAnswer {
    if (this.isRevoked || headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, json: { message: 'Jeton refusé' } };
    if (path === '/api/ping') return { json: { ok: true } };
    if (path === '/api/requests') return { json: this.page(Number(query.get('page') ?? 0)) };
    const [, id = '', tail] = /^\/api\/requests\/([^/]+)(\/decision)?$/.exec(path) ?? [];
    const found = this.requests.get(decodeURIComponent(id));
    if (found === undefined) return { status: 404, json: { message: 'Demande inconnue' } };
    if (tail === undefined || method !== 'POST') return { json: found };
    if (found.state !== 'OPEN') return { status: 409, json: { message: 'Demande déjà traitée' } };
    const { decision } = JSON.parse(body.toString()) as { decision: string };
    this.acted += 1;
    this.change(found.id, decision === 'accept' ? 'ACCEPTED' : 'REFUSED');
    return { json: found };
  }

  page(from: number): unknown {
    const open = [...this.requests.values()].filter(({ state }) => state === 'OPEN');
    const to = from + (open.length < PAGE.manyFrom ? PAGE.few : PAGE.many);
    return { requests: open.slice(from, to), next: open.length > to ? String(to) : null };
  }

  change(id: string, state?: string): void {
    const found = this.requests.get(id);
    if (found === undefined) return;
    found.version += 1;
    if (state === undefined) found.title = `${found.title} (modifiée)`;
    else found.state = state;
  }
}

async function start(options: TwinOptions = {}): Promise<RunningTwin> {
  const tool = new Tool();
  const server = await serve((call) => tool.answer(call), options);
  let count = 0;
  return {
    url: server.url,
    config: { baseUrl: server.url, token: TOKEN },
    secrets: [SECRET],
    calls: server.calls,
    acted: () => tool.acted,
    add(agents, title = 'Demande') {
      const id = `r-${(count += 1)}`;
      tool.requests.set(id, {
        type: 'request',
        id,
        version: 1,
        title,
        state: 'OPEN',
        due: '2026-12-01T17:00:00+01:00',
        validators: [...agents],
      });
      return id;
    },
    change: (key) => tool.change(key),
    settle: (key) => tool.change(key, 'ACCEPTED'),
    fail: (fault) => server.fail(fault),
    revoke() {
      tool.isRevoked = true;
    },
    push(key) {
      const body = Buffer.from(JSON.stringify(tool.requests.get(key)));
      return { headers: { 'x-signature': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}` }, body };
    },
    stop: () => server.stop(),
  };
}

export const twin: Twin = { start };
