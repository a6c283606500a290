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

describe('what takes back what has no name yet', () => {
  const withLine = () => {
    const asked: string[] = [];
    const kept: string[] = [];
    let isCut = true;
    let isRefused = false;
    const call = (_method: string, path: string) => {
      if (isCut) return Promise.reject(new Refusal(0));
      asked.push(decodeURIComponent(path.split('/rooms/!bureau/')[1] ?? path));
      return isRefused ? Promise.reject(new Refusal(403)) : Promise.resolve({ event_id: `$${String(asked.length)}` });
    };
    const outgoing = new Outgoing(call, () => undefined);
    outgoing.keeping = {
      add: (one) => Promise.resolve(void kept.push('redacts' in one ? `${one.txn} takes back ${one.redacts}` : one.txn)),
      remove: (txn) => Promise.resolve(void kept.push(`${txn} gone`)),
    };
    const mend = (how: { isRefused?: boolean } = {}): void => {
      isCut = false;
      isRefused = how.isRefused ?? false;
      outgoing.wake();
    };
    return { outgoing, asked, kept, mend };
  };
  const takingBack = (redacts: string): Redacting => ({ room: '!bureau', redacts, txn: 'back' });

  it('goes after it, by the name that the homeserver has given it', async () => {
    const { outgoing, asked, mend } = withLine();
    const sent = [outgoing.send(sending('viser')), outgoing.send(takingBack('~viser')), outgoing.send(sending('suite'))];
    mend();
    await Promise.all(sent);
    expect(asked).toEqual(['send/fr.ecritoire.action/viser', 'redact/$1/back', 'send/fr.ecritoire.action/suite']);
  });

  it('is no less on its way: the page asks before it is closed', () => {
    const { outgoing } = withLine();
    void outgoing.send(sending('viser'));
    expect(outgoing.isBehind).toBe(false);
    void outgoing.send(takingBack('~viser'));
    expect(outgoing.isBehind).toBe(true);
  });

  it('is written down at once, and by its name before what it takes back is forgotten', async () => {
    const { outgoing, kept, mend } = withLine();
    const sent = [outgoing.send(sending('viser')), outgoing.send(takingBack('~viser'))];
    await expect.poll(() => kept).toEqual(['viser', 'back takes back ~viser']);
    mend();
    await Promise.all(sent);
    expect(kept).toEqual(['viser', 'back takes back ~viser', 'back takes back $1', 'viser gone', 'back gone']);
  });

  it('is not sent where there is nothing to take back', async () => {
    const { outgoing, asked, mend } = withLine();
    const sent = [outgoing.send(sending('viser')), outgoing.send(takingBack('~viser'))];
    mend({ isRefused: true });
    await expect(sent[0]).rejects.toThrow();
    expect(await sent[1]).toBe('');
    expect(asked).toEqual(['send/fr.ecritoire.action/viser']);
  });

  it('goes at once when what it takes back has arrived meanwhile', async () => {
    const { outgoing, asked, mend } = withLine();
    mend();
    await outgoing.send(sending('viser'));
    await outgoing.send(takingBack('~viser'));
    expect(asked).toEqual(['send/fr.ecritoire.action/viser', 'redact/$1/back']);
  });
});

it('what changes settings is made of what holds when it goes, at each try', async () => {
  let holds = 'before';
  const sent: unknown[] = [];
  const call = (_method: string, _path: string, { body }: { body?: unknown } = {}) => {
    sent.push(body);
    if (holds === 'before') return Promise.reject(new Refusal(0));
    return Promise.resolve({ event_id: '$sent' });
  };
  const outgoing = new Outgoing(
    call,
    () => undefined,
    (one) => ({ holds, ...one.change }),
  );
  const going = outgoing.send({ ...sending('a'), change: { undoDelay: 20 } });
  await expect.poll(() => sent).toEqual([{ holds: 'before', undoDelay: 20 }]);
  holds = 'what another screen has set';
  outgoing.wake();
  await going;
  expect(sent.at(-1)).toEqual({ holds: 'what another screen has set', undoDelay: 20 });
});

