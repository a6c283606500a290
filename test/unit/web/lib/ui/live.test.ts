import { afterEach, describe, expect, it, vi } from 'vitest';
import { Live } from '../../../../../web/src/lib/ui/live.svelte.ts';
import { setMute } from '../../../../../web/src/lib/ui/muting.ts';
import { ROOM, requestOf, snapshot } from '../desk/sample.ts';

afterEach(() => vi.unstubAllGlobals());

type Content = { mutes?: { scope: string; value: string; label: string }[] };
type Sent = { txn: string; content: Content; answer: (status: number) => void };

/** A page whose homeserver answers when it is told to. */
function sit() {
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', (path: string, { body = '' }: { body?: string } = {}) => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const content = JSON.parse(body) as Content;
    sent.push({
      txn: path.split('/').at(-1) ?? '',
      content,
      answer: (status) => resolve(Response.json({ event_id: `$sent${sent.length}` }, { status })),
    });
    return promise;
  });
  const live = new Live(snapshot());
  const muted = (): string[] => live.settings.mutes.map(({ value }) => value);
  const mute = (value: string) => setMute(live, { scope: 'dossier', value, label: value }, true);
  return { live, sent, muted, mute };
}

describe('what she sets', () => {
  it('counts at once, and what she sets next does not take it away again while the first is on its way', async () => {
    const { sent, muted, mute } = sit();
    const first = mute('A');
    expect(muted()).toEqual(['A']);
    const second = mute('B');
    expect(muted()).toEqual(['A', 'B']);
    sent[0]?.answer(200);
    await first;
    await expect.poll(() => sent.length).toBe(2);
    expect(sent[1]?.content.mutes?.map(({ value }) => value)).toEqual(['A', 'B']);
    sent[1]?.answer(200);
    await second;
    expect(muted()).toEqual(['A', 'B']);
  });

  it('counts in the order of the room, also against what another screen sets', () => {
    const { live, sent, muted, mute } = sit();
    const tell = (value: string, unsigned: Record<string, unknown> = {}) => {
      const content = { v: 1, mutes: [{ scope: 'dossier', value, label: value }] };
      const event = { ...requestOf('desk.pin', []), type: 'fr.ecritoire.settings', event_id: `$${value}`, content, unsigned };
      live.desk.take([{ room: ROOM, state: [], timeline: [event] }], Date.now());
    };
    void mute('mine');
    tell('before');
    expect(muted()).toEqual(['mine']);
    tell('mine', { transaction_id: sent[0]?.txn });
    expect(muted()).toEqual(['mine']);
    tell('after');
    expect(muted()).toEqual(['after']);
  });

  it('is as it was when the homeserver refuses it', async () => {
    const { sent, muted, mute } = sit();
    const said = mute('A');
    sent[0]?.answer(403);
    expect(await said).toBeDefined();
    expect(muted()).toEqual([]);
  });
});
