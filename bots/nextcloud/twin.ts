/** The notifications of a Nextcloud server as its sources and documents say them, with the oddities they really have. */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { basic } from '../io.ts';
import { type RunningTwin, serve, type Told, type Twin, type TwinAnswer, type TwinCall, type TwinOptions } from '../twin.ts';
import { acceptSocket, type TwinSocket } from '../twin-socket.ts';
import { GRANT_FORM, ocs, page, tokenOf } from './twin-answers.ts';

type Scene = 'mention' | 'partage' | 'partage-distant' | 'annonce';
type Notice = { id: number; uid: string; scene: Scene; title: string; changes: number; at: number } & Partial<Teller>;
/** Who says it; `told`: the key of the object that several are notified of. */
type Teller = { by: Person; comment: string; told: string };
type Person = { id: string; name: string };

const SCENES: readonly Scene[] = ['mention', 'partage', 'partage-distant', 'annonce'];
const SECRET = 'secret-mis-dans-les-en-tetes';
const NOTIFICATIONS = '/ocs/v2.php/apps/notifications/api/v2/notifications';
const SHARES = '/ocs/v2.php/apps/files_sharing/api/v1';
const MOST = 25; // the list is cut there
const MOST_IDS = 200;
const FIRST = Date.parse('2026-11-20T09:01:00Z');
const SOMEBODY: Person = { id: 'jdupont', name: 'Jean Dupont' };
const EACH = 20; // ids of one told object: one for each of those who are notified

const LOGIN = '/index.php/login/v2';
const APP_PASSWORD = '/ocs/v2.php/core/apppassword';
const FLOW_MS = 20 * 60_000;

/** Login Flow v2: `poll` is the client's token, `page` that of the page on which the person says yes. */
type Flow = { poll: string; page: string; endsAt: number; uid?: string };

export type CloudTwin = RunningTwin & {
  /** Says yes for someone on the page that the latest flow opened. */
  grant(agent: string): void;
  /** App passwords that hold now, by user. */
  passwords(agent: string): number;
  /** How many sockets listen for someone. */
  listening(agent: string): number;
  /** As a server without notify_push: what is new there is known when it is asked for. */
  mute(): void;
};

const uidOf = (agent: string): string => agent.split('@')[0] ?? agent;
const accountOf = (uid: string) => ({ loginName: uid, appPassword: `aBcDe-${uid}-fGhIj` });

class Cloud {
  readonly notices = new Map<number, Notice>();
  readonly users = new Set<string>();
  readonly revoked = new Set<string>();
  /** App passwords that Login Flow v2 gave, and whose they are. */
  readonly issued = new Map<string, string>();
  readonly flows: Flow[] = [];
  /** notify_push: who listens, and the sockets of those who may. */
  readonly listeners = new Map<TwinSocket, string>();
  isMute = false;
  isRevoked = false;
  acted = 0;
  url = '';
  #last = 60;

