/** Moves the focus to what was just brought: an error summary, or the heading of a panel that was asked for. */
export function focusFirst(root) {
  const target = root.querySelector('[data-focus]') || root.querySelector('[data-detail-title]');
  if (target) target.focus();
}
