/** What SvelteKit answers a browser with where no page of ours can be drawn: its own is English. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('the page of last resort is French and leads back to the desk', async () => {
  const html = await readFile(new URL('../../../web/src/error.html', import.meta.url), 'utf8');
  expect(html).toContain('<html lang="fr">');
  expect(html).toContain('%sveltekit.error.message%');
  expect(html).toContain('<a href="/">');
  expect(html).not.toMatch(/<style|style=|<script/); // the policy allows none of them
});
