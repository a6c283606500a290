/**
 * i-Parapheur v5 with its Keycloak as small servers in one: two tenants, a desk per agent in each, capped pages in the shapes
 * of three versions, tokens that end, folders that remember who read them. Signing needs a key: only « elsewhere ».
 */
import { hash, randomUUID } from 'node:crypto';
import { type RunningTwin, serve, type Told, type Twin, type TwinAnswer, type TwinCall, type TwinOptions } from '../twin.ts';

type Named = { id: string; name: string };
type Desk = Named & { tenantId: string; agent: string; delegatingDesks: Named[] };
type Step = {
  /** One to come has none yet. */
  id: string | null;
  action: string;
  state: string;
  desks: Named[];
  publicAnnotation?: string;
  mandatoryValidationMetadata: string[];
  mandatoryRejectionMetadata: string[];
};
type Folder = {
  id: string;
  name: string;
  tenantId: string;
  dueDate: string | null;
  stepList: Step[];
  readByUserIds: string[];
  emitter: string;
  documents: readonly string[];
  types?: { type: Named; subtype: Named };
};
type Token = { agent: string; kind: 'access' | 'refresh'; isOver?: true };

export type ParapheurTwin = RunningTwin & {
  /** Whoever holds the first agent's desks is stood in for by the second. */
  delegate(from: string, to: string): void;
  /** The action of the next folders; by default they take turns. */
  next(action?: string, fields?: Partial<Pick<Step, 'mandatoryValidationMetadata' | 'mandatoryRejectionMetadata'>>): void;
  expire(kind?: 'access' | 'refresh'): void;
  /** Of the UI's interface it has nothing, as a server that was built for the public one alone. */
  publish(): void;
  /** Desks of this tenant are shown, and refused when they are asked for their folders. */
  forbid(tenantId: string): void;
  readBy(key: string): readonly string[];
  /** How pages look: Spring's, or as in older builds. */
  pagesAs(shape: Shape): void;
};
type Shape = 'spring' | 'content' | 'data';

const TENANTS: readonly Named[] = [
  { id: 't-ville', name: 'Ville' },
  { id: 't-ccas', name: 'CCAS' },
];
const ACTIONS = ['VISA', 'SIGNATURE', 'SEAL'];
const TOLD: Readonly<Record<string, string>> = { visa: 'VISA', signature: 'SIGNATURE', cachet: 'SEAL' };
const TYPES = { type: { id: 'ty-1', name: 'Convention' }, subtype: { id: 'st-1', name: 'Travaux' } };
const PAGE = { few: 4, many: 100, manyFrom: 1000 }; // the server's own limit, small, so that few folders make many pages
const DESK = String.raw`/api/standard/v1/tenant/([^/]+)/desk/([^/]+)`;
const TASK = /^\/api\/(standard\/v1|v1)\/tenant\/([^/]+)\/desk\/([^/]+)\/folder\/([^/]+)\/task\/([^/]+)\/(visa|seal|reject)$/;

class Parapheur {
  readonly desks: Desk[] = [];
  readonly folders = new Map<string, Folder>();
  readonly tokens = new Map<string, Token>();
  readonly revoked = new Set<string>();
  readonly forbidden = new Set<string>();
  isPublic = false;
  isShut = false;
  acted = 0;
  shape: Shape = 'spring';
  action: string | undefined;
  fields: Partial<Step> = {};

