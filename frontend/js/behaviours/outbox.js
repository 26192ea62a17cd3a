// The offline outbox: form[data-outbox] is sent by script; when the network is away or fails, what was typed is kept in
// the phone under its idempotency key and sent later. The key makes sending twice harmless.
import { csrfToken } from './cookies.js';
import { focusFirst } from './focus.js';
import { renewKey } from './forms.js';
import { announce } from './live.js';
import { handIn, isScan, renewRows, scanOf, unbatch } from './scans.js';
import { isKept, isKnown, isMine, put, remove, reader, waiting } from './store.js';
import { show } from './toast.js';

const AGAIN = 30000;
const SHOWN = 5; // names in a line
const list = () => document.querySelector('[data-outbox-list]');
const words = (name) => document.getElementById('live').dataset[name] || '';

function bodyOf(fields) {
  const body = new FormData();
  fields.forEach(([name, value]) => body.append(name, value));
  body.append('csrfmiddlewaretoken', csrfToken());
  return body;
}

/** One attempt. The server answers {location} when it took it, {sign_in} when nobody is signed in (ui.outbox). */
async function attempt(item) {
  const response = await fetch(item.url, {
    method: 'POST',
    body: bodyOf(item.fields),
    headers: { 'X-Huying-Outbox': '1' },
    credentials: 'same-origin',
  });
  const isJson = (response.headers.get('Content-Type') || '').includes('json');
  return { status: response.status, json: isJson ? await response.json() : null, text: isJson ? '' : await response.text() };
}

const taken = (answer) => answer.status === 201 && answer.json;
const later = (answer) => answer.status >= 500 || answer.status === 429 || answer.status === 408;

async function keep(item, state, why = '') {
  await put({ ...item, state, why });
  await draw();
}

/** A refused form comes back as a page: its main part, with the error summary, replaces ours. */
function showRefused(text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const fresh = page.getElementById('main');
  const main = document.getElementById('main');
  if (!fresh || !main) return;
  document.title = page.title;
  main.replaceChildren(...fresh.childNodes);
  focusFirst(main);
  draw();
}

/** The words by which one knows an ask again: what the form says of itself, else the first line that was written. */
function about(form) {
  if (form.dataset.about) return form.dataset.about;
  const written = Array.from(form.querySelectorAll('textarea, input[type="text"]'), (input) => input.value.trim());
  return (written.find(Boolean) || '').slice(0, 60);
}

/** What was pressed when: a press that waits for the network still knows its moment. */
function stamp(form) {
  form.querySelectorAll('input[data-stamp]').forEach((input) => {
    input.value = new Date().toISOString();
  });
}

const aside = new Map(); // key of a press that waits -> [its form, what stands in its place]

/** A row whose press waits says so in the place of its button, so that nobody presses again; it can be taken back. */
function mark(form, item) {
  const said = document.createElement('span');
  said.className = 'hy-row';
  const chip = document.createElement('span');
  chip.className = 'hy-chip hy-tone-gui';
  chip.textContent = words('waiting');
  const undo = button(words('undo'), 'hy-button--quiet', () => forgo(item));
  undo.setAttribute('aria-label', `${words('undo')} ${item.about}`);
  said.append(chip, undo);
  const held = form.contains(document.activeElement);
  form.replaceWith(said);
  if (held) undo.focus({ preventScroll: true });
  aside.set(item.key, [form, said]);
}

function markRows(items) {
  const kept = items.filter((item) => isScan(item) && item.state !== 'refused');
  aside.forEach(([form, said], key) => {
    if (kept.some((item) => item.key === key)) return;
    said.replaceWith(form);
    aside.delete(key);
  });
  const forms = Array.from(document.querySelectorAll('[data-row] form[data-batch]'));
  kept.filter((item) => !aside.has(item.key)).forEach((item) => {
    const fits = ({ elements }) => elements.sign_up.value === item.scan.sign_up && elements.act.value === item.scan.act;
    const form = forms.find((one) => one.isConnected && fits(one));
    if (form) mark(form, item);
  });
}

/** Rows stay under the finger while something above them grows: the next press must not meet another name. */
async function steady(form, change) {
  const row = form.closest('[data-row]');
  const before = row && row.getBoundingClientRect().top;
  await change();
  if (row && row.isConnected) window.scrollBy(0, row.getBoundingClientRect().top - before);
}

async function send(form) {
  stamp(form);
  const data = new FormData(form);
  const item = {
    key: form.elements.idempotency_key.value || renewKey(form),
    url: form.getAttribute('action') || location.pathname + location.search,
    label: form.dataset.outbox,
    about: about(form),
    fields: Array.from(data.entries()).filter(
      ([name, value]) => name !== 'csrfmiddlewaretoken' && !(value instanceof File && !value.size),
    ),
    at: Date.now(),
  };
  Object.assign(item, scanOf(form, item.key));
  let answer = null;
  if (navigator.onLine !== false) answer = await attempt(item).catch(() => null);
  delete form.dataset.busy;
  if (!answer || later(answer)) {
    await steady(form, () => keep(item, 'waiting'));
    form.reset();
    renewKey(form);
    if (isScan(item)) announce(words('kept'));
    else show(words('kept'));
    retry();
  } else if (taken(answer)) {
    location.assign(answer.json.location);
  } else if (answer.status === 401) {
    await keep(item, 'signin');
    location.assign(answer.json ? answer.json.sign_in : '/');
  } else {
    showRefused(answer.text);
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches('[data-outbox]') || !isKnown()) return;
  event.preventDefault();
  send(form).catch(() => HTMLFormElement.prototype.submit.call(form)); // storage refused: at least try the ordinary way
});

