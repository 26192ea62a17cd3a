export function cookie(name) {
  for (const part of document.cookie.split('; ')) {
    const at = part.indexOf('=');
    if (part.slice(0, at) === name) return decodeURIComponent(part.slice(at + 1));
  }
  return '';
}

/** The CSRF token that holds now: a form that waited since yesterday carries an old one. */
export function csrfToken() {
  return cookie(document.documentElement.dataset.csrfCookie || 'csrftoken');
}
