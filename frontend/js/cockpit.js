// The cockpit: charts over the tables that are there without it, and the board asked again every half minute.
import '../css/cockpit.css';
import { draw, drop, prepare, restyle } from './cockpit/charts.js';
import './cockpit/tables.js';
import { refresh } from './cockpit/refresh.js';

const idle = window.requestIdleCallback ? (job) => window.requestIdleCallback(job, { timeout: 250 }) : (job) => setTimeout(job, 60);

/** Draws the charts of a part of the page one by one, so that the page answers in between. */
function drawAll(root) {
  const waiting = Array.from(root.querySelectorAll('[data-chart]'));
  waiting.forEach(prepare); // the room of each chart is there at once, so that nothing jumps
  const next = () => {
    const host = waiting.shift();
    if (!host) return;
    if (host.isConnected) draw(host);
    idle(next);
  };
  idle(next);
}

const board = document.getElementById('board');
if (board) {
  refresh(board, { draw, drop });
  drawAll(board);
  let wait = 0;
  window.addEventListener('resize', () => {
    clearTimeout(wait);
    wait = setTimeout(restyle, 120);
  });
}
