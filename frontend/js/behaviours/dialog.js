// Dialogs: native where there is one; older WebViews get the same manners (focus inside, Esc, focus back).
const NATIVE = typeof HTMLDialogElement === 'function' && 'showModal' in HTMLDialogElement.prototype;
const FOCUSABLE = 'a[href], button:not([disabled]), input:not([type="hidden"]), select, textarea, [tabindex="0"]';
let opener = null;

export function open(dialog, from = document.activeElement) {
  if (dialog.hasAttribute('open')) return;
  opener = from;
  if (NATIVE) {
    dialog.showModal();
  } else {
    dialog.setAttribute('open', '');
    dialog.setAttribute('role', 'dialog');
    dialog.setAttribute('aria-modal', 'true');
    dialog.classList.add('hy-dialog--old');
  }
  const first = dialog.querySelector('input:not([type="hidden"]), select, textarea') || dialog.querySelector(FOCUSABLE);
  if (first) first.focus();
}

function close(dialog) {
  if (NATIVE && dialog.open) dialog.close();
  else dialog.removeAttribute('open');
  if (opener && document.contains(opener)) opener.focus();
  opener = null;
}

document.addEventListener('click', (event) => {
  const trigger = event.target.closest('[data-dialog]');
  const dialog = trigger && document.getElementById(trigger.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    open(dialog, trigger);
    return;
  }
  const closer = event.target.closest('[data-close]');
  const inside = closer && closer.closest('.hy-dialog');
  if (inside && inside.hasAttribute('open')) {
    event.preventDefault();
    close(inside);
  } else if (event.target.matches('.hy-dialog[open]')) {
    const box = event.target.getBoundingClientRect();
    const within = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!within) close(event.target);
  }
});

document.addEventListener('keydown', (event) => {
  if (NATIVE) return;
  const dialog = document.querySelector('.hy-dialog[open]');
  if (!dialog) return;
  if (event.key === 'Escape') close(dialog);
  if (event.key !== 'Tab') return;
  const stops = dialog.querySelectorAll(FOCUSABLE);
  const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
});

document.addEventListener('huying:dialog', (event) => {
  const dialog = document.getElementById(event.detail.id);
  if (dialog) open(dialog);
});
