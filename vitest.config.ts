/**
 * Three kinds of tests in one queue, the longest files first (test/order.ts): flow (real Synapse and PostgreSQL), e2e (a real
 * browser), unit and shape (pure), which fill what the others leave.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Files of web/ reach the core by the same name as everywhere; their own package.json cannot say it (see vite.config.ts). */
const resolve = { alias: [{ find: /^#desk\//, replacement: here('appservice/desk/') }] };
/** The state classes of web/ are written with runes; Kit's own modules are not there outside of its server. */
const plugins = [svelte({ configFile: false })];

/** One more than there are cores: a flow or e2e file waits half of its time, for a window to pass or a process to come back. */
const maxWorkers = availableParallelism() + 1;

/** These and the time-outs below only end what hangs: no test asserts a duration, and the machine may be busy. */
const expect = { poll: { timeout: 60_000 } };

export default defineConfig({
  test: {
    // A test that is left out does not pass: test/run.ts counts it as failed.
    allowOnly: false,
    teardownTimeout: 30_000,
    projects: [
      {
        plugins,
        resolve,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/shape/**/*.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect,
          maxWorkers,
        },
      },
      {
        resolve,
        test: {
          name: 'flow',
          include: ['test/flow/**/*.test.ts'],
          maxWorkers,
          testTimeout: 240_000,
          hookTimeout: 300_000,
          expect,
        },
      },
      {
        resolve,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          maxWorkers,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect,
        },
      },
    ],
  },
});