  add(uid: string, title: string): Notice {
    const id = (this.#last += 1);
    const notice = { id, uid, scene: SCENES[id % SCENES.length] ?? 'mention', title, changes: 0, at: FIRST + id * 60_000 };
    this.notices.set(id, notice);
    this.push(uid);
    return notice;
  }

  /** Whoever is not asked any more has her notification taken back. */
  tell({ number, kind, title, agents, at, by, summary }: Told): string {
    const first = number * EACH;
    const told = String(first);
    for (const id of this.of(told)) this.notices.delete(id);
    const person = by === undefined ? SOMEBODY : { id: by.toLowerCase().replace(/[^a-z]+/g, '.'), name: by };
    const scene = SCENES.find((one) => one === kind) ?? 'mention';
    for (const [index, agent] of agents.slice(0, EACH).entries()) {
      const id = first + index;
      const comment = summary === undefined ? {} : { comment: summary };
      this.notices.set(id, { id, uid: uidOf(agent), scene, title, changes: 0, at, by: person, told, ...comment });
      this.push(uidOf(agent));
    }
    return told;
  }

  /** The notifications of one object. */
  of(key: string): number[] {
    return [...this.notices.values()].filter(({ id, told }) => String(id) === key || told === key).map(({ id }) => id);
  }

  push(uid: string): void {
    for (const [socket, of] of this.listeners) if (of === uid) socket.say('notify_notification');
  }

  /** Two texts, the name and the password; other events than notifications are told too. */
  listen(request: IncomingMessage, stream: Duplex): void {
    const said: string[] = [];
    const socket = acceptSocket(request, stream, {
      onText: (text) => {
        if (said.push(text) !== 2) return;
        const [name = '', password = ''] = said;
        const uid = this.userOf(basic(name, password).authorization);
        if (uid !== undefined) this.listeners.set(socket, uid);
        socket.say(uid === undefined ? 'err: Invalid credentials' : 'authenticated');
        if (uid !== undefined) socket.say('notify_file');
        else socket.end();
      },
      onEnd: () => this.listeners.delete(socket),
    });
  }

  answer(call: TwinCall): TwinAnswer {
    const { method, path, headers, body } = call;
    if (path.startsWith(LOGIN)) return this.login(call);
    const uid = this.userOf(headers.authorization);
    if (uid === undefined) return ocs({ status: 401, code: 997, message: 'Current user is not logged in' });
    if (headers['ocs-apirequest'] !== 'true') return ocs({ status: 412, message: 'CSRF check failed' });
    if (path === APP_PASSWORD && method === 'DELETE') return this.giveBack(headers.authorization ?? '');
    if (path === '/ocs/v2.php/cloud/capabilities') return ocs({ data: { version: { major: 31 }, capabilities: this.capabilities() } });
    if (path === NOTIFICATIONS && method === 'GET') return this.list(uid, headers['if-none-match']);
    if (path === `${NOTIFICATIONS}/exists` && method === 'POST') return this.exists(uid, body);
    const [, id] = new RegExp(`^${NOTIFICATIONS}/(\\d+)$`).exec(path) ?? [];
    if (id !== undefined) return method === 'DELETE' ? this.dismiss(uid, Number(id)) : this.one(uid, Number(id));
    return this.share(uid, call);
  }

  userOf(authorization: string | undefined): string | undefined {
    if (this.isRevoked) return undefined;
    const [user = '', password = ''] = Buffer.from(authorization?.replace(/^Basic /, '') ?? '', 'base64')
      .toString()
      .split(/:(.*)/s);
    if (this.issued.get(password) === user) return user;
    return [...this.users].find((uid) => {
      const { loginName, appPassword } = accountOf(uid);
      return !this.revoked.has(uid) && authorization === basic(loginName, appPassword).authorization;
    });
  }

  /** The answers of `ClientFlowLoginV2Controller`: 404 with an empty list until it is granted, and for good once it was given. */
  login({ method, path, body }: TwinCall): TwinAnswer {
    if (method === 'POST' && path === LOGIN) return this.begin();
    if (method === 'POST' && path === `${LOGIN}/poll`) return this.poll(tokenOf(body));
    const flow = this.flows.find(({ page }) => path === `${LOGIN}/flow/${page}`);
    if (flow === undefined || Date.now() > flow.endsAt) return page('<h1>Accès interdit</h1>', 403);
    const uid = new URLSearchParams(body.toString()).get('user') ?? '';
    if (method !== 'POST' || uid === '') return page(GRANT_FORM);
    this.grant(flow, uidOf(uid));
    return page('<h1>Compte relié</h1><p>Votre client devrait maintenant être connecté. Vous pouvez fermer cette fenêtre.</p>');
  }

  begin(): TwinAnswer {
    const flow = { poll: randomBytes(64).toString('hex'), page: randomBytes(64).toString('hex'), endsAt: Date.now() + FLOW_MS };
    this.flows.push(flow);
    const poll = { token: flow.poll, endpoint: `${this.url}${LOGIN}/poll` };
    return { json: { poll, login: `${this.url}${LOGIN}/flow/${flow.page}` } };
  }

  grant(flow: Flow, uid: string): void {
    this.users.add(uid);
    flow.uid = uid;
  }

  poll(token: string): TwinAnswer {
    const at = this.flows.findIndex((flow) => flow.poll === token && flow.uid !== undefined && Date.now() <= flow.endsAt);
    const loginName = this.flows[at]?.uid;
    if (loginName === undefined) return { status: 404, json: [] };
    this.flows.splice(at, 1);
    const appPassword = randomBytes(54).toString('base64').replaceAll(/[+/=]/g, 'x');
    this.issued.set(appPassword, loginName);
    return { json: { server: this.url, loginName, appPassword } };
  }

  /** 403 for a session that was not opened by an app password. */
  giveBack(authorization: string): TwinAnswer {
    const password =
      Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
        .toString()
        .split(/:(.*)/s)[1] ?? '';
    if (this.issued.delete(password)) return ocs({});
    return ocs({ status: 403, message: 'no app password in use' });
  }

  revoke(uid: string): void {
    this.revoked.add(uid);
    for (const [password, owner] of this.issued) if (owner === uid) this.issued.delete(password);
  }

  capabilities(): object {
    const endpoints = { websocket: `${this.url.replace(/^http/, 'ws')}/push/ws`, pre_auth: `${this.url}/apps/notify_push/pre_auth` };
    const push = { type: ['files', 'activities', 'notifications'], endpoints };
    return { notifications: { 'ocs-endpoints': ['list', 'get', 'delete', 'exists'] }, ...(!this.isMute && { notify_push: push }) };
  }

  own(uid: string): Notice[] {
    return [...this.notices.values()].filter((one) => one.uid === uid).reverse();
  }

  list(uid: string, match: string | undefined): TwinAnswer {
    const listed = this.own(uid).slice(0, MOST);
    const ids = JSON.stringify(listed.map(({ id }) => id));
    const etag = `"${createHash('md5').update(ids).digest('hex')}"`;
    const headers = { etag, 'x-nextcloud-user-status': 'online' };
    return match === etag ? { status: 304, headers } : { ...ocs({ data: listed.map((one) => this.shown(one)) }), headers };
  }

  exists(uid: string, body: Buffer): TwinAnswer {
    const { ids } = JSON.parse(body.toString()) as { ids: number[] };
    if (ids.length > MOST_IDS) return ocs({ status: 400 });
    return ocs({ data: ids.filter((id) => this.notices.get(id)?.uid === uid) });
  }

  one(uid: string, id: number): TwinAnswer {
    const found = this.notices.get(id);
    return found?.uid === uid ? ocs({ data: this.shown(found) }) : ocs({ status: 404, data: null });
  }

  /** Of an id nobody knows it is well done too. */
  dismiss(uid: string, id: number): TwinAnswer {
    if (this.notices.get(id)?.uid === uid) this.end(id);
    return ocs({});
  }

  share(uid: string, { method, path }: TwinCall): TwinAnswer {
    const [, version, pending, number] =
      /^\/ocs\/v([12])\.php\/apps\/files_sharing\/api\/v1\/(?:remote_)?shares(\/pending)?\/(\d+)$/.exec(path) ?? [];
    const found = this.notices.get(Number(number));
    const isAsked = (method === 'POST' && pending !== undefined) || method === 'DELETE';
    // OCS v1 says it with 200.
    if (found?.uid !== uid || !isAsked) return ocs({ status: version === '1' ? 200 : 404, code: 404, message: 'Partage inconnu' });
    this.end(found.id);
    return ocs({ code: version === '1' ? 100 : 200, data: [] });
  }

  end(id: number): void {
    this.notices.delete(id);
    this.acted += 1;
  }

  shown({ id, uid, scene, title, changes, at, by = SOMEBODY, comment = 'merci de relire' }: Notice): Record<string, unknown> {
    const name = changes === 0 ? title : `${title} (${changes})`;
    const datetime = new Date(at).toISOString().replace(/\.\d{3}Z/, '+00:00');
    const icon = `${this.url}/core/img/actions/share.svg`;
    const message = { message: '', messageRich: '', messageRichParameters: [], icon, shouldNotify: true };
    return {
      notification_id: id,
      user: uid,
      datetime,
      ...message,
      link: '',
      actions: [],
      ...this.told(scene, { id: String(id), name, by, comment }),
    };
  }

  told(scene: Scene, { id, name, by, comment }: { id: string; name: string; by: Person; comment: string }): object {
    const user = { type: 'user', ...by };
    const share = { id, name };
    const offered = (accept: string, decline: string) => [
      { label: 'Accepter', link: `${this.url}${accept}`, type: 'POST', primary: true },
      { label: 'Décliner', link: `${this.url}${decline}`, type: 'DELETE', primary: false },
    ];
    switch (scene) {
      case 'mention': {
        const file = { type: 'highlight', id: '901', name, link: `${this.url}/apps/onlyoffice/901?anchor=x` };
        return {
          app: 'onlyoffice',
          object_type: 'mention',
          object_id: comment,
          subject: `${by.name} mentioned in the ${name}: "${comment}".`,
          subjectRich: `{notifier} mentioned in the {file}: "${comment}".`,
          subjectRichParameters: { notifier: user, file },
        };
      }
      case 'partage':
        return {
          app: 'files_sharing',
          object_type: 'share',
          object_id: `ocinternal:${id}`,
          subject: `Vous avez reçu ${name} comme un partage de ${by.name}`,
          subjectRich: 'Vous avez reçu {share} comme un partage de {user}',
          subjectRichParameters: { share: { type: 'highlight', ...share }, user },
          actions: offered(`${SHARES}/shares/pending/${id}`, `${SHARES}/shares/${id}`),
        };
      case 'partage-distant': {
        const remote = { ...user, server: 'https://nuage.rivebelle.example' };
        const link = `/ocs/v1.php/apps/files_sharing/api/v1/remote_shares/pending/${id}`;
        return {
          app: 'files_sharing',
          object_type: 'remote_share',
          object_id: id,
          link: `${this.url}/apps/files/pendingshares`,
          subject: `Vous avez reçu ${name} comme un partage distant de ${by.name}`,
          subjectRich: 'Vous avez reçu {share} comme un partage distant de {user}',
          subjectRichParameters: { share: { type: 'pending-federated-share', ...share }, user: remote },
          actions: offered(link, link),
        };
      }
      case 'annonce':
        return {
          app: 'admin_notifications',
          object_type: 'admin_notifications',
          object_id: id,
          subject: name,
          subjectRich: '',
          subjectRichParameters: [],
        };
    }
  }
}

async function start({ secret = SECRET, ...options }: TwinOptions = {}): Promise<CloudTwin> {
  const cloud = new Cloud();
  const onUpgrade = (request: IncomingMessage, stream: Duplex): void => cloud.listen(request, stream);
  const server = await serve((call) => cloud.answer(call), { onUpgrade, ...options });
  cloud.url = server.url;
  return {
    url: server.url,
    config: { baseUrl: server.url },
    secrets: [secret],
    account(agent) {
      cloud.users.add(uidOf(agent));
      return accountOf(uidOf(agent));
    },
    calls: server.calls,
    acted: () => cloud.acted,
    /** Each agent has a notification of her own; the key is the first's. */
    add(agents, title = 'Note de service.docx') {
      const [first] = agents.map((agent) => cloud.add(uidOf(agent), title));
      return String(first?.id ?? 0);
    },
    change(key) {
      const found = cloud.notices.get(Number(key));
      if (found !== undefined) found.changes += 1;
    },
    settle: (key) => cloud.of(key).forEach((id) => cloud.notices.delete(id)),
    tell: (object) => cloud.tell(object),
    isOpen: (key) => cloud.of(key).length > 0,
    fail: (fault) => server.fail(fault),
    revoke: (agent) => (agent === undefined ? (cloud.isRevoked = true) : cloud.revoke(uidOf(agent))),
    restore() {
      cloud.isRevoked = false;
      cloud.revoked.clear();
    },
    grant(agent) {
      const flow = cloud.flows.at(-1);
      if (flow !== undefined) cloud.grant(flow, uidOf(agent));
    },
    mute() {
      cloud.isMute = true;
      for (const socket of cloud.listeners.keys()) socket.end();
    },
    passwords: (agent) => [...cloud.issued.values()].filter((uid) => uid === uidOf(agent)).length,
    listening: (agent) => [...cloud.listeners.values()].filter((uid) => uid === uidOf(agent)).length,
    push(key) {
      const user = { uid: 'jdupont', displayName: 'Jean Dupont' };
      const shares = cloud.of(key).map((id) => ({ id: key, sharedBy: 'jdupont', sharedWith: cloud.notices.get(id)?.uid }));
      const event = { class: 'OCP\\Share\\Events\\ShareCreatedEvent', ...(shares.length === 1 ? { share: shares[0] } : { shares }) };
      return { headers: { 'x-ecritoire-secret': secret }, body: Buffer.from(JSON.stringify({ event, user, time: 1_763_625_600 })) };
    },
    stop() {
      for (const socket of cloud.listeners.keys()) socket.end();
      return server.stop();
    },
  };
}

export const twin = {
  start,
  skip: [
    ...['poll: an empty tool is swept completely', 'bad input: ten thousand objects are all read'].map((rule) => ({
      rule,
      reason: 'la liste est coupée à 25 et tait ce que ses applications ne savent pas préparer : elle n’est jamais tout',
    })),
    {
      rule: 'read: with one byte changed it is refused',
      reason: 'webhook_listeners ne signe pas : un secret dans un en-tête, et rien n’est pris du corps',
    },
  ],
} satisfies Twin;
