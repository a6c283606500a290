import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const TIDY = fileURLToPath(new URL('../../../../appservice/main/tidy.ts', import.meta.url));

/** Holds 500,000 objects for a moment, lets them go and does nothing; tells what it holds in MB, then and a while later. */
const STORM = `
  const { tidyWhenQuiet } = await import(${JSON.stringify(TIDY)});
  const held = () => Math.round(process.memoryUsage().rss / 2 ** 20);
  tidyWhenQuiet();
  let all = Array.from({ length: 500_000 }, (_, index) => ({ index, words: 'mot ' + index }));
  const most = held();
  all = undefined;
  setTimeout(() => console.log(JSON.stringify({ most, kept: held() })), 12_000);
`;

test('a process that has gone quiet gives back what its storm needed', { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', STORM], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const { most, kept } = JSON.parse(said) as { most: number; kept: number };
  expect(kept).toBeLessThan(most - 40);
});
