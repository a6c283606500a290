/**
 * The service worker of a station that is hers alone (lib/ui/station.ts registers it, nothing else does): the desk can be opened without
 * the network, as it was drawn last. It answers from what it kept only when the network does not, and keeps pages of `/` alone.
 */
const KEPT = 'poste-1';
const BUILT = '/_app/immutable/';

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith(BUILT)) event.respondWith(built(request));
  else if (request.mode === 'navigate') event.respondWith(page(request, url));
});

/** Its name changes with its content: what is kept is right for good. */
async function built(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}

async function page(request, url) {
  const isDesk = url.pathname === '/';
  try {
    const fresh = await fetch(request);
    if (isDesk && fresh.ok && !fresh.redirected && fresh.type === 'basic') {
      const cache = await caches.open(KEPT);
      await cache.put('/', fresh.clone());
    }
    return fresh;
  } catch (error) {
    const kept = await (await caches.open(KEPT)).match('/');
    if (!kept) throw error;
    return isDesk ? kept : Response.redirect('/', 302);
  }
}
