import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { template } from '../../bots/_template/index.ts';
import { twin as templateTwin } from '../../bots/_template/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { PATIENCE_MS, pause, until } from '../support/guarded.ts';
import { ToolsBed } from '../support/tools-bed.ts';

let twin: RunningTwin;
let bed: ToolsBed;
beforeAll(async () => {
  twin = await templateTwin.start();
  bed = await ToolsBed.start([{ id: 'gabarit', bot: template, twin }]);
});
afterAll(async () => {
  await bed.stop();
  await twin.stop();
});

test('what agents ask while acts are being claimed does not keep the actor from stopping', async () => {
  const say = () => sql`select pg_notify('work_acts', '')`.execute(bed.store);
  const waits = async (): Promise<true | undefined> => {
    const { rows } = await sql`select pid from pg_stat_activity where wait_event_type = 'Lock'`.execute(bed.store);
    return rows.length > 0 ? true : undefined;
  };
  let stopped: Promise<string> | undefined;
  await bed.store.transaction().execute(async (trx) => {
    await sql`lock table record.acts in access exclusive mode`.execute(trx);
    bed.actor.start();
    expect(await until(waits)).toBe(true); // it claims
    await say();
    await pause(500); // heard
    stopped = bed.actor.stop().then(() => 'stopped');
  });
  expect(await Promise.race([stopped, pause(PATIENCE_MS).then(() => 'goes on')])).toBe('stopped');
});