describe('what is on its way to one room', () => {
  it('sets out at once, before the page draws anything; what comes after it waits for its answer', async () => {
    const asked: string[] = [];
    const answers = [Promise.withResolvers<{ event_id: string }>(), Promise.withResolvers<{ event_id: string }>()];
    const call = (_method: string, path: string) => {
      asked.push(path.split('/').at(-1) ?? '');
      return answers[asked.length - 1]?.promise ?? Promise.reject(new Refusal(0));
    };
    const outgoing = new Outgoing(call, () => undefined);
    const sent = [outgoing.send(sending('a')), outgoing.send(sending('b'))];
    expect(asked).toEqual(['a']);
    answers[0]?.resolve({ event_id: '$a' });
    await sent[0];
    await expect.poll(() => asked).toEqual(['a', 'b']);
    answers[1]?.resolve({ event_id: '$b' });
    expect(await sent[1]).toBe('$b');
  });

  it('is lost with the page as long as it goes after something else; alone it outlives the page', async () => {
    const { promise, resolve } = Promise.withResolvers<{ event_id: string }>();
    const outgoing = new Outgoing(
      () => promise,
      () => undefined,
    );
    const first = outgoing.send(sending('a'));
    expect(outgoing.isBehind).toBe(false);
    const second = outgoing.send(sending('b'));
    expect(outgoing.isBehind).toBe(true);
    resolve({ event_id: '$sent' });
    expect(await Promise.all([first, second])).toEqual(['$sent', '$sent']);
    expect(outgoing.isBehind).toBe(false);
  });

  const withAnswers = () => {
    const asked: { path: string; answer: (id: string) => void; fail: (refusal: Refusal) => void }[] = [];
    const held: number[] = [];
    const call = (_method: string, path: string) =>
      new Promise<unknown>((resolve, reject) => {
        asked.push({ path, answer: (event_id) => resolve({ event_id }), fail: reject });
      });
    return { asked, held, outgoing: new Outgoing(call, (count) => held.push(count)) };
  };
  const waitFor = (asked: readonly unknown[], count: number) => expect.poll(() => asked.length).toBe(count);

  it('goes in the order in which she decided, one after the other; other rooms do not wait for it', async () => {
    const { asked, outgoing } = withAnswers();
    const [aside, restored] = [outgoing.send(sending('aside')), outgoing.send(sending('restore'))];
    const elsewhere = outgoing.send({ ...sending('elsewhere'), room: '!autre' });
    await waitFor(asked, 2);
    expect(asked.map(({ path }) => path.split('/').at(-1))).toEqual(['aside', 'elsewhere']);
    asked[1]?.answer('$elsewhere');
    expect(await elsewhere).toBe('$elsewhere');
    asked[0]?.answer('$aside');
    expect(await aside).toBe('$aside');
    await waitFor(asked, 3);
    asked[2]?.answer('$restored');
    expect(await restored).toBe('$restored');
  });

  it('goes on behind what the homeserver refuses', async () => {
    const { asked, outgoing } = withAnswers();
    const refused = outgoing.send(sending('refused'));
    const next = outgoing.send(sending('next'));
    await waitFor(asked, 1);
    asked[0]?.fail(new Refusal(403));
    await expect(refused).rejects.toThrow();
    await waitFor(asked, 2);
    asked[1]?.answer('$next');
    expect(await next).toBe('$next');
  });

  it('is all held while the first of it cannot go', async () => {
    const { asked, held, outgoing } = withAnswers();
    const sent = [outgoing.send(sending('a')), outgoing.send(sending('b'))];
    await waitFor(asked, 1);
    asked[0]?.fail(new Refusal(0));
    await expect.poll(() => held).toEqual([2]);
    outgoing.wake();
    await waitFor(asked, 2);
    asked[1]?.answer('$a');
    await waitFor(asked, 3);
    asked[2]?.answer('$b');
    expect(await Promise.all(sent)).toEqual(['$a', '$b']);
    expect(held.at(-1)).toBe(0);
  });
});
