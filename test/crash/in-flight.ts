/** What was on its way when a part was killed, counted afterwards from the rooms, so that counting disturbs nothing. */
import type { Asked } from './load.ts';
import type { Accepted } from './model.ts';
import type { RoomView } from './room-view.ts';

/** Events answered 202 and not yet in their room; requests begun and not yet answered there. */
export type InFlight = { events: number; requests: number };

type Measuring = { views: ReadonlyMap<string, RoomView>; accepted: readonly Accepted[]; asked: readonly Asked[]; killedAt: number };

export function measureInFlight({ views, accepted, asked, killedAt }: Measuring): InFlight {
  const isUnderway = ({ event, at, isNewest }: Accepted): boolean => {
    if (at > killedAt || !isNewest) return false;
    return [...views.values()].some((view) => {
      const showing = (view.said.get(event.key) ?? []).filter(({ placement }) => placement.revision >= event.revision);
      return showing.length > 0 && showing.every((said) => said.at > killedAt);
    });
  };
  const isUnanswered = ({ agent, eventId, startedAt }: Asked): boolean => {
    const outcomes = views.get(agent)?.answered.get(eventId) ?? [];
    return startedAt <= killedAt && outcomes.every(({ at }) => at > killedAt);
  };
  return { events: accepted.filter(isUnderway).length, requests: asked.filter(isUnanswered).length };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
