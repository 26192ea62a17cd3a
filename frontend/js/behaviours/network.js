// The banner of a page without network, the service worker, and leaving nothing behind at sign-out.
import { forget } from './store.js';

const root = document.documentElement;

function mark() {
  root.toggleAttribute('data-offline', navigator.onLine === false);
}
window.addEventListener('online', mark);
window.addEventListener('offline', mark);
mark();

if ('serviceWorker' in navigator && root.dataset.worker) {
  window.addEventListener('load', () => {
    navigator.serviceWorker.register(root.dataset.worker, { scope: '/' }).catch(() => {
      // Private windows and some embedded browsers refuse workers; the outbox lives in the page and does without.
    });
  });
}

async function leaveNothing() {
  await forget();
  if (!('caches' in window)) return;
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
  if (navigator.serviceWorker && navigator.serviceWorker.controller) {
    navigator.serviceWorker.controller.postMessage('refill');
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('[data-sign-out]') || form.dataset.left) return;
  event.preventDefault();
  form.dataset.left = '1';
  const go = () => HTMLFormElement.prototype.submit.call(form);
  leaveNothing().then(go, go);
});
