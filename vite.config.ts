import { fileURLToPath } from 'node:url';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import config from './svelte.config.js';

const FRAME = /web\/src\/lib\/ui\/(DetailPane|Foot|Icon|Notices|OutLink|RoomLinks|RowCard|StandingWord|dialogs|icon|link|pane|rooms)\./;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('web'),
  plugins: [sveltekit(config)],
  resolve: {
    alias: [
      // A package's own `imports` cannot point outside its folder, and the core is shared with the browser.
      { find: /^#desk\//, replacement: here('appservice/desk') + '/' },
      // 200 kB of look-alike tables that matrix-js-sdk uses only to mark similar display names: names come from the directory.
      // Encryption is not part of the desk: neither its script nor its WebAssembly is built or served.
      { find: /^\.\/rust-crypto\/index\.js$/, replacement: here('web/src/lib/matrix/no-crypto.ts') },
      { find: 'unhomoglyph', replacement: here('web/src/lib/matrix/unhomoglyph.ts') },
    ],
  },
  build: {
    target: 'es2024',
    // What frames every page of the desk comes as one file: in 28 files, some of a hundred bytes, a cold desk weighed 110 kB instead of 95.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'frame', test: FRAME }] } } },
  },
});
