/** How a day goes on: pure decisions over what the town remembers. Nothing here knows the network or the clock. */
import { TOOLS } from '../people.ts';
import { today } from './calendar.ts';
import { type Random, makeRandom, pick, seedOf } from './random.ts';
import type { Scene } from './scene.ts';
import { arrival, emergency, morning } from './scenes.ts';
import { TWINS } from './twins.ts';

/** An object as its tool knows it now. */
export type Thing = {
  scene: Scene;
  revision: number;
  day: string;
  /** Its own among all objects there ever were. */
  number: number;
  /** ms; deadlines are counted from here. */
  bornAt: number;
  /** ms: when it became as it is. */
  at: number;
};

/** What is kept over restarts: the day, how many steps it has had, how many objects there were, and every open one by `tool key`. */
export type Memory = {
  day: string;
  steps: number;
  count: number;
  things: Record<string, Thing>;
  /** Somebody wants it to stand still. */
  isPaused?: boolean;
};

export const EMPTY: Memory = { day: '', steps: 0, count: 0, things: {} };

/** What the tools have to say: the new memory, and what is told of which object. */
export type Step = { memory: Memory; said: readonly Saying[] };
export type Saying = { op: 'upsert' | 'close'; thing: Thing; /** ms */ at: number };
export type At = { now: number; seed: string };

/** By what the memory knows an object. */
export const idOf = ({ scene: { tool, key }, day }: Pick<Thing, 'scene' | 'day'>): string => `${tool} ${day}/${key}`;

/** A new day clears what was left of the one before and begins with its own morning; the same day goes on. */
export function begin(memory: Memory, { now }: Pick<At, 'now'>): Step {
  const day = today(now);
  if (memory.day === day) {
    return { memory, said: [] };
  }
  const left = Object.values(memory.things).map((thing): Saying => ({ op: 'close', thing, at: now }));
  const scenes = morning(now);
  const things = scenes.map((scene, index) => {
    const at = now - (scenes.length - index) * SPREAD_MS;
    return { scene, revision: 1, day, number: memory.count + index + 1, bornAt: now, at };
  });
  return {
    memory: {
      ...memory,
      day,
      steps: 0,
      count: memory.count + things.length,
      things: Object.fromEntries(things.map((thing) => [idOf(thing), thing])),
    },
    said: [...left, ...things.map((thing): Saying => ({ op: 'upsert', thing, at: thing.at }))],
  };
}

const SPREAD_MS = 45_000; // the morning's objects did not change all at once

/** More than this many open objects of one person, and the next step closes one. */
const ENOUGH = 14;

/** One thing more happens. */
export function goOn(memory: Memory, at: At): Step {
  const steps = memory.steps + 1;
  const random = makeRandom(seedOf(`${at.seed} ${memory.day} ${steps}`));
  const crowded = movable(memory).find((thing) => thing.scene.to.some(([login]) => countFor(memory, login) > ENOUGH));
  const now = { ...memory, steps };
  return crowded !== undefined ? close(now, crowded, at) : choose(now, { random, at });
}

function choose(memory: Memory, { random, at }: { random: Random; at: At }): Step {
  const { steps } = memory;
  if (steps % 15 === 7) {
    return add(memory, emergency(steps, random), at);
  }
  const dice = random();
  const open = movable(memory);
  if (dice < 0.4 || open.length === 0) {
    return add(memory, arrival(steps, random), at);
  }
  const thing = pick(open, random);
  if (dice < 0.6) {
    return put(memory, { ...thing, scene: revise(thing.scene, random) }, at);
  }
  if (dice < 0.7) {
    return put(memory, { ...thing, scene: hand(thing.scene, random) }, at);
  }
  return dice < 0.85 ? close(memory, thing, at) : put(memory, recount(memory, random), at);
}

/** A mailbox has its own steps, and what a mail asked is not taken back. */
function movable({ things }: Memory): Thing[] {
  return Object.values(things).filter(({ scene }) => scene.count === undefined && toolOf(scene).bot !== 'mail');
}

/** Something new, wherever it comes from. */
export function add(memory: Memory, scene: Scene, { now }: Pick<At, 'now'>): Step {
  const count = memory.count + 1;
  const thing = { scene, revision: 1, day: memory.day, number: count, bornAt: now, at: now };
  return { memory: { ...memory, count, things: { ...memory.things, [idOf(thing)]: thing } }, said: [{ op: 'upsert', thing, at: now }] };
}

function put(memory: Memory, before: Thing, { now }: At): Step {
  const thing = { ...before, revision: before.revision + 1, at: now };
  return { memory: { ...memory, things: { ...memory.things, [idOf(thing)]: thing } }, said: [{ op: 'upsert', thing, at: now }] };
}

/** It is over: a colleague saw to it, it was taken back. */
export function close(memory: Memory, thing: Thing, { now }: Pick<At, 'now'>): Step {
  return { memory: without(memory, thing), said: [{ op: 'close', thing, at: now }] };
}

/** It is over at its tool, which knows. */
export function without(memory: Memory, thing: Thing): Memory {
  const gone = idOf(thing);
  return { ...memory, things: Object.fromEntries(Object.entries(memory.things).filter(([id]) => id !== gone)) };
}

const countFor = (memory: Memory, login: string): number =>
  Object.values(memory.things).filter(({ scene }) => scene.to.some(([to]) => to === login)).length;

/** The object moved in its tool: a meeting to another hour, a document more, or another summary. */
export function revise(scene: Scene, random: Random): Scene {
  if (scene.meeting !== undefined && scene.due !== undefined) {
    const from = pick(['09:30', '11:15', '15:00', '16:30'], random);
    return { ...scene, due: { days: Math.max(scene.due.days, 1), at: from }, meeting: { ...scene.meeting, from } };
  }
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

/** Somebody else has to see to it now; a meeting stays with whom it is for. */
function hand(scene: Scene, random: Random): Scene {
  const colleagues = COLLEAGUES[toolOf(scene).organisation] ?? [];
  const free = colleagues.filter((login) => !scene.to.some(([to]) => to === login));
  const isFixed = free.length === 0 || scene.meeting !== undefined;
  return isFixed ? revise(scene, random) : { ...scene, to: [[pick(free, random), 'réattribué ce jour']] };
}

/** A mailbox fills or empties. */
function recount(memory: Memory, random: Random): Thing {
  const boxes = Object.values(memory.things).filter(({ scene }) => scene.count !== undefined);
  const box = pick(boxes, random);
  return { ...box, scene: { ...box.scene, count: 1 + Math.floor(random() * 15) } };
}

type Placed = { id: string; bot: string; organisation: string };

export function toolOf({ tool }: Pick<Scene, 'tool'>): Placed {
  const found = [...TOOLS, ...TWINS].find(({ id }) => id === tool);
  if (found === undefined) {
    throw new RangeError(`no such tool: ${tool}`);
  }
  return found;
}
