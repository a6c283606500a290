import { describe, expect, it } from 'vitest';
import { Chosen } from '../../../../../web/src/lib/desk/chosen.ts';

describe('what she changes of her settings', () => {
  it('holds at once, also before the room has it, beside all she has set before', () => {
    const chosen = new Chosen();
    chosen.take({ v: 1, undoDelay: 5, views: ['a'] }, undefined);
    chosen.set('~1', { undoDelay: 20 });
    chosen.set('~2', { views: ['a', 'b'] });
    expect(chosen.content).toEqual({ v: 1, undoDelay: 20, views: ['a', 'b'] });
  });

  it('goes with what another screen has set while it waited, and with what she changed before it', () => {
    const chosen = new Chosen();
    chosen.take({ undoDelay: 5, keys: {} }, undefined);
    chosen.set('~1', { undoDelay: 20 });
    chosen.set('~2', { views: ['b'] });
    chosen.take({ undoDelay: 5, keys: { off: true } }, undefined);
    expect(chosen.before('~1')).toEqual({ undoDelay: 5, keys: { off: true } });
    expect(chosen.before('~2')).toEqual({ undoDelay: 20, keys: { off: true } });
    expect(chosen.before('~of an earlier visit')).toEqual({ undoDelay: 5, keys: { off: true } });
    expect(chosen.before('~2', { mutes: ['what holds in another desk of hers'] })).toEqual({
      mutes: ['what holds in another desk of hers'],
      undoDelay: 20,
    });
  });

  it('is not counted twice once the room tells of it, nor at all when it was refused', () => {
    const chosen = new Chosen();
    chosen.set('~1', { undoDelay: 20 });
    chosen.set('~2', { undoDelay: 60 });
    chosen.drop('~2');
    expect(chosen.content).toEqual({ undoDelay: 20 });
    chosen.take({ undoDelay: 20 }, '~1');
    chosen.take({ undoDelay: 'twice' }, undefined);
    expect(chosen.content).toEqual({ undoDelay: 'twice' });
  });
});
