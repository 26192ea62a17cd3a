// Single keys of the workbench. They can be turned off (WCAG 2.1.4) and are silent while one types.
// The two bundles share no module: what the core does is asked for by event.
const openDialog = (id) => document.dispatchEvent(new CustomEvent('huying:dialog', { detail: { id } }));
const OFF = 'huying-keys-off';
const NARROW = '(max-width: 56em)';
const off = () => localStorage.getItem(OFF) === '1';
const typing = (element) => element.closest('input, textarea, select, [contenteditable], dialog[open]');

function move(step) {
  const links = Array.from(document.querySelectorAll('[data-ticket] .hy-ticket__title'));
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const chosen = links.findIndex((link) => link.closest('.hy-ticket--on'));
  const from = here >= 0 ? here : chosen;
  const next = from < 0 ? 0 : Math.min(links.length - 1, Math.max(0, from + step));
  links[next].focus();
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off() || typing(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === 'j' || key === 'k') move(key === 'j' ? 1 : -1);
  else if (key === '?') openDialog('keys');
  else {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return;
    if (target.matches('input')) target.focus();
    else target.click();
  }
  event.preventDefault();
});

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-keys-off]')) localStorage.setItem(OFF, event.target.checked ? '1' : '0');
});
document.querySelectorAll('[data-keys-off]').forEach((box) => {
  box.checked = off();
});

// The chosen ticket is marked at once; the panel follows when the server has answered.
document.addEventListener('htmx:beforeRequest', (event) => {
  const ticket = event.target.closest('[data-ticket]');
  if (!ticket) return;
  if (window.matchMedia(NARROW).matches || document.documentElement.dataset.print) {
    event.preventDefault(); // board and call do not fit beside each other: open the call as a page
    window.location.assign(ticket.querySelector('.hy-ticket__title').href);
    return;
  }
  document.querySelectorAll('.hy-ticket--on').forEach((other) => {
    other.classList.remove('hy-ticket--on');
    other.querySelector('.hy-ticket__title').removeAttribute('aria-current');
  });
  ticket.classList.add('hy-ticket--on');
  ticket.querySelector('.hy-ticket__title').setAttribute('aria-current', 'true');
});
