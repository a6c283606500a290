/**
 * The town's control surface: what happens at a tool when somebody says so. `GET /control` lists the tools with their calls
 * and open objects; `POST /control/<tool>/<what>` makes it happen; `POST /control/pause` and `resume` are for the day. See README.md.
 */
import type { Fault } from '../../../bots/twin.ts';
import type { SmtpSink } from '../smtp.ts';
import { KNOWN_PEOPLE, personOf, TOOLS } from '../people.ts';
import type { Callback } from './callback.ts';
import { add, close, revise, type Thing } from './day.ts';
import { makeRandom, seedOf } from './random.ts';
import type { Scene } from './scene.ts';
import type { OpenTwin } from './open-twins.ts';
import type { Town } from './town.ts';
import { POST, TWINS } from './twins.ts';

export type ControlAnswer = { status: number; json: unknown };

const SLOW_S = 70;
const HOUR_S = 3600;
const HALF_FROM = 3; // calls: the first page came, the next does not
/** What comes new at each, unless `kind` says otherwise. */
const KINDS: Readonly<Record<string, string>> = {
  gta: 'absence',
  astre: 'facture',
  commandes: 'demande',
  messagerie: 'invitation',
  actes: 'acte',
  'rivebelle-idelibre': 'convocation',
  parapheur: 'visa',
  'rivebelle-parapheur': 'visa',
  nuage: 'partage',
  agenda: 'rendez-vous',
  marches: 'question',
  'rivebelle-gta': 'absence',
};

type At = { tool: string; query: URLSearchParams };

export class Control {
  readonly #town: Town;
  readonly #post: SmtpSink | undefined;
  readonly #callbacks: ReadonlyMap<string, Callback>;
  readonly #faults = new Map<string, { kind: string; timer: NodeJS.Timeout | undefined }>();
  #made = 0;

  constructor(town: Town, callbacks: ReadonlyMap<string, Callback>, post: SmtpSink | undefined) {
    this.#town = town;
    this.#post = post;
    this.#callbacks = callbacks;
  }

