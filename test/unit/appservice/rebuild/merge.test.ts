import { describe, expect, it } from 'vitest';
import { closePlacement, takeAway } from '#desk/placement.ts';
import { type Accepted, isOverruled, isTakenAway, merge } from '../../../../appservice/rebuild/merge.ts';
import { plainPlacement } from '../../desk/arbitrary.ts';

const via = (contentDigest: string) => ({ source: 'urn:gta', id: contentDigest, digest: contentDigest, contentDigest });
const shown = plainPlacement({ revision: 10, via: via('room') });
const last = (state: 'todo' | 'done' | 'cancelled', digest = 'meanwhile') => ({ via: via(digest), state });

/** The object as it was accepted while the room was not known. */
const accepted = (revision: number, changes: Partial<Accepted> = {}): Accepted => ({
  revision,
  digest: 'meanwhile',
  closed: false,
  last: last('todo'),
  ...changes,
});
const kept = (revision: number, title = 'Demande changée') => ({
  placement: plainPlacement({ revision, title, via: via('meanwhile') }),
  addressed: true,
});

describe('what was accepted meanwhile for this very person', () => {
  it('wins when it is newer, and the room is told', () => {
    const merged = merge(shown, { accepted: accepted(20), kept: kept(20), order: 'time' });
    expect(merged).toMatchObject({ placement: { title: 'Demande changée', revision: 20 }, addressed: true, row: 'queue' });
  });

  it('is nothing when it is older, or the same again', () => {
    expect(merge(shown, { accepted: accepted(5), kept: kept(5), order: 'time' })).toEqual({
      placement: shown,
      addressed: true,
      row: 'drop',
    });
    const same = { accepted: accepted(10, { digest: 'room' }), kept: kept(10) };
    expect(merge(shown, { ...same, order: 'time' })).toMatchObject({ placement: shown, row: 'drop' });
  });

  it('of an equal time but with other content is newer, as at the door; an equal revision number never is', () => {
    const both = { accepted: accepted(10), kept: kept(10) };
    expect(merge(shown, { ...both, order: 'time' }).row).toBe('queue');
    expect(merge(shown, { ...both, order: 'revision' }).placement).toEqual(shown);
  });

  it('needs no message when it shows the same, and keeps what was done from the desk', () => {
    const lastAction = { by: '@claire:x', at: '2026-11-20T10:00:00Z', action: 'valider', outcome: 'confirmed' as const };
    const merged = merge({ ...shown, lastAction }, { accepted: accepted(20), kept: kept(20, shown.title), order: 'time' });
    expect(merged).toMatchObject({ placement: { revision: 20, lastAction }, row: 'drop' });
  });
});

describe('an object that was accepted meanwhile, though not for her', () => {
  it('is somebody else’s now', () => {
    const { placement, addressed, row } = merge(shown, { accepted: accepted(20), kept: undefined, order: 'time' });
    expect([isTakenAway(placement), placement.title, addressed, row]).toEqual([true, shown.title, false, 'queue']);
  });

  it.each(['done', 'cancelled'] as const)('and is over (%s) is closed in her room', (state) => {
    const merged = merge(shown, { accepted: accepted(20, { closed: true, last: last(state) }), kept: undefined, order: 'time' });
    expect(merged).toMatchObject({ placement: { state, revision: 20 }, addressed: true, row: 'queue' });
  });

  it('leaves alone what is older, and what nobody spoke of', () => {
    for (const one of [accepted(5), accepted(20, { last: null })])
      expect(merge(shown, { accepted: one, kept: undefined, order: 'time' })).toEqual({ placement: shown, addressed: true, row: 'drop' });
  });

  it('is not taken away from her a second time', () => {
    const away = takeAway(shown, { revision: 15, via: via('before') });
    expect(merge(away, { accepted: accepted(20), kept: undefined, order: 'time' })).toEqual({
      placement: away,
      addressed: false,
      row: 'drop',
    });
  });
});

describe('what the room says', () => {
  it('overrules what was accepted meanwhile and is not newer', () => {
    expect(isOverruled(shown, accepted(5), 'time')).toBe(true);
    expect(isOverruled(shown, accepted(10), 'revision')).toBe(true);
    expect(isOverruled(shown, accepted(20), 'time')).toBe(false);
    expect(isOverruled(shown, accepted(5, { last: null }), 'time')).toBe(false);
  });

  it('is taken away only with its reason: cancelled at the source is not', () => {
    expect(isTakenAway(takeAway(shown, { revision: 11 }))).toBe(true);
    expect(isTakenAway(closePlacement(shown, { state: 'cancelled', revision: 11 }))).toBe(false);
  });
});