async function flushOne(item) {
  const answer = await attempt(item);
  if (taken(answer)) {
    await remove(item.key);
    show(words('sent'), 'success', { href: answer.json.location, words: words('open') });
  } else if (answer.status === 401) {
    await put({ ...item, state: 'signin', why: '' });
  } else if (!later(answer)) {
    const page = new DOMParser().parseFromString(answer.text, 'text/html');
    const said = Array.from(page.querySelectorAll('.hy-errors li'), (line) => line.textContent.trim());
    const why = said.join(' ') || (answer.json && answer.json.error && answer.json.error.message) || words('refused');
    await put({ ...item, state: 'refused', why });
  }
}

let busy = false;
let timer = 0;

/** Browsers do not always say when the network is back: as long as something waits, it is tried again. */
function retry() {
  clearTimeout(timer);
  timer = setTimeout(flush, AGAIN);
}

const ready = async () => (await waiting().catch(() => [])).filter((item) => item.state !== 'refused' && isMine(item));

/** One page of a browser at a time: what two of them have open is not sent by both. */
export async function flush() {
  if (busy || navigator.onLine === false) return;
  busy = true;
  if (navigator.locks) await navigator.locks.request('huying-outbox', sendAll);
  else await sendAll();
}

async function sendAll() {
  try {
    const items = await ready();
    for (const item of items.filter((one) => !isScan(one))) await flushOne(item);
    const taken = await handIn(items.filter(isScan), words);
    const away = taken.find((item) => item.page !== location.pathname);
    if (taken.length) show(words('sent'), 'success', away ? { href: away.page, words: words('open') } : null);
    if (taken.some((item) => item.page === location.pathname)) await renewRows();
  } catch {
    // Still no network: everything stays where it is.
  } finally {
    busy = false;
    await draw();
    if ((await ready()).some((item) => item.state === 'waiting')) retry();
  }
}

/** Takes back what waits; its batch, if it was tried before, is another one now. */
async function forgo(item) {
  await remove(item.key);
  await unbatch((await waiting()).filter((one) => item.batch && one.batch === item.batch));
  await draw();
}

/** Presses of one sort that wait at doors, in one line: there may be hundreds. */
function together(items) {
  const [last] = items.slice(-1);
  const names = items.slice(-SHOWN).reverse().map((item) => item.about);
  const signin = items.find((item) => item.state === 'signin');
  const more = items.length > SHOWN ? '…' : '';
  return entry(`${last.label} (${items.length}) · ${names.join(' · ')}${more}`, words(signin ? 'signin' : 'waiting'), [
    button(words('send'), 'hy-button--s hy-button--soft', flush),
  ]);
}

/** One line for each kept ask, and one for all presses of a sort. */
function lines(items) {
  const apart = items.filter((item) => !isScan(item) || item.state === 'refused' || !isMine(item));
  const rest = items.filter((item) => !apart.includes(item));
  const sorts = Array.from(new Set(rest.map((item) => item.label)));
  return [...apart.map(line), ...sorts.map((label) => together(rest.filter((item) => item.label === label)))];
}

function entry(what, state, buttons) {
  const row = document.createElement('li');
  row.className = 'hy-outbox__item';
  const text = document.createElement('span');
  text.className = 'hy-outbox__text';
  text.textContent = what;
  const why = document.createElement('span');
  why.className = 'hy-outbox__why';
  why.textContent = state;
  text.append(why);
  row.append(text, ...buttons);
  return row;
}

function line(item) {
  const states = { refused: item.why, signin: words('signin') };
  const state = isMine(item) ? states[item.state] || words('waiting') : words('claim');
  // what nobody signed is now signed by this reader
  const claim = () => put({ ...item, reader: reader(), state: 'waiting', batch: '' }).then(flush);
  return entry([item.label, item.about].filter(Boolean).join(' · '), state, [
    button(words('send'), 'hy-button--s hy-button--soft', claim),
    button(words('delete'), 'hy-button--s', () => forgo(item)),
  ]);
}

function button(text, sort, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = `hy-button ${sort}`.trim();
  made.textContent = text;
  made.addEventListener('click', act);
  return made;
}

async function draw() {
  const place = list();
  if (!place) return;
  const items = await waiting().catch(() => []);
  markRows(items);
  place.classList.toggle('hy-outbox', items.length > 0);
  place.replaceChildren();
  if (!items.length) return;
  const head = document.createElement('h2');
  head.className = 'hy-outbox__head';
  head.textContent = words('head');
  const hint = document.createElement('p');
  hint.className = 'hy-small';
  hint.textContent = words('hint');
  const rows = document.createElement('ul');
  rows.append(...lines(items));
  place.append(head, hint, rows);
}

window.addEventListener('online', flush);
if (isKept()) document.querySelectorAll('form[data-outbox]').forEach(renewKey); // a kept page has one key for all its readings
if (isKnown()) draw().then(flush, () => {});