  answer(call: TwinCall): TwinAnswer {
    if (call.path === '/auth/realms/api/protocol/openid-connect/token') return this.token(new URLSearchParams(call.body.toString()));
    const token = this.tokens.get(call.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (token?.kind !== 'access' || token.isOver || this.isRefused(token.agent)) return problem(401, call.path);
    return call.method === 'PUT' ? this.act(call, token.agent) : this.read(call, token.agent);
  }

  isRefused(agent: string): boolean {
    return this.isShut || this.revoked.has(agent);
  }

  token(form: URLSearchParams): TwinAnswer {
    const isRefresh = form.get('grant_type') === 'refresh_token';
    const old = this.tokens.get(form.get('refresh_token') ?? '');
    const agent = isRefresh ? old?.agent : agentOf(form);
    const isGood = agent !== undefined && !this.isRefused(agent) && (!isRefresh || (old?.kind === 'refresh' && old.isOver !== true));
    if (form.get('client_id') !== 'ipcore-web') return { status: 401, json: { error: 'invalid_client' } };
    if (!isGood) return { status: isRefresh ? 400 : 401, json: { error: 'invalid_grant', error_description: 'Invalid user credentials' } };
    const [access, refresh] = [`acces-${randomUUID()}`, `suite-${randomUUID()}`];
    this.tokens.set(access, { agent, kind: 'access' }).set(refresh, { agent, kind: 'refresh' });
    const lives = { expires_in: 900, refresh_expires_in: 1800, 'not-before-policy': 0 };
    return {
      json: { access_token: access, refresh_token: refresh, ...lives, token_type: 'Bearer', scope: '', session_state: randomUUID() },
    };
  }

  read({ path, query }: TwinCall, agent: string): TwinAnswer {
    this.desksOf(agent);
    const own = this.desks.filter((desk) => desk.agent === agent);
    if (this.isPublic && path.startsWith('/api/v1/')) return problem(404, path);
    if (path === '/api/standard/v1/tenant') return this.page(TENANTS, query);
    const [, tenantId] = /^\/api\/standard\/v1\/tenant\/([^/]+)\/desk$/.exec(path) ?? [];
    if (tenantId !== undefined) {
      const inTenant = own.filter((desk) => desk.tenantId === tenantId);
      return this.page(
        inTenant.map(({ id, name }) => ({ id, name })),
        query,
      ); // without `tenantId`, as older ones
    }
    if (path === '/api/v1/currentUser/desks')
      return this.page(
        own.map((desk) => this.counted(desk)),
        query,
      );
    const [, tenant = '', id = ''] = /^\/api\/v1\/tenant\/([^/]+)\/folder\/([^/]+)$/.exec(path) ?? [];
    if (id !== '') return this.folder({ tenant, id, query, agent });
    const [, , , premis] = new RegExp(`^${DESK}/folder/([^/]+)/premis$`).exec(path) ?? [];
    if (premis !== undefined) return this.premis(premis, path, own);
    const [, , deskId, state = ''] = new RegExp(`^${DESK}/([A-Za-z]+)$`).exec(path) ?? [];
    if (deskId === undefined) return problem(404, path);
    const desk = own.find((one) => one.id === deskId);
    if (desk === undefined || this.forbidden.has(desk.tenantId)) return problem(403, path);
    const rows = this.listed(desk, state.toUpperCase()).map(({ id: key, name, dueDate }) => ({ id: key, name, dueDate, metadata: {} }));
    return this.page(rows, query);
  }

  folder({ tenant, id, query, agent }: { tenant: string; id: string; query: URLSearchParams; agent: string }): TwinAnswer {
    const found = this.folders.get(id);
    if (found?.tenantId !== tenant) return problem(404, id);
    const desk = this.desks.find((one) => one.id === query.get('asDeskId') && one.agent === agent);
    if (desk === undefined) return problem(403, id);
    if (query.get('doNotMarkAsRead') !== 'true') {
      found.readByUserIds.push(agent);
      this.acted += 1;
    }
    const { tenantId: _tenantId, emitter, documents, types = {}, ...shown } = found;
    const documentList = documents.map((name, at) => ({ id: `${id}-${at + 1}`, name }));
    return { json: { ...shown, ...types, originDesk: { id: 'd-0', name: emitter }, documentList } };
  }

  /** Events as the public interface documents them: no mark of reading, a step to come without anything. */
  premis(id: string, path: string, own: readonly Desk[]): TwinAnswer {
    const folder = this.folders.get(id);
    if (folder === undefined) return problem(404, path);
    if (!own.some((desk) => path.includes(`/desk/${desk.id}/`) && desk.tenantId === folder.tenantId)) return problem(403, path);
    const events = folder.stepList.map((step) => {
      const isDone = step.state !== 'PENDING' && step.state !== 'UPCOMING';
      const [date, user] = isDone ? ['2026-11-20T11:19:32.725+0100', randomUUID()] : ['', ''];
      const task = `<eventIdentifier><eventIdentifierType>taskId</eventIdentifierType><eventIdentifierValue>${step.id ?? ''}</eventIdentifierValue></eventIdentifier>`;
      const agent = `<linkingAgentIdentifierValue>${user}</linkingAgentIdentifierValue><linkingAgentRole>${step.desks[0]?.name ?? ''}</linkingAgentRole>`;
      return `<event>${task}<eventType>${step.action}</eventType><eventDateTime>${date}</eventDateTime><linkingAgentIdentifier>${agent}</linkingAgentIdentifier></event>`;
    });
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<premis xmlns="http://www.loc.gov/premis/v3" version="3.0">\n${events.join('\n')}\n</premis>`;
    return { headers: { 'content-type': 'application/xml' }, body };
  }

  act({ path, body }: TwinCall, agent: string): TwinAnswer {
    const [, family, , deskId, folderId = '', taskId, verb = ''] = TASK.exec(path) ?? [];
    if (family === undefined || (verb === 'reject' && family !== 'v1') || (this.isPublic && family === 'v1')) return problem(404, path);
    const desk = this.desks.find((one) => one.id === deskId && one.agent === agent);
    if (desk === undefined) return problem(403, path);
    const folder = this.folders.get(folderId);
    const step = folder?.stepList.find(({ id }) => id === taskId);
    if (folder === undefined || step?.state !== 'PENDING' || !this.isFor(step, desk)) return problem(404, path);
    const { publicAnnotation = '' } = JSON.parse(body.toString()) as { publicAnnotation?: string };
    const wanted = { visa: 'VISA', seal: 'SEAL' }[verb];
    if (publicAnnotation.length > 255 || (verb === 'reject' ? publicAnnotation.length <= 3 : wanted !== step.action))
      return problem(400, path);
    this.acted += 1;
    step.publicAnnotation = publicAnnotation;
    this.end(folder, verb === 'reject' ? 'REJECTED' : 'VALIDATED');
    return { status: 200 };
  }

  end(folder: Folder, state: string): void {
    const at = folder.stepList.findIndex((step) => step.state === 'PENDING');
    const [step, next] = [folder.stepList[at], folder.stepList[at + 1]];
    if (step !== undefined) step.state = state;
    if (next !== undefined && state === 'VALIDATED') next.state = 'PENDING';
  }

  listed(desk: Desk, state: string): Folder[] {
    const waiting = [...this.folders.values()].filter(
      ({ tenantId, stepList }) => tenantId === desk.tenantId && stepList.some((step) => step.state === 'PENDING' && this.isFor(step, desk)),
    );
    const isOwn = ({ stepList }: Folder): boolean =>
      stepList.some((step) => step.state === 'PENDING' && step.desks.some(({ id }) => id === desk.id));
    if (state === 'DELEGATED') return waiting.filter((folder) => !isOwn(folder));
    const isLate = ({ dueDate }: Folder): boolean => dueDate !== null && Date.parse(dueDate) < Date.now();
    return waiting.filter((folder) => isOwn(folder) && (state === 'PENDING' || (state === 'LATE' && isLate(folder))));
  }

  isFor({ desks }: Step, desk: Desk): boolean {
    return desks.some(({ id }) => id === desk.id || desk.delegatingDesks.some((one) => one.id === id));
  }

  counted(desk: Desk): unknown {
    const { agent: _agent, ...shown } = desk;
    const counts = { pendingFoldersCount: this.listed(desk, 'PENDING').length, lateFoldersCount: this.listed(desk, 'LATE').length };
    const others = { draftFoldersCount: 0, rejectedFoldersCount: 0, finishedFoldersCount: 0, actionAllowed: true, chainAllowed: false };
    return { ...shown, shortName: desk.name, ...counts, ...others };
  }

  page(rows: readonly unknown[], query: URLSearchParams): TwinAnswer {
    const limit = rows.length < PAGE.manyFrom ? PAGE.few : PAGE.many;
    const [number, size] = [Number(query.get('page') ?? 0), Math.min(Number(query.get('size') ?? 10), limit)];
    if (size < 1) return problem(400, 'size');
    const content = rows.slice(number * size, number * size + size);
    const total = rows.length;
    if (this.shape === 'content') return { json: { total, content, size, page: number } };
    if (this.shape === 'data') return { json: { total, data: content, pageSize: size, page: number } };
    const totalPages = Math.ceil(total / size);
    const ends = { first: number === 0, last: number >= totalPages - 1, empty: content.length === 0 };
    return { json: { content, number, size, numberOfElements: content.length, totalElements: total, totalPages, ...ends } };
  }

  desksOf(agent: string): Desk[] {
    const known = this.desks.filter((desk) => desk.agent === agent);
    if (known.length > 0) return known;
    const name = `Bureau de ${agent.split('@')[0] ?? agent}`;
    this.desks.push(
      ...TENANTS.map(({ id: tenantId }) => ({ id: `d-${this.desks.length}-${tenantId}`, name, tenantId, agent, delegatingDesks: [] })),
    );
    return this.desksOf(agent);
  }

  add(agents: readonly string[], name: string): string {
    const count = this.folders.size;
    const { id: tenantId = '' } = TENANTS[count % TENANTS.length] ?? {};
    const id = randomUUID();
    const stepList = this.steps(id, { action: this.action ?? ACTIONS[count % ACTIONS.length] ?? '', agents, tenantId });
    // Every fourth is late, every other one has no date.
    const dueDate = count % 4 === 0 ? '2026-01-05T00:00:00.000+00:00' : count % 2 === 0 ? '2027-01-05T16:00:00.000+0100' : null;
    this.folders.set(id, {
      id,
      name,
      tenantId,
      dueDate,
      stepList,
      readByUserIds: [],
      emitter: 'Voirie',
      documents: ['acte.pdf'],
      types: TYPES,
    });
    return id;
  }

  steps(id: string, { action, agents, tenantId }: { action: string; agents: readonly string[]; tenantId: string }): Step[] {
    const desks = agents.flatMap((agent) => this.desksOf(agent)).filter((desk) => desk.tenantId === tenantId);
    const emitter = [{ id: 'd-0', name: 'Voirie' }];
    const none = { mandatoryValidationMetadata: [], mandatoryRejectionMetadata: [] };
    return [
      { id: `${id}-0`, action: 'START', state: 'VALIDATED', desks: emitter, ...none },
      { id: `${id}-1`, action, state: 'PENDING', ...none, ...this.fields, desks: desks.map((desk) => ({ id: desk.id, name: desk.name })) },
      { id: null, action: 'ARCHIVE', state: 'UPCOMING', desks: emitter, ...none },
    ];
  }

  tell({ number, kind, title, agents, dueAt, by = 'Direction générale', documents = [`${title}.pdf`] }: Told): string {
    const id = hash('sha256', `dossier ${number}`, 'hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
    const { id: tenantId = '' } = TENANTS[0] ?? {};
    const stepList = this.steps(id, { action: TOLD[kind] ?? 'VISA', agents, tenantId });
    const dueDate = dueAt === undefined ? null : new Date(dueAt).toISOString().replace('Z', '+00:00');
    const readByUserIds = this.folders.get(id)?.readByUserIds ?? [];
    this.folders.set(id, { id, name: title, tenantId, dueDate, stepList, readByUserIds, emitter: by, documents });
    return id;
  }
}

function agentOf(form: URLSearchParams): string | undefined {
  const secret = form.get('password') ?? form.get('subject_token') ?? '';
  const user = secret.replace(/^secret de /, '');
  return secret.startsWith('secret de ') && (form.get('username') ?? user) === user ? user : undefined;
}

function problem(status: number, path: string): TwinAnswer {
  return { status, json: { timestamp: '2026-11-26T09:00:00.000+00:00', status, error: 'Error', message: `Erreur ${status}`, path } };
}

async function start(options: TwinOptions = {}): Promise<ParapheurTwin> {
  const tool = new Parapheur();
  const server = await serve((call) => tool.answer(call), options);
  const change = (key: string, how: (folder: Folder) => void): void =>
    [...tool.folders.values()].filter(({ id }) => id === key).forEach(how);
  return {
    url: server.url,
    config: { baseUrl: server.url },
    calls: server.calls,
    account: (agent) => ({ username: agent, password: `secret de ${agent}` }),
    acted: () => tool.acted,
    add: (agents, title = 'Convention de voirie') => tool.add(agents, title),
    change: (key) => change(key, (folder) => (folder.name += ' (modifiée)')),
    settle: (key) => change(key, (folder) => tool.end(folder, 'VALIDATED')),
    tell: (object) => tool.tell(object),
    // What waits for its archive asks nothing of anybody.
    isOpen: (key) => tool.folders.get(key)?.stepList.some(({ state, action }) => state === 'PENDING' && action !== 'ARCHIVE') === true,
    fail: (fault) => server.fail(fault),
    revoke: (agent) => (agent === undefined ? (tool.isShut = true) : tool.revoked.add(agent)),
    restore() {
      tool.isShut = false;
      tool.revoked.clear();
    },
    stop: () => server.stop(),
    delegate(from, to) {
      for (const desk of tool.desksOf(to)) {
        const absent = tool.desksOf(from).filter(({ tenantId }) => tenantId === desk.tenantId);
        desk.delegatingDesks.push(...absent.map(({ id, name }) => ({ id, name })));
      }
    },
    next(action, fields = {}) {
      tool.action = action;
      tool.fields = fields;
    },
    expire(kind?: 'access' | 'refresh') {
      for (const token of tool.tokens.values()) if (kind === undefined || token.kind === kind) token.isOver = true;
    },
    publish: () => void (tool.isPublic = true),
    forbid: (tenantId) => void tool.forbidden.add(tenantId),
    readBy: (key) => tool.folders.get(key)?.readByUserIds ?? [],
    pagesAs: (shape) => void (tool.shape = shape),
  };
}

export const twin = { start } satisfies Twin;
