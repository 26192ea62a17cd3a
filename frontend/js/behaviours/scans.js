// Presses at a door (form[data-batch]): kept like every ask, handed in together as JSON, each with an answer of its own.
import { csrfToken } from './cookies.js';
import { uuid } from './forms.js';
import { put, remove } from './store.js';

const MOST = 200; // what the server takes at once (activities/forms/scans.py)

export const isScan = (item) => Boolean(item.scan);

/** What is kept of a press at a door besides its form: whom it saw, when, and where it is handed in. */
export function scanOf(form, key) {
  if (!form.dataset.batch) return {};
  const { sign_up: who, act, at, count } = form.elements;
  const scan = { id: key, sign_up: who.value, act: act.value, at: at.value };
  if (count && count.value) scan.count = Number(count.value);
  return { scan, batchUrl: form.dataset.batch, page: location.pathname };
}

/**
 * Items under the batch they were tried with; the others get one. A batch is sent again as it was, with its key: when only
 * the answer was lost on the way, the server gives it once more, and what was undone meanwhile stays undone.
 */
async function batches(items) {
  const found = new Map();
  items.filter((item) => item.batch).forEach((item) => found.set(item.batch, [...(found.get(item.batch) || []), item]));
  const fresh = items.filter((item) => !item.batch);
  for (const url of new Set(fresh.map((item) => item.batchUrl))) {
    const here = fresh.filter((item) => item.batchUrl === url);
    while (here.length) {
      const batch = uuid();
      const part = here.splice(0, MOST).map((item) => ({ ...item, batch }));
      await Promise.all(part.map(put));
      found.set(batch, part);
    }
  }
  return found;
}

async function post(batch, items) {
  const response = await fetch(items[0].batchUrl, {
    method: 'POST',
    body: JSON.stringify({ scans: items.map((item) => item.scan) }),
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'Idempotency-Key': batch,
      'X-CSRFToken': csrfToken(),
    },
    credentials: 'same-origin',
  });
  const isJson = (response.headers.get('Content-Type') || '').includes('json');
  return { status: response.status, json: isJson ? await response.json().catch(() => null) : null };
}

/** Another batch next time: this one holds something else now, or its answer cannot be read. */
export const unbatch = (items) => Promise.all(items.map((item) => put({ ...item, batch: '' })));
const refuse = (items, why) => Promise.all(items.map((item) => put({ ...item, state: 'refused', why, batch: '' })));

/** Scans that the server took are gone; those it refused stay, with its reason. */
async function settle(items, answers) {
  const told = new Map(answers.map((answer) => [answer.id, answer]));
  const taken = items.filter((item) => told.has(item.key) && told.get(item.key).state !== 'refused');
  const refused = items.filter((item) => told.has(item.key) && told.get(item.key).state === 'refused');
  await Promise.all(taken.map((item) => remove(item.key)));
  await Promise.all(refused.map((item) => refuse([item], told.get(item.key).message)));
  return taken;
}

/** The items of which a refused batch says that they are misshapen. */
function named(items, error) {
  const places = Object.keys(error.fields || {}).map((name) => /^scans\.(\d+)\./.exec(name));
  return items.filter((item, place) => places.some((found) => found && Number(found[1]) === place));
}

async function one(batch, items, words) {
  const { status, json } = await post(batch, items);
  const error = json && json.error;
  if (status === 200 && json && json.scans) return settle(items, json.scans);
  if (status >= 500 || status === 429 || status === 408) return [];
  if (status === 401) await Promise.all(items.map((item) => put({ ...item, state: 'signin', why: '' })));
  else if (!error || error.code === 'idempotency_key_reused') await unbatch(items);
  else {
    const wrong = named(items, error);
    await refuse(wrong.length ? wrong : items, wrong.length ? words('refused') : error.message);
    const others = wrong.length ? items.filter((item) => !wrong.includes(item)) : [];
    return handIn(others.map((item) => ({ ...item, batch: '' })), words);
  }
  return [];
}

/** Hands everything in; resolves to what the server took. Rejects when there is no network, and nothing is lost. */
export async function handIn(items, words) {
  const taken = [];
  for (const [batch, part] of await batches(items)) taken.push(...(await one(batch, part, words)));
  return taken;
}

const written = (row) =>
  Array.from(row.querySelectorAll('input:not([type="hidden"])')).some((input) => input.value !== input.defaultValue);

/** The rows and figures of this page as the server has them now; a row in which somebody is writing stays. */
export async function renewRows() {
  const response = await fetch(location.href, { credentials: 'same-origin' });
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  document.querySelectorAll('[data-row][id]').forEach((row) => {
    const fresh = page.getElementById(row.id);
    if (!fresh || written(row)) return;
    const held = row.contains(document.activeElement);
    row.replaceWith(fresh);
    const next = held && fresh.querySelector('button');
    if (next) next.focus({ preventScroll: true });
  });
}

// Without network this page cannot be had again: a tablet asks before it goes.
window.addEventListener('beforeunload', (event) => {
  if (navigator.onLine !== false || !document.querySelector('form[data-batch]')) return;
  event.preventDefault();
  event.returnValue = ''; // what browsers before 119 listen to
});
