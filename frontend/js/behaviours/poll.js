// [data-poll=address] asks for itself again every data-seconds. An ETag makes "nothing new" cost nothing; only tickets
// that changed are replaced, so focus, scroll and open menus stay. It rests while the page is hidden. Elements of the answer
// marked data-also (figures above the board) are brought up to date with it. Asking keeps no session alive (X-Background).
import { follow, learn, withChosen } from './chosen.js';

const SLOWEST = 120000;
const say = (message) => document.dispatchEvent(new CustomEvent('huying:announce', { detail: { message } }));
const nameOf = (node) => node.id || `${node.nodeName}.${node.className}`;

function sameAttributes(old, fresh) {
  Array.from(old.attributes).forEach(({ name }) => {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  });
  Array.from(fresh.attributes).forEach(({ name, value }) => {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  });
}

function replace(old, fresh) {
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  window.htmx.process(fresh);
  if (hadFocus) (fresh.querySelector('a, button') || fresh).focus({ preventScroll: true });
}

/** Brings ``old`` to what ``fresh`` says and returns the new tickets. */
function reconcile(old, fresh) {
  if (old.isEqualNode(fresh)) return [];
  if (!fresh.matches('[data-board], [data-column], [data-keyed]')) {
    replace(old, fresh);
    return [];
  }
  sameAttributes(old, fresh);
  const known = new Map(Array.from(old.children, (child) => [nameOf(child), child]));
  const added = [];
  Array.from(fresh.children).forEach((child, place) => {
    const before = known.get(nameOf(child));
    known.delete(nameOf(child));
    if (before) added.push(...reconcile(before, child));
    const now = before && before.isConnected ? before : child;
    if (!before) {
      window.htmx.process(child);
      if (child.matches('[data-ticket]')) added.push(child);
    }
    if (old.children[place] !== now) old.insertBefore(now, old.children[place] || null);
  });
  known.forEach((gone) => gone.remove());
  return added;
}

/** Where each ticket stands: its id and the id of its column. */
function places(board) {
  const columnOf = (ticket) => (ticket.closest('[data-column]') || { id: '' }).id;
  return new Map(Array.from(board.querySelectorAll('[data-ticket]'), (ticket) => [ticket.id, columnOf(ticket)]));
}

const fill = (words, facts) => words.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? facts[name] : whole));
const wordsOf = (root, selector) => (root && root.querySelector(selector) ? root.querySelector(selector).textContent.trim() : '');

/** One sentence about tickets that changed their column: which one went where, or how many came to each. */
function movedWords(board, moved) {
  const nameOfColumn = (id) => wordsOf(document.getElementById(id), '.hy-column__title');
  if (moved.length === 1) {
    const [[id, column]] = moved;
    const title = wordsOf(document.getElementById(id), '.hy-ticket__title');
    return fill(board.dataset.movedWords, { title, column: nameOfColumn(column) });
  }
  const counts = new Map();
  moved.forEach(([, column]) => counts.set(column, (counts.get(column) || 0) + 1));
  const columns = Array.from(counts, ([column, n]) => `${nameOfColumn(column)} ${n}`).join(' · ');
  return fill(board.dataset.movedMany, { n: moved.length, columns });
}

function start(element) {
  const pace = Number(element.dataset.seconds || 10) * 1000;
  const stale = document.querySelector(`[data-stale-for="${element.id}"]`);
  let etag = '';
  let wait = pace;
  let timer = 0;

  async function ask() {
    const headers = { 'HX-Request': 'true', 'X-Background': '1', ...(etag ? { 'If-None-Match': etag } : {}) };
    const response = await fetch(withChosen(element.dataset.poll), { headers, credentials: 'same-origin', cache: 'no-store' });
    const elsewhere = response.headers.get('HX-Redirect');
    if (elsewhere) {
      window.location.assign(elsewhere);
      return;
    }
    if (response.status === 304) return;
    if (!response.ok) throw new Error(String(response.status));
    etag = response.headers.get('ETag') || '';
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.getElementById(element.id);
    if (!fresh) return;
    const chosen = element.querySelector('.hy-ticket--on');
    if (chosen) keepChosen(fresh, chosen.id);
    const seen = places(element);
    const added = reconcile(element, fresh).filter((ticket) => !seen.has(ticket.id));
    added.forEach((ticket) => ticket.setAttribute('data-new', ''));
    page.querySelectorAll('[data-also]').forEach((part) => {
      const old = document.getElementById(part.id);
      if (old && !old.isEqualNode(part)) replace(old, part);
    });
    learn(page);
    const moved = Array.from(places(element)).filter(([id, column]) => seen.has(id) && seen.get(id) !== column);
    const news = [];
    if (added.length && element.dataset.newWords) news.push(`${element.dataset.newWords} ${added.length}`);
    if (moved.length && element.dataset.movedWords) news.push(movedWords(element, moved));
    if (news.length) say(news.join(' '));
  }

  async function turn() {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        await ask();
        await follow();
        wait = pace;
        if (stale) stale.hidden = true;
      } catch {
        wait = Math.min(SLOWEST, wait * 2);
        if (stale) stale.hidden = false;
      }
    }
    timer = setTimeout(turn, wait);
  }

  timer = setTimeout(turn, pace);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) turn();
  });
}

/** What the reader chose on this page stays chosen, whatever the server thought when it drew the columns. */
function keepChosen(fresh, id) {
  fresh.querySelectorAll('.hy-ticket--on').forEach((ticket) => {
    ticket.classList.remove('hy-ticket--on');
    ticket.querySelector('.hy-ticket__title').removeAttribute('aria-current');
  });
  const ticket = fresh.querySelector(`[id="${CSS.escape(id)}"]`);
  if (!ticket) return;
  ticket.classList.add('hy-ticket--on');
  ticket.querySelector('.hy-ticket__title').setAttribute('aria-current', 'true');
}

document.querySelectorAll('[data-poll]').forEach(start);
