import { expect, test } from 'vitest';
import { crash } from '../crash/crash.ts';

const LONG_MS = 600_000; // a planted fault is played up to six times until a kill hits it, half a minute each on a busy machine

test(
  'each part killed once under load, nothing is lost, doubled, out of order or wrong, and planted faults are caught',
  async () => {
    const said: string[] = [];
    const report = await crash({ rounds: 3, replicas: 1, seed: 20_261_126, say: (line) => said.push(line) });
    expect(report, said.join('\n')).toMatchObject({
      killsBy: { appservice: 1, postgres: 1, homeserver: 1 },
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      wrongState: 0,
      caughtFaults: 2,
    });
    expect(report.accepted).toBeGreaterThanOrEqual(150);
  },
  LONG_MS,
);
