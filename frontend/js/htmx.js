import htmx from 'htmx.org';
import { csrfToken } from './behaviours/cookies.js';
import { focusFirst } from './behaviours/focus.js';

// Strict CSP: nothing is evaluated and no style element is injected. Inheritance is off: each element says all it does.
// No history snapshots: pages of persons are not kept in the browser; going back asks the server again.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  disableInheritance: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '[45]..', swap: true, error: true },
  ],
});
window.htmx = htmx;

document.addEventListener('htmx:configRequest', (event) => {
  event.detail.headers['X-CSRFToken'] = csrfToken();
});

// What was brought by itself (data-quiet), not by a press, leaves the focus where it is.
document.addEventListener('htmx:afterSettle', (event) => {
  const asked = event.detail.requestConfig && event.detail.requestConfig.elt;
  if (!(asked && asked.matches('[data-quiet]'))) focusFirst(event.detail.target);
});

document.addEventListener('htmx:sendError', () => {
  const words = document.getElementById('live').dataset.lost;
  document.dispatchEvent(new CustomEvent('huying:toast', { detail: { message: words, level: 'error' } }));
});
