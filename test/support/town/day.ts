/** How a day goes on: pure decisions over what the town remembers. Nothing here knows the network or the clock. */
import { TOOLS, fullName, personOf } from '../people.ts';
import type { HookEvent } from '../hook.ts';
import { due, stamp, today } from './calendar.ts';
import { type Random, makeRandom, pick, seedOf } from './random.ts';
import type { Scene } from './scene.ts';
import { arrival, emergency, morning } from './scenes.ts';

/** An object as its tool knows it now. */
export type Thing = { scene: Scene; revision: number; day: string; /** ms; deadlines are counted from here. */ bornAt: number };

/** What is kept over restarts: the day, how many steps it has had, and every open object by `tool key`. */
export type Memory = { day: string; steps: number; things: Record<string, Thing> };

export const EMPTY: Memory = { day: '', steps: 0, things: {} };

/** What the tools have to say: the new memory, and the events that say it. */
export type Step = { memory: Memory; events: readonly ToolEvent[] };
export type ToolEvent = { tool: string; event: HookEvent };
export type At = { now: number; /** Where the tools' own pages are. */ pages: string; seed: string };

const idOf = ({ tool, key }: Scene, day: string): string => `${tool} ${day}/${key}`;

/** A new day clears what was left of the one before and begins with its own morning; the same day goes on. */
export function begin(memory: Memory, at: At): Step {
  const day = today(at.now);
  if (memory.day === day) {
    return { memory, events: [] };
  }
  const left = Object.values(memory.things).map((thing) => closing(thing, at));
  const things = morning(at.now).map((scene) => ({ scene, revision: 1, day, bornAt: at.now }));
  const born = things.map((thing, index) => upserting(thing, { ...at, now: at.now - (things.length - index) * SPREAD_MS }));
  return {
    memory: { day, steps: 0, things: Object.fromEntries(things.map((thing) => [idOf(thing.scene, day), thing])) },
    events: [...left, ...born],
  };
}

const SPREAD_MS = 45_000; // the morning's objects did not change all at once

/** More than this many open objects of one person, and the next step closes one. */
const ENOUGH = 14;

/** One thing more happens. */
export function goOn(memory: Memory, at: At): Step {
  const steps = memory.steps + 1;
  const random = makeRandom(seedOf(`${at.seed} ${memory.day} ${steps}`));
  const open = Object.values(memory.things).filter(({ scene }) => scene.count === undefined);
  const crowded = open.find((thing) => thing.scene.to.some(([login]) => countFor(memory, login) > ENOUGH));
  const chosen = crowded !== undefined ? close(crowded, at) : choose({ memory, open, steps, random, at });
  return { memory: { ...memory, steps, things: chosen.things(memory.things) }, events: chosen.events };
}

type Change = { things: (before: Memory['things']) => Memory['things']; events: readonly ToolEvent[] };

function choose({
  memory,
  open,
  steps,
  random,
  at,
}: {
  memory: Memory;
  open: readonly Thing[];
  steps: number;
  random: Random;
  at: At;
}): Change {
  if (steps % 15 === 7) {
    return put({ scene: emergency(steps, random), revision: 1, day: memory.day, bornAt: at.now }, at);
  }
  const dice = random();
  if (dice < 0.4 || open.length === 0) {
    return put({ scene: arrival(steps, random), revision: 1, day: memory.day, bornAt: at.now }, at);
  }
  const thing = pick(open, random);
  if (dice < 0.6) {
    return put({ ...thing, revision: thing.revision + 1, scene: revise(thing.scene, random) }, at);
  }
  if (dice < 0.7) {
    return put({ ...thing, revision: thing.revision + 1, scene: hand(thing.scene, random) }, at);
  }
  return dice < 0.85 ? close(thing, at) : put(recount(memory, random), at);
}

function put(thing: Thing, at: At): Change {
  return { things: (before) => ({ ...before, [idOf(thing.scene, thing.day)]: thing }), events: [upserting(thing, at)] };
}

function close(thing: Thing, at: At): Change {
  const gone = idOf(thing.scene, thing.day);
  return { things: (before) => Object.fromEntries(Object.entries(before).filter(([id]) => id !== gone)), events: [closing(thing, at)] };
}

const countFor = (memory: Memory, login: string): number =>
  Object.values(memory.things).filter(({ scene }) => scene.to.some(([to]) => to === login)).length;

