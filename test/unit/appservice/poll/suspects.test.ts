import { describe, expect, it } from 'vitest';
import { Suspects, type Verdict } from '../../../../appservice/poll/suspects.ts';

/** Each in turn refused, beside all the others, at growing times. */
function refuse(
  suspects: Suspects,
  agents: readonly string[],
  { all = agents, from = 1, isPage = true }: { all?: readonly string[]; from?: number; isPage?: boolean } = {},
): Verdict[] {
  return agents.map((agent, n) =>
    suspects.refused('a', { agent, atMs: from + n, others: all.filter((one) => one !== agent).slice(0, 5), isPage }),
  );
}
const EIGHT = ['anne', 'claire', 'hugo', 'luc', 'marc', 'nora', 'paul', 'zoé'];

describe('an account that a tool refuses', () => {
  it('in so many words is hers at once, and is not asked again; five in a row are everybody’s', () => {
    const suspects = new Suspects();
    expect(refuse(suspects, ['claire'], { all: EIGHT, isPage: false })).toEqual(['hers']);
    expect(suspects.letIn('a', { agent: 'marc', atMs: 5 })).toEqual([]);
    expect(refuse(new Suspects(), ['claire'], { all: ['claire'], isPage: false })).toEqual(['hers']);
    expect(refuse(new Suspects(), EIGHT, { isPage: false })).toEqual([...Array<Verdict>(4).fill('hers'), ...Array<Verdict>(4).fill('all')]);
  });
});

describe('an account that gets a log-in page', () => {
  it('is hers when she is refused again after somebody else was let in', () => {
    const suspects = new Suspects();
    expect(refuse(suspects, ['claire'], { all: EIGHT })).toEqual(['open']);
    expect(suspects.letIn('a', { agent: 'marc', atMs: 5 })).toEqual(['claire']);
    expect(refuse(suspects, ['claire'], { all: EIGHT, from: 6 })).toEqual(['hers']);
  });

  it('is nobody’s fault while no other was let in since, however often', () => {
    const suspects = new Suspects();
    expect(refuse(suspects, ['claire', 'claire', 'claire'], { all: EIGHT })).toEqual(['open', 'open', 'open']);
    expect(suspects.letIn('a', { agent: 'marc', atMs: 0 })).toEqual([]); // begun before
    expect(refuse(suspects, ['claire'], { all: EIGHT, from: 9 })).toEqual(['open']);
  });

  it('is hers at the second time where nobody else is swept', () => {
    expect(refuse(new Suspects(), ['claire', 'claire'], { all: ['claire'] })).toEqual(['open', 'hers']);
  });

  it('is everybody’s once all of a few are refused, or five of many', () => {
    expect(refuse(new Suspects(), ['claire', 'marc', 'claire'], { all: ['claire', 'marc'] })).toEqual(['open', 'all', 'all']);
    expect(refuse(new Suspects(), EIGHT)).toEqual([...Array<Verdict>(4).fill('open'), ...Array<Verdict>(4).fill('all')]);
  });

  it('is asked again once when the portal is well, and no more of it when she is let in', () => {
    const suspects = new Suspects();
    refuse(suspects, EIGHT);
    expect(suspects.letIn('a', { agent: 'luc', atMs: 20 })).toHaveLength(7);
    expect(suspects.letIn('a', { agent: 'anne', atMs: 21 })).toEqual([]);
    expect(refuse(suspects, ['anne'], { all: EIGHT, from: 22 })).toEqual(['open']);
    expect(refuse(suspects, ['paul'], { all: EIGHT, from: 23 })).toEqual(['hers']);
  });

  it('is another when it is linked anew, and each connection’s for itself', () => {
    const suspects = new Suspects();
    refuse(suspects, ['claire'], { all: EIGHT });
    suspects.forget('a', 'claire');
    suspects.letIn('a', { agent: 'marc', atMs: 5 });
    suspects.letIn('b', { agent: 'marc', atMs: 9 });
    expect(refuse(suspects, ['claire'], { all: EIGHT, from: 6 })).toEqual(['open']);
    expect(suspects.witness('a', ['claire', 'marc'])).toBe('marc');
  });
});
