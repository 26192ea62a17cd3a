// The offline outbox: form[data-outbox] is sent by script; when the network is away or fails, what was typed is kept in
// the phone under its idempotency key and sent later. The key makes sending twice harmless.
import { csrfToken } from './cookies.js';
import { focusFirst } from './focus.js';
import { renewKey } from './forms.js';
import { isKept, isKnown, isMine, put, remove, reader, waiting } from './store.js';
import { show } from './toast.js';

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

/** The words by which one knows an ask again: what was written, else the first line of text. */
function about(form) {
  const written = Array.from(form.querySelectorAll('textarea, input[type="text"]'), (input) => input.value.trim());
  return (written.find(Boolean) || '').slice(0, 60);
}

/** What was pressed when: a press that waits for the network still knows its moment. */
function stamp(form) {
  form.querySelectorAll('input[data-stamp]').forEach((input) => {
    input.value = new Date().toISOString();
  });
}

/** A row of a list whose press waits says so in the place of its button, so that nobody presses again. */
function markKept(form) {
  if (!form.closest('[data-row]')) return;
  const said = document.createElement('span');
  said.className = 'hy-chip hy-tone-gui';
  said.textContent = words('waiting');
  form.replaceWith(said);
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
  let answer = null;
  if (navigator.onLine !== false) answer = await attempt(item).catch(() => null);
  delete form.dataset.busy;
  if (!answer || later(answer)) {
    await keep(item, 'waiting');
    form.reset();
    renewKey(form);
    markKept(form);
    show(words('kept'));
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

export async function flush() {
  if (busy || navigator.onLine === false) return;
  busy = true;
  try {
    for (const item of await waiting()) {
      if (item.state !== 'refused' && isMine(item)) await flushOne(item);
    }
  } catch {
    // Still no network: everything stays where it is.
  } finally {
    busy = false;
    await draw();
  }
}

function line(item) {
  const row = document.createElement('li');
  row.className = 'hy-outbox__item';
  const text = document.createElement('span');
  text.className = 'hy-outbox__text';
  text.textContent = [item.label, item.about].filter(Boolean).join(' · ');
  const why = document.createElement('span');
  why.className = 'hy-outbox__why';
  const states = { refused: item.why, signin: words('signin') };
  why.textContent = isMine(item) ? states[item.state] || words('waiting') : words('claim');
  text.append(why);
  row.append(text, action('send', item), action('delete', item));
  return row;
}

function action(kind, item) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `hy-button hy-button--s${kind === 'send' ? ' hy-button--soft' : ''}`;
  button.textContent = words(kind);
  button.addEventListener('click', async () => {
    if (kind === 'delete') await remove(item.key);
    else await put({ ...item, reader: reader(), state: 'waiting' }); // what nobody signed is now signed by this reader
    await (kind === 'delete' ? draw() : flush());
  });
  return button;
}

async function draw() {
  const place = list();
  if (!place) return;
  const items = await waiting().catch(() => []);
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
  rows.append(...items.map(line));
  place.append(head, hint, rows);
}

window.addEventListener('online', flush);
if (isKept()) document.querySelectorAll('form[data-outbox]').forEach(renewKey); // a kept page has one key for all its readings
if (isKnown()) draw().then(flush, () => {});
