/** What a tool that posts by itself says of an object (HOOKS.md). Pure. */
import type { HookEvent } from '../hook.ts';
import { TOOLS, fullName, personOf, type Tool } from '../people.ts';
import { due, stamp } from './calendar.ts';
import type { Saying, Thing } from './day.ts';
import type { Scene } from './scene.ts';

/** Undefined for a tool that its bot reads. `pages`: where the tools' own pages are. */
export function eventOf({ op, thing, at }: Saying, pages: string): HookEvent | undefined {
  const tool = TOOLS.find(({ id }) => id === thing.scene.tool);
  if (tool === undefined) return undefined;
  const data = op === 'close' ? closing(thing, tool) : upserting(thing, tool, pages);
  return {
    specversion: '1.0',
    id: `${thing.day}-${thing.scene.key}-${thing.revision}-${at}`,
    source: `urn:mairie:${tool.organisation}:${tool.id}`,
    type: `fr.collectivite.${tool.bot}.${thing.scene.kind}`,
    time: stamp(at),
    data,
  };
}

/** The key of an object at such a tool. */
export const postedKey = ({ day, scene }: Thing): string => `${day}/${scene.key}`;

function closing(thing: Thing, tool: Tool): Record<string, unknown> {
  return { op: 'close', item: { key: postedKey(thing), ...(tool.order === 'revision' && { revision: thing.revision + 1 }) } };
}

function upserting(thing: Thing, tool: Tool, pages: string): Record<string, unknown> {
  const to = thing.scene.to.map(([login, reason]) => ({ mail: personOf(login).mail, reason }));
  return { op: 'upsert', to, item: itemOf(thing, tool, `${pages}/${tool.id}/${thing.day}/${thing.scene.key}`) };
}

function itemOf({ scene, revision, day, bornAt }: Thing, tool: Tool, url: string): Record<string, unknown> {
  const acts = tool.acts === true ? (ACTS[scene.kind] ?? []) : [];
  // Where it can be done here, the link only opens it.
  const label = acts.length > 0 ? 'Ouvrir' : (scene.verb ?? 'Ouvrir');
  return {
    key: `${day}/${scene.key}`,
    title: scene.title,
    kind: scene.kind,
    severity: scene.severity ?? 'normal',
    url,
    people: peopleOf(scene),
    actions: [...acts, { id: 'ouvrir', label, risk: 'red', href: url }],
    ...(tool.order === 'revision' && { revision }),
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

const MOTIVE = { motif: { type: 'string', title: 'Motif', minLength: 4, maxLength: 200, required: true } };

/** What can be asked of a tool that is told by a callback, by kind. */
const ACTS: Readonly<Record<string, readonly object[]>> = {
  absence: [
    { id: 'valider', label: 'Valider', risk: 'amber' },
    { id: 'refuser', label: 'Refuser', risk: 'amber', input: MOTIVE },
  ],
  invitation: [
    { id: 'accepter', label: 'Accepter', risk: 'green' },
    { id: 'decliner', label: 'Décliner', risk: 'amber' },
  ],
  message: [{ id: 'prendre', label: 'Prendre en charge', risk: 'green' }],
};

function peopleOf({ by, to, absent }: Scene): { name: string; role: 'by' | 'for'; mail?: string; reason?: string }[] {
  const asked =
    absent === undefined
      ? to.map(([login, reason]) => ({ name: fullName(personOf(login)), role: 'for' as const, reason }))
      : [{ name: fullName(personOf(absent)), role: 'for' as const, mail: personOf(absent).mail }];
  return by === undefined ? asked : [{ name: by, role: 'by' as const }, ...asked];
}

/** Where and when; of a meeting that has lost its hour only where. */
export function meetingOf({ meeting, due: when }: Scene, bornAt: number): { place?: string; startsAt?: string; endsAt?: string } {
  if (meeting === undefined || when === undefined) {
    return {};
  }
  const startsAt = due({ ...when, at: meeting.from }, bornAt);
  const start = Date.parse(startsAt);
  return { place: meeting.place, ...(startsAt.includes('T') && { startsAt, endsAt: stamp(start + meeting.minutes * 60_000) }) };
}
