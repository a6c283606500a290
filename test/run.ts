/**
 * `npm test`: every test, or those named (`npm test -- --project unit config`: vitest's own arguments). The last line is
 * `N passed, N failed`. A test that is left out, a file that cannot be read, an error outside of any test: each is a failure.
 */
import { parseCLI, startVitest, type TestModule } from 'vitest/node';
import { LongestFirst } from './order.ts';
import { requireChromium } from './support/chromium.ts';

type Count = { passed: number; failed: number };

/** Counts the tests of the modules; a module that has errors but no failed test is one failure of its own. */
export function count(modules: readonly TestModule[], errorsOutside: number): Count {
  const total: Count = { passed: 0, failed: errorsOutside };
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    const passed = states.filter((state) => state === 'passed').length;
    const isBroken = module.state() === 'failed' || states.length === 0;
    total.passed += passed;
    total.failed += Math.max(states.length - passed, isBroken ? 1 : 0);
  }
  return total;
}

async function run(args: readonly string[]): Promise<Count> {
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const projects = [options.project ?? []].flat();
  if (projects.length === 0 || projects.includes('e2e')) requireChromium({ say: console.log });
  const sequence = { ...options.sequence, sequencer: LongestFirst };
  const vitest = await startVitest(filter, { ...options, sequence, run: true, watch: false, passWithNoTests: false });
  const total = count(vitest.state.getTestModules(), vitest.state.getUnhandledErrors().length);
  await vitest.close();
  return total.passed + total.failed === 0 ? { passed: 0, failed: 1 } : total;
}

const total = await run(process.argv.slice(2)).catch((error: unknown): Count => {
  console.error(error instanceof Error ? error.message : error);
  return { passed: 0, failed: 1 };
});
console.log(`${total.passed} passed, ${total.failed} failed`);
// vitest may leave a timer behind; everything has been said.
process.exit(total.failed === 0 ? 0 : 1);
