import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../../../web/src/lib/matrix/homeserver.ts';
import { Outgoing } from '../../../../../web/src/lib/matrix/outgoing.ts';
import { keepWhatGoes } from '../../../../../web/src/lib/matrix/station-store.ts';
import type { Redacting, Sending } from '../../../../../web/src/lib/matrix/send.ts';

const sending = (txn: string): Sending => ({ room: '!bureau', type: 'fr.ecritoire.action', content: {}, txn });

/** A line that is cut until it is mended, and a station that notes what it is given. */
function cutLine() {
  let isCut = true;
  const written: string[] = [];
  const call = () => (isCut ? Promise.reject(new Refusal(0)) : Promise.resolve({ event_id: '$sent' }));
  const outgoing = new Outgoing(call, () => undefined);
  const keeping = {
    add: (one: Sending | Redacting) => Promise.resolve(void written.push(one.txn)),
    remove: (txn: string) => Promise.resolve(void written.splice(0, written.length, ...written.filter((one) => one !== txn))),
  };
  const mend = (): void => {
    isCut = false;
    outgoing.wake();
  };
  return { outgoing, keeping, written, mend };
}

describe('what is on its way from a station of her own', () => {
  it('is written down until the homeserver has it', async () => {
    const { outgoing, keeping, written, mend } = cutLine();
    keepWhatGoes(outgoing, keeping);
    const sent = outgoing.send(sending('a'));
    await expect.poll(() => written).toEqual(['a']);
    mend();
    expect(await sent).toBe('$sent');
    await expect.poll(() => written).toEqual([]);
  });

  it('is written down as well when it was decided before the station was open, but for what is there already', async () => {
    const { outgoing, keeping, written, mend } = cutLine();
    const sent = [outgoing.send(sending('earlier')), outgoing.send(sending('early'))];
    keepWhatGoes(outgoing, keeping, new Set(['earlier']));
    await expect.poll(() => written).toEqual(['early']);
    mend();
    expect(await Promise.all(sent)).toEqual(['$sent', '$sent']);
    await expect.poll(() => written).toEqual([]);
  });

  it('leaves nothing behind when it arrives while it is being written down', async () => {
    const { outgoing, keeping, written, mend } = cutLine();
    const { promise: written1, resolve } = Promise.withResolvers<undefined>();
    const sent = outgoing.send(sending('a'));
    keepWhatGoes(outgoing, { ...keeping, add: (one) => written1.then(() => keeping.add(one)) });
    mend();
    expect(await sent).toBe('$sent');
    resolve(undefined);
    await written1;
    await expect.poll(() => written).toEqual([]);
  });
});
