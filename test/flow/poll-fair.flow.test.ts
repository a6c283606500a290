/** A tool that hardly answers holds up nobody else's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { template } from '../../bots/_template/index.ts';
import { twin as templateTwin } from '../../bots/_template/twin.ts';
import { iparapheur } from '../../bots/iparapheur/index.ts';
import { twin as parapheurTwin } from '../../bots/iparapheur/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { ACCOUNT_KEYS, ToolsBed } from '../support/tools-bed.ts';

const AGENTS = 80;
const PATIENCE_MS = 8000;

let [slow, well]: RunningTwin[] = [];
let bed: ToolsBed;

beforeAll(async () => {
  [slow, well] = await Promise.all([parapheurTwin.start(), templateTwin.start()]);
  const connections = [
    { id: 'lent', bot: iparapheur, twin: slow },
    { id: 'guichet', bot: template, twin: well },
  ];
  bed = await ToolsBed.start(connections, [], { timeouts: { read: PATIENCE_MS, act: PATIENCE_MS } });
  for (let n = 0; n < AGENTS; n += 1) {
    const localpart = `agent-${String(n)}`;
    const mail = await bed.addMember(localpart);
    await keepAccount(bed.store, ACCOUNT_KEYS, { connection: 'lent', localpart }, slow.account?.(mail));
  }
  await bed.poller.start();
});
afterAll(async () => {
  await bed.stop();
  await Promise.all([slow?.stop(), well?.stop()]);
});

test('everybody waits at one tool, and another’s changes are on the desk as soon as ever', async () => {
  slow?.fail({ kind: 'slow', ms: 20_000 });
  const waiting = async (): Promise<true | undefined> => {
    const { count } = await bed.store
      .selectFrom('work.polls')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('connection', '=', 'lent')
      .where('lease_until', 'is not', null)
      .executeTakeFirstOrThrow();
    return count >= 30 ? true : undefined;
  };
  expect(await until(waiting)).toBe(true);
  for (let n = 0; n < 3; n += 1) {
    const mail = `agent-${String(n)}@ville-claire.example`;
    const key = well?.add([mail]) ?? '';
    expect(await bed.shows(`agent-${String(n)}`, [key])).toEqual([key]);
  }
});
