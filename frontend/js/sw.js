// The service worker. The server puts self.HUYING = {version, shell, offline} before this text (ui.pwa).
// It keeps public shells only: built assets, the offline page, public forms. Pages of persons pass through untouched.
const { version, shell, offline } = self.HUYING;
const NAME = `huying-${version}`;

const STAMP = '/ui/filled-at'; // no page: when the shell was last fetched
const STALE = 24 * 3600 * 1000;

/** Public forms change with the menu: what was kept yesterday is fetched again while there is network. */
async function refresh() {
  const stamp = await caches.match(STAMP);
  if (!stamp || Date.now() - Number(await stamp.text()) > STALE) await fill();
}

async function fill() {
  const cache = await caches.open(NAME);
  // without cookies: what is kept must be what anybody may see
  await Promise.all(shell.map((address) => cache.add(new Request(address, { credentials: 'omit', cache: 'reload' }))));
  await cache.put(STAMP, new Response(String(Date.now())));
}

self.addEventListener('install', (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const clean = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener('message', (event) => {
  if (event.data === 'refill') event.waitUntil(fill());
});

/** A kept page says that it is one: it was drawn for nobody in particular, some time ago. */
async function marked(kept) {
  const text = await kept.text();
  return new Response(text.replace('<html ', '<html data-kept '), { status: kept.status, headers: kept.headers });
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    const kept = (await caches.match(new URL(request.url).pathname)) || (await caches.match(offline));
    return kept ? marked(kept) : Response.error();
  }
}

async function asset(request) {
  const kept = await caches.match(request, { ignoreSearch: true });
  return kept || fetch(request);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    event.respondWith(page(request));
    event.waitUntil(refresh().catch(() => {}));
  }
  if (request.mode !== 'navigate' && shell.includes(url.pathname)) event.respondWith(asset(request));
});
