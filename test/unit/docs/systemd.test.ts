import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { NODE_ARGS, nodeEnvironment } from '../../../appservice/main/launch.ts';

test('the unit of systemd starts the appservice as the trial does', async () => {
  const unit = await readFile(new URL('../../../docs/systemd/ecritoire-appservice@.service', import.meta.url), 'utf8');
  expect(unit).toContain(`bin/node ${NODE_ARGS.join(' ')} appservice/main.ts`);
  const said = Object.entries(nodeEnvironment({ cache: '%C/ecritoire/compile' })).map(([name, value]) => `${name}=${value}`);
  expect(unit).toContain(said.join(' '));
});
