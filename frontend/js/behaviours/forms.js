export const uuid = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** Gives a form that is filled again a key of its own. */
export function renewKey(form) {
  const key = form.elements.idempotency_key;
  if (key) key.value = uuid();
  return key ? key.value : '';
}

// A second press while the first is under way is dropped. The button is not disabled: its name must be sent.
// Listening on the way down, it comes before every other listener.
document.addEventListener(
  'submit',
  (event) => {
    const form = event.target;
    if (!form.matches('[data-once]')) return;
    if (form.dataset.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.busy = '1';
    setTimeout(() => delete form.dataset.busy, 15000);
  },
  true,
);

// Coming back to a form that was sent and changing it makes it another request.
window.addEventListener('pageshow', (event) => {
  document.querySelectorAll('form[data-busy]').forEach((form) => delete form.dataset.busy);
  if (!event.persisted) return;
  document.querySelectorAll('form[data-once]').forEach((form) => {
    form.addEventListener('input', () => renewKey(form), { once: true });
  });
});
document.addEventListener('htmx:afterRequest', (event) => {
  const form = event.target.closest('form[data-busy]');
  if (form) delete form.dataset.busy;
});

// Links of the error summary go to the field and put the cursor in it.
document.addEventListener('click', (event) => {
  const link = event.target.closest('.hy-errors a[href^="#"]');
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus();
  (field.closest('.hy-field') || field).scrollIntoView({ block: 'center' });
});

// Chosen cards are marked as a whole; the native mark inside already shows it where this does not run.
document.addEventListener('change', (event) => {
  const input = event.target;
  if (input.matches('.hy-choice__input')) {
    const group = input.closest('.hy-choices');
    const cards = group ? group.querySelectorAll('.hy-choice') : [input.closest('.hy-choice')];
    cards.forEach((card) => card.classList.toggle('hy-choice--on', card.querySelector('.hy-choice__input').checked));
  }
  if (input.matches('input[type="file"][data-preview]')) preview(input);
});

function preview(input) {
  const list = document.querySelector(`[data-preview-for="${CSS.escape(input.id)}"]`);
  if (!list) return;
  list.querySelectorAll('img').forEach((image) => URL.revokeObjectURL(image.src));
  list.replaceChildren(
    ...Array.from(input.files, (file) => {
      const item = document.createElement('figure');
      item.className = 'hy-file__item';
      if (file.type.startsWith('image/')) {
        const image = document.createElement('img');
        image.src = URL.createObjectURL(file);
        image.alt = '';
        item.append(image);
      }
      const caption = document.createElement('figcaption');
      caption.textContent = `${file.name} (${Math.max(1, Math.round(file.size / 1024))} KB)`;
      item.append(caption);
      return item;
    }),
  );
}

// How much of a limited text is used; spoken only by the field's own limit, so the figure is for the eye.
document.addEventListener('input', (event) => {
  const area = event.target;
  if (!area.matches('textarea[data-count][maxlength]')) return;
  let counter = area.nextElementSibling;
  if (!counter || !counter.matches('.hy-counter')) {
    counter = document.createElement('span');
    counter.className = 'hy-counter hy-num';
    counter.setAttribute('aria-hidden', 'true');
    area.after(counter);
  }
  counter.textContent = `${area.value.length} / ${area.maxLength}`;
});

const summary = document.querySelector('[data-focus]');
if (summary) summary.focus();
