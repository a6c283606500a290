/**
 * What an agent does not want to hear of: exactly one object, one dossier, one kind of one tool, or one tool. A muted item stays on her
 * desk and in its numbers, at the end of the list, and is not announced; what is urgent is never muted. Pure.
 */
import * as z from 'zod/mini';
import type { Placement } from './placement.ts';

/** `value`: the item's key, the dossier's or the kind's name, the connection. `label`: as she reads it in her settings. */
export const Mute = z.object({
  scope: z.enum(['item', 'dossier', 'kind', 'tool']),
  value: z.string().check(z.minLength(1), z.maxLength(400)),
  /** Of a kind only: kinds of two tools are two things. */
  connection: z.optional(z.string().check(z.maxLength(64))),
  label: z.string().check(z.maxLength(120)),
});
export type Mute = z.infer<typeof Mute>;

export const MOST_MUTES = 40;

type Muted = Pick<Placement, 'key' | 'dossier' | 'kind' | 'connection' | 'severity'>;

const applies = ({ scope, value, connection }: Mute, to: Muted): boolean => {
  if (scope === 'item') return to.key === value;
  if (scope === 'dossier') return to.dossier === value;
  return scope === 'kind' ? to.kind === value && to.connection === connection : to.connection === value;
};

/** The mute that an item falls under; undefined when it is to be heard. */
export function muteOf(placement: Muted, mutes: readonly Mute[]): Mute | undefined {
  return placement.severity === 'urgent' ? undefined : mutes.find((mute) => applies(mute, placement));
}

export function isSameMute(one: Mute, other: Mute): boolean {
  return one.scope === other.scope && one.value === other.value && one.connection === other.connection;
}
