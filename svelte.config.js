/**
 * The one configuration of SvelteKit. It stands at the repository's root because Kit 3 refuses a `svelte.config.js` in
 * Vite's root (web/); vite.config.ts hands it over. ESLint's Svelte plugin and editors read it too.
 */
import adapter from '@sveltejs/adapter-node';

/** Svelte's own hidden announcer of page titles carries one style attribute; this is the hash of exactly that text. */
const ROUTE_ANNOUNCER = 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo=';

/** @type {import('@sveltejs/kit/vite').Config} */
const config = {
  adapter: adapter({ out: 'build', precompress: true }),
  csp: {
    mode: 'nonce',
    directives: {
      'default-src': ['none'],
      'script-src': ['self'],
      'style-src': ['self'],
      'style-src-attr': ['unsafe-hashes', ROUTE_ANNOUNCER],
      'img-src': ['self', 'data:'],
      'font-src': ['self'],
      'connect-src': ['self'],
      'manifest-src': ['self'],
      'worker-src': ['self'],
      'form-action': ['self'],
      'frame-ancestors': ['none'],
      'base-uri': ['none'],
      'object-src': ['none'],
      'require-trusted-types-for': ['script'],
      'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url', 'ecritoire-poste'],
    },
  },
};

export default config;
