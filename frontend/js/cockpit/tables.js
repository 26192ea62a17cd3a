// [data-table]: the table of a chart instead of the chart. The choice stays while the page is open.
document.addEventListener('click', (event) => {
  const toggle = event.target.closest('[data-table]');
  if (!toggle) return;
  const on = toggle.getAttribute('aria-pressed') !== 'true';
  toggle.setAttribute('aria-pressed', String(on));
  toggle.closest('[data-panel]').classList.toggle('hy-panel--tabled', on);
  if (!on) window.dispatchEvent(new Event('resize'));
});
