// [data-refresh=address] asks for the board again every data-seconds; an ETag makes "nothing new" cost nothing. Only panels
// whose words changed are put in, their charts are carried over and told the new numbers: nothing flickers, and focus and
// an open table stay. It rests while the page is hidden. Asking keeps no session alive (X-Background).
const SLOWEST = 240000;

const panelsOf = (root) => Array.from(root.querySelectorAll('[data-panel]'));

function carry(old, fresh, { draw }) {
  const host = old.querySelector('[data-chart]');
  const place = fresh.querySelector('[data-chart]');
  const drawn = host && place && host.childElementCount > 0;
  if (drawn) place.replaceWith(host);
  ['hy-panel--drawn', 'hy-panel--tabled'].forEach((name) => fresh.classList.toggle(name, old.classList.contains(name)));
  const before = old.querySelector('[data-table]');
  const after = fresh.querySelector('[data-table]');
  if (before && after) {
    after.hidden = before.hidden;
    after.setAttribute('aria-pressed', before.getAttribute('aria-pressed'));
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const links = focused ? Array.from(old.querySelectorAll('a, button')) : [];
  const which = links.indexOf(focused);
  old.replaceWith(fresh);
  if (which >= 0) (fresh.querySelectorAll('a, button')[which] || fresh).focus({ preventScroll: true });
  const chart = fresh.querySelector('[data-chart]');
  if (chart) draw(chart);
}

export function refresh(board, charts) {
  const pace = Number(board.dataset.seconds || 30) * 1000;
  const said = new Map(panelsOf(board).map((panel) => [panel.id, panel.outerHTML])); // before anything is drawn
  const live = document.getElementById('board-live');
  const stale = document.getElementById('board-stale');
  const clock = document.getElementById('board-clock');
  let etag = '';
  let wait = pace;
  let timer = 0;

  async function ask() {
    const headers = { 'HX-Request': 'true', 'X-Background': '1', ...(etag ? { 'If-None-Match': etag } : {}) };
    const response = await fetch(board.dataset.refresh, { headers, credentials: 'same-origin', cache: 'no-store' });
    const elsewhere = response.headers.get('HX-Redirect');
    if (elsewhere) {
      window.location.assign(elsewhere);
      return;
    }
    if (response.status === 304) return;
    if (!response.ok) throw new Error(String(response.status));
    etag = response.headers.get('ETag') || '';
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.getElementById(board.id);
    if (!fresh) return;
    panelsOf(fresh).forEach((panel) => {
      const words = panel.outerHTML;
      const old = document.getElementById(panel.id);
      if (!old || said.get(panel.id) === words) return;
      said.set(panel.id, words);
      const chart = old.querySelector('[data-chart]');
      if (chart && !panel.querySelector('[data-chart]')) charts.drop(chart.id);
      carry(old, document.adoptNode(panel), charts);
    });
    if (clock) clock.textContent = fresh.dataset.at;
  }

  async function turn() {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        await ask();
        wait = pace;
      } catch {
        wait = Math.min(SLOWEST, wait * 2);
      }
      if (stale) stale.hidden = wait === pace;
      if (live) live.hidden = wait !== pace;
    }
    timer = setTimeout(turn, wait);
  }

  timer = setTimeout(turn, pace);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) turn();
  });
}
