import { announce } from './live.js';

const STAY = 9000;

function stack() {
  return document.getElementById('toasts');
}

/** Success leaves by itself (not in large print, not while looked at); errors stay until they are closed. */
function settle(toast) {
  const close = toast.querySelector('[data-toast-close]');
  if (close) close.hidden = false;
  if (toast.matches('.hy-toast--error, .hy-toast--warning') || document.documentElement.dataset.print) return;
  setTimeout(function leave() {
    if (toast.matches(':hover, :focus-within')) setTimeout(leave, STAY);
    else toast.remove();
  }, STAY);
}

export function show(message, level = 'info', link = null) {
  if (!stack() || !message) return;
  const toast = document.createElement('div');
  toast.className = level === 'error' || level === 'warning' ? `hy-toast hy-toast--${level}` : 'hy-toast';
  toast.dataset.toast = '';
  const words = document.createElement('span');
  words.textContent = message;
  toast.append(words);
  if (link) {
    const anchor = document.createElement('a');
    anchor.className = 'hy-toast__link';
    anchor.href = link.href;
    anchor.textContent = link.words;
    toast.append(anchor);
  }
  stack().append(toast);
  settle(toast);
  announce(message);
}

document.addEventListener('click', (event) => {
  const close = event.target.closest('[data-toast-close]');
  if (close) close.closest('[data-toast]').remove();
});
document.addEventListener('huying:toast', (event) => show(event.detail.message, event.detail.level, event.detail.link));
// HX-Trigger: {"toast": {"message": "…", "level": "success"}}
document.addEventListener('toast', (event) => show(event.detail.message || event.detail.value, event.detail.level));

document.querySelectorAll('[data-toast]').forEach(settle);