  /** `path` is what follows `/control`. */
  answer({ method, path, query }: { method: string; path: string; query: URLSearchParams }): ControlAnswer {
    const [tool = '', what = ''] = path.split('/').filter((part) => part !== '');
    if (what === '' && method === 'POST' && (tool === 'pause' || tool === 'resume')) {
      void this.#town.pause(tool === 'pause');
      return { status: 200, json: { paused: this.#town.isPaused } };
    }
    if (tool === '') return { status: 200, json: { tools: [...TWINS, ...TOOLS].map(({ id }) => this.#told(id)) } };
    if (tool === POST) return { status: 200, json: { mails: this.#mails() } };
    if (![...TWINS, ...TOOLS].some(({ id }) => id === tool)) return { status: 404, json: { error: `no such tool: ${tool}` } };
    if (what === '') return { status: 200, json: this.#told(tool) };
    if (what === 'calls') return { status: 200, json: this.#calls(tool) };
    const run = Object.hasOwn(this.#verbs, what) ? this.#verbs[what] : undefined;
    if (run === undefined) return { status: 404, json: { error: `no such control: ${what}`, controls: Object.keys(this.#verbs) } };
    if (method !== 'POST') return { status: 405, json: { error: 'POST makes it happen' } };
    return run({ tool, query });
  }

  readonly #verbs: Readonly<Record<string, (at: At) => ControlAnswer>> = {
    new: (at) => this.#new(at),
    elsewhere: (at) => this.#on(at, (thing) => void this.#town.happen((memory) => close(memory, thing, { now: Date.now() }))),
    change: (at) => this.#on(at, (thing) => void this.#change(thing)),
    expire: ({ tool }) => this.#with(tool, ({ twin }) => twin.expire?.()),
    revoke: ({ tool, query }) => {
      const agent = query.get('agent');
      return this.#with(tool, ({ twin }) => twin.revoke(agent === null ? undefined : personOf(agent).mail));
    },
    slow: (at) => this.#fail(at, { kind: 'slow', ms: secondsOf(at.query, 'seconds', SLOW_S) * 1000 }),
    half: (at) => this.#fail(at, { kind: 'status', status: 500, from: HALF_FROM }),
    'login-page': (at) => this.#fail(at, { kind: 'login-page' }),
    gone: (at) => this.#fail(at, { kind: 'gone' }, HOUR_S),
    well: (at) => this.#fail(at, undefined),
  };

  #new({ tool, query }: At): ControlAnswer {
    const organisation = [...TWINS, ...TOOLS].find(({ id }) => id === tool)?.organisation ?? '';
    const agents =
      query.get('agent')?.split(',') ??
      KNOWN_PEOPLE.filter((one) => one.organisations[0] === organisation)
        .slice(0, 1)
        .map(({ login }) => login);
    const unknown = agents.find((login) => !KNOWN_PEOPLE.some((one) => one.login === login));
    if (unknown !== undefined) return { status: 400, json: { error: `nobody has the login ${unknown}` } };
    const number = (this.#made += 1);
    const scene: Scene = {
      tool,
      key: `essai/${Date.now()}-${number}`,
      kind: query.get('kind') ?? KINDS[tool] ?? 'autre',
      title: query.get('title') ?? `Essai n° ${number}`,
      to: agents.map((login) => [login, 'essai']),
      due: { days: Number(query.get('days') ?? 2), at: '10:00' },
      dossier: `ESSAI-${number}`,
      ...(tool === 'agenda' && { meeting: { from: '10:00', minutes: 30, place: 'Salle du conseil' } }),
    };
    let made: Thing | undefined;
    void this.#town.happen((memory) => {
      const step = add(memory, scene, { now: Date.now() });
      made = step.said[0]?.thing;
      return step;
    });
    return { status: 201, json: made === undefined ? {} : this.#shown(made) };
  }

  /** The object of that key, else the oldest that is open. */
  #on({ tool, query }: At, run: (thing: Thing) => void): ControlAnswer {
    this.#town.notice();
    const key = query.get('key');
    const thing = this.#town.things(tool).find((one) => key === null || this.#town.keyOf(one) === key);
    if (thing === undefined) return { status: 404, json: { error: 'nothing like that is open', open: this.#open(tool) } };
    const shown = this.#shown(thing);
    run(thing);
    return { status: 200, json: shown };
  }

  #change(thing: Thing): Promise<void> {
    const now = Date.now();
    const revised = revise(thing.scene, makeRandom(seedOf(`${thing.number} ${now}`)));
    const scene = { ...revised, title: revised.meeting === undefined ? `${thing.scene.title} (modifié)` : thing.scene.title };
    const changed = { ...thing, scene, revision: thing.revision + 1, at: now };
    return this.#town.happen((memory) => ({
      memory: { ...memory, things: { ...memory.things, [`${scene.tool} ${thing.day}/${scene.key}`]: changed } },
      said: [{ op: 'upsert', thing: changed, at: now }],
    }));
  }

  #with(tool: string, run: (open: OpenTwin) => void): ControlAnswer {
    const open = this.#town.twins.find((one) => one.tool.id === tool);
    if (open === undefined) return { status: 409, json: { error: 'this tool has no twin: it posts by itself' } };
    run(open);
    return { status: 200, json: this.#told(tool) };
  }

  /** `seconds` (of what is slow: `for`) is how long it lasts; otherwise until `well`, or its usual time. */
  #fail({ tool, query }: At, fault: Fault | undefined, usualS = 0): ControlAnswer {
    const lasts = secondsOf(query, fault?.kind === 'slow' ? 'for' : 'seconds', usualS);
    const twin = this.#town.twins.find((one) => one.tool.id === tool)?.twin;
    const callback = this.#callbacks.get(tool);
    if (twin === undefined && callback === undefined) return { status: 409, json: { error: 'nobody asks this tool anything' } };
    clearTimeout(this.#faults.get(tool)?.timer);
    this.#faults.delete(tool);
    twin?.fail(fault);
    if (fault === undefined) twin?.restore?.();
    if (callback !== undefined) callback.fault = fault;
    if (fault !== undefined) {
      const timer = lasts > 0 ? setTimeout(() => this.#fail({ tool, query: new URLSearchParams() }, undefined), lasts * 1000) : undefined;
      timer?.unref();
      this.#faults.set(tool, { kind: fault.kind, timer });
    }
    return { status: 200, json: this.#told(tool) };
  }

  #told(id: string): unknown {
    const open = this.#town.twins.find((one) => one.tool.id === id);
    const tool = [...TWINS, ...TOOLS].find((one) => one.id === id);
    const callback = this.#callbacks.get(id);
    return {
      id,
      bot: tool?.bot,
      organisation: tool?.organisation,
      url: open?.twin.url ?? null,
      calls: open?.twin.calls.length ?? callback?.calls ?? 0,
      acted: open?.twin.acted() ?? callback?.acted ?? 0,
      fault: this.#faults.get(id)?.kind ?? null,
      open: this.#open(id),
    };
  }

  #open(id: string): unknown[] {
    this.#town.notice();
    return this.#town.things(id).map((thing) => this.#shown(thing));
  }

  #shown(thing: Thing): object {
    return {
      key: this.#town.keyOf(thing),
      title: thing.scene.title,
      kind: thing.scene.kind,
      agents: thing.scene.to.map(([login]) => login),
    };
  }

  /** What the desk sent, the newest first. */
  #mails(): unknown[] {
    const newest = [...(this.#post?.received ?? [])].reverse().slice(0, 20);
    return newest.map(({ to, mail }) => ({ to, subject: mail.subject, text: mail.text?.split('\n').filter((line) => line !== '') }));
  }

  /** The last calls that reached it, without what they carried. */
  #calls(id: string): unknown {
    const calls = this.#town.twins.find((one) => one.tool.id === id)?.twin.calls ?? [];
    return { calls: calls.length, last: calls.slice(-100).map(({ method, path }) => `${method} ${path}`) };
  }
}

function secondsOf(query: URLSearchParams, name: string, usual: number): number {
  const value = Number(query.get(name) ?? usual);
  return Number.isFinite(value) && value >= 0 ? value : usual;
}
