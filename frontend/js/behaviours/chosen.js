// [data-live=id] is the panel of one call, drawn at data-version. When an answer of the board carries [data-chosen] with
// another version, the panel is asked for again. Not while the reader writes, chooses or has something open in it: then a
// note says that there is news, nothing that was typed is lost, and the panel follows as soon as it is left alone.
const OPEN = 'dialog[open], details[open].hy-more, details[open].hy-contact, #revealed > *';
const TYPED = 'textarea, input:not([type=hidden]), select';
const announce = (message) => document.dispatchEvent(new CustomEvent('huying:announce', { detail: { message } }));
let newest = null;

const panel = () => document.querySelector('[data-live]');

function changed(field) {
  if (field.matches('select')) return Array.from(field.options).some((option) => option.selected !== option.defaultSelected);
  if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

function busy(root) {
  const here = document.activeElement;
  if (root.querySelector(OPEN) || (root.contains(here) && here.matches(TYPED))) return true;
  return Array.from(root.querySelectorAll(TYPED)).some(changed);
}

/** The words by which an element of the panel is known again after it was drawn anew. */
const signOf = (node) => node.id || node.getAttribute('href') || node.value || node.textContent.trim();

function refocus(root, sign) {
  const same = Array.from(root.querySelectorAll('a, button, summary, [tabindex]')).find((node) => signOf(node) === sign);
  (same || root.querySelector('[data-detail-title]') || root).focus({ preventScroll: true });
}

async function bring(old) {
  const target = old.parentElement;
  const sign = old.contains(document.activeElement) ? signOf(document.activeElement) : '';
  const top = target.scrollTop;
  const inner = old.scrollTop;
  const headers = { 'X-Background': '1' };
  await window.htmx.ajax('GET', old.dataset.address, { source: old, target, swap: 'innerHTML', headers });
  const fresh = panel();
  if (!fresh || fresh === old) return;
  target.scrollTop = top;
  fresh.scrollTop = inner;
  if (sign) refocus(fresh, sign);
  announce(fresh.dataset.updatedWords);
}

/** The address to poll, with the call that is open beside it. */
export function withChosen(address) {
  const live = panel();
  return live ? `${address}${address.includes('?') ? '&' : '?'}call=${encodeURIComponent(live.dataset.live)}` : address;
}

/** Remembers what an answer says about the chosen call. */
export function learn(page) {
  const told = page.querySelector('[data-chosen]');
  if (told) newest = { call: told.dataset.chosen, version: told.dataset.version };
}

/** Brings the panel up to date when it is not. */
export async function follow() {
  const live = panel();
  if (!live || !newest || newest.call !== live.dataset.live || newest.version === live.dataset.version) return;
  if (!busy(live)) {
    await bring(live);
    return;
  }
  const note = live.querySelector('[data-live-note]');
  if (!note || !note.hidden) return;
  note.hidden = false;
  announce(note.textContent.trim());
}
