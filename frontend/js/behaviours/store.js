// Asks that wait for the network, in IndexedDB. Each belongs to the reader who wrote it (data-reader of <html>, an opaque
// mark of the account): on a shared phone nobody sees or sends what another wrote.
const DAYS_KEPT = 14;

function database() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open('huying', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('outbox', { keyPath: 'key' });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, work) {
  const db = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction('outbox', mode);
      const request = work(transaction.objectStore('outbox'));
      transaction.oncomplete = () => resolve(request && request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

const html = document.documentElement;
const LAST = 'huying-reader';

/** A page that the worker kept does not know who reads it; then it is whoever read the last page from the server. */
export const isKept = () => html.hasAttribute('data-kept');
/** Error pages say nothing about the reader: they neither show nor send anything. */
export const isKnown = () => html.hasAttribute('data-reader') && 'indexedDB' in window;

function recall() {
  try {
    if (!isKept() && isKnown()) localStorage.setItem(LAST, html.dataset.reader);
    return localStorage.getItem(LAST) || '';
  } catch {
    return ''; // storage refused by the browser
  }
}

const last = recall();
export const reader = () => (isKept() ? last : html.dataset.reader || '');

export const put = (item) => within('readwrite', (store) => store.put({ reader: reader(), ...item }));
export const isMine = (item) => item.reader === reader();
export const remove = (key) => within('readwrite', (store) => store.delete(key));

/** At sign-out: nothing of anybody stays on the phone. */
export async function forget() {
  try {
    localStorage.removeItem(LAST);
  } catch {
    // nothing was stored
  }
  if ('indexedDB' in window) await within('readwrite', (store) => store.clear());
}

/** What this reader wrote, and what was written with nobody signed in, oldest first. After two weeks it is thrown away. */
export async function waiting() {
  if (!isKnown()) return [];
  const all = (await within('readonly', (store) => store.getAll())) || [];
  const oldest = Date.now() - DAYS_KEPT * 86400000;
  await Promise.all(all.filter((item) => item.at < oldest).map((item) => remove(item.key)));
  return all.filter((item) => item.at >= oldest && (item.reader === reader() || item.reader === '')).sort((a, b) => a.at - b.at);
}
