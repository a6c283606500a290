/** Muting exactly one thing, and hearing of it again; either is taken back like any decision. */
import { isSameMute, MOST_MUTES, type Mute } from '#desk/mute.ts';
import { isTask } from '#desk/task.ts';
import type { Row } from '#lib/desk/rows.ts';
import { mutes as say } from '#lib/messages/why.ts';
import type { Live } from './live.svelte.ts';
import { sayKind } from './row.ts';

const LONGEST_LABEL = 120;

/** What of an item can be muted, from the narrowest to the widest, each with its button. */
export function choicesOf({ known: { placement }, tool }: Row): { mute: Mute; button: string }[] {
  const kind = sayKind(placement.kind);
  const { key, title, dossier, connection } = placement;
  const of = (scope: Mute['scope'], value: string, label: string, button: string, where?: string) => ({
    mute: { scope, value, label: label.slice(0, LONGEST_LABEL), ...(where !== undefined && { connection: where }) },
    button,
  });
  return [
    of('item', key, say.labels.item(title.slice(0, 100)), say.item),
    ...(dossier === undefined ? [] : [of('dossier', dossier, say.labels.dossier(dossier), say.dossier(dossier))]),
    ...(kind === undefined || isTask(placement)
      ? []
      : [of('kind', placement.kind, say.labels.kind(kind, tool.label), say.kind(kind, tool.label), connection)]),
    of('tool', connection, say.labels.tool(tool.label), say.tool(tool.label)),
  ];
}

const without = (live: Live, mute: Mute): Mute[] => live.settings.mutes.filter((one) => !isSameMute(one, mute));

const put = (live: Live, mute: Mute): Promise<void> => live.saveSettings({ mutes: [...without(live, mute), mute] });
const lift = (live: Live, mute: Mute): Promise<void> => live.saveSettings({ mutes: without(live, mute) });

/** Undefined when it is done; else what is wrong, in a sentence. */
export async function setMute(live: Live, mute: Mute, isOn: boolean): Promise<string | undefined> {
  if (isOn && live.settings.mutes.length >= MOST_MUTES) return say.tooMany(MOST_MUTES);
  try {
    await (isOn ? put(live, mute) : lift(live, mute));
  } catch {
    return say.failed;
  }
  live.decisions.offer(isOn ? say.muted(mute.label) : say.lifted(mute.label), () => (isOn ? lift(live, mute) : put(live, mute)));
  return undefined;
}
