// One polite live region for the whole page. Setting the same words twice must speak twice, hence the empty step.
export function announce(words) {
  const region = document.getElementById('live');
  if (!region || !words) return;
  region.textContent = '';
  setTimeout(() => {
    region.textContent = words;
  }, 60);
}

document.addEventListener('huying:announce', (event) => announce(event.detail.message));

// A list that was swapped in says how many it holds: <ul data-count-words="找到 12 处">.
document.addEventListener('htmx:afterSettle', (event) => {
  const counted = event.detail.target.closest('[data-count-words]') || event.detail.target.querySelector('[data-count-words]');
  if (counted) announce(counted.dataset.countWords);
});