/** The object moved in its tool: a document more, or another summary. */
function revise(scene: Scene, random: Random): Scene {
  const note = pick(
    ['Pièce ajoutée ce jour.', 'Complété par le service instructeur.', 'Relu, une remarque en marge.', 'Montant corrigé.'],
    random,
  );
  const documents = random() < 0.4 ? [...(scene.documents ?? []), 'Pièce complémentaire.pdf'] : scene.documents;
  return { ...scene, summary: note, ...(documents !== undefined && { documents: documents.slice(-4) }) };
}

const COLLEAGUES: Readonly<Record<string, readonly string[]>> = {
  'ville-claire': ['claire.morel', 'paul.vidal', 'marc.roche', 'nadia.benali'],
  rivebelle: ['bruno.leroy', 'ines.faure', 'nadia.benali'],
};

/** Somebody else has to see to it now. */
function hand(scene: Scene, random: Random): Scene {
  const colleagues = COLLEAGUES[toolOf(scene).organisation] ?? [];
  const free = colleagues.filter((login) => !scene.to.some(([to]) => to === login));
  return free.length === 0 ? revise(scene, random) : { ...scene, to: [[pick(free, random), 'réattribué ce jour']] };
}

/** A mailbox fills or empties. */
function recount(memory: Memory, random: Random): Thing {
  const boxes = Object.values(memory.things).filter(({ scene }) => scene.count !== undefined);
  const box = pick(boxes, random);
  return { ...box, revision: box.revision + 1, scene: { ...box.scene, count: 1 + Math.floor(random() * 15) } };
}

function toolOf({ tool }: Scene): (typeof TOOLS)[number] {
  const found = TOOLS.find(({ id }) => id === tool);
  if (found === undefined) {
    throw new RangeError(`no such tool: ${tool}`);
  }
  return found;
}

function closing(thing: Thing, at: At): ToolEvent {
  const revision = toolOf(thing.scene).order === 'revision' ? { revision: thing.revision + 1 } : {};
  return eventOf(thing, at, { op: 'close', item: { key: `${thing.day}/${thing.scene.key}`, ...revision } });
}

function upserting(thing: Thing, at: At): ToolEvent {
  const { scene, day } = thing;
  const to = scene.to.map(([login, reason]) => ({ mail: personOf(login).mail, reason }));
  return eventOf(thing, at, { op: 'upsert', to, item: itemOf(thing, `${at.pages}/${scene.tool}/${day}/${scene.key}`) });
}

function eventOf(thing: Thing, { now }: At, content: Record<string, unknown>): ToolEvent {
  const { tool } = thing.scene;
  return {
    tool,
    event: {
      specversion: '1.0',
      id: `${thing.day}-${thing.scene.key}-${thing.revision}-${now}`,
      source: `urn:mairie:${toolOf(thing.scene).organisation}:${tool}`,
      type: `fr.collectivite.${toolOf(thing.scene).bot}.${thing.scene.kind}`,
      time: stamp(now),
      data: content,
    },
  };
}

function itemOf({ scene, revision, day, bornAt }: Thing, url: string): Record<string, unknown> {
  return {
    key: `${day}/${scene.key}`,
    title: scene.title,
    kind: scene.kind,
    severity: scene.severity ?? 'normal',
    url,
    people: peopleOf(scene),
    actions: [{ id: 'ouvrir', label: scene.verb ?? 'Ouvrir', risk: 'red', href: url }],
    ...(toolOf(scene).order === 'revision' && { revision }),
    ...(scene.summary !== undefined && { summary: scene.summary }),
    ...(scene.due !== undefined && { dueAt: due(scene.due, bornAt) }),
    ...(scene.count !== undefined && { count: scene.count }),
    ...(scene.dossier !== undefined && { dossier: scene.dossier }),
    ...(scene.documents !== undefined && {
      documents: scene.documents.map((name) => ({ name, url: `${url}/${encodeURIComponent(name)}` })),
    }),
    ...meetingOf(scene, bornAt),
  };
}

function peopleOf({ by, to }: Scene): { name: string; role: 'by' | 'for'; reason?: string }[] {
  const asked = to.map(([login, reason]) => ({ name: fullName(personOf(login)), role: 'for' as const, reason }));
  return by === undefined ? asked : [{ name: by, role: 'by' as const }, ...asked];
}

function meetingOf({ meeting, due: when }: Scene, bornAt: number): Record<string, unknown> {
  if (meeting === undefined || when === undefined) {
    return {};
  }
  const startsAt = due({ ...when, at: meeting.from }, bornAt);
  const start = Date.parse(startsAt);
  return { place: meeting.place, ...(startsAt.includes('T') && { startsAt, endsAt: stamp(start + meeting.minutes * 60_000) }) };
}
