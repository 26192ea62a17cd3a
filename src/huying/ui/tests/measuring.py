"""What a real browser tells of a page: faults against WCAG 2.2 AA, sizes of texts and targets, what sticks out."""

from __future__ import annotations

import json

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = Axe()

# elements that show text of their own, with the size they are drawn in
TEXTS = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && !e.closest('.hy-sr, .hy-skip, svg'))
  .filter(e => [...e.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .map(e => [e.textContent.trim().slice(0, 20), parseFloat(getComputedStyle(e).fontSize)])"""
# what is pressed: a label is part of its input, the link of a card or ticket covers all of it; a link within a sentence
# is as high as its line (the exception of WCAG 2.5.8)
TARGETS = """() => [...document.querySelectorAll('a[href], button, select, textarea, summary, input')]
  .filter(e => e.type !== 'hidden')
  .filter(e => e.checkVisibility() && !e.closest('.hy-sr, .hy-skip'))
  .filter(e => getComputedStyle(e).display !== 'inline'
    || ![...e.parentNode.childNodes].some(node => node.nodeType === 3 && node.data.trim().length > 3))
  .map(e => e.matches('.hy-summary__link, .hy-ticket__title') ? e.closest('.hy-card, .hy-ticket') : e)
  .map(e => e.closest('label') || (e.matches('.hy-stars__input') ? e.nextElementSibling : null) || e)
  .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect().width, e.getBoundingClientRect().height])"""
WIDER = """() => {
  const name = e => typeof e.className === 'string' ? e.className : e.tagName;
  const beyond = e => e.getBoundingClientRect().right > innerWidth + 1;
  const wide = document.documentElement.scrollWidth - innerWidth;
  return wide > 0 ? [wide, [...document.querySelectorAll('body *')].filter(beyond).map(name).slice(0, 5)] : [] }"""


# Nine tenths of axe's time go into contrast. What it says of an element hangs on the colours and letters computed for it
# and on the grounds behind it: of elements that are alike in all of these one is looked at, in the whole of a run.
UNLIKE = """known => {
  const seen = new Set(known), found = new Map(), shades = new Map();
  const shade = e => {
    if (!shades.has(e)) { const s = getComputedStyle(e); shades.set(e, [s.backgroundColor, s.backgroundImage, s.opacity].join()) }
    return shades.get(e) };
  const number = text => { let n = 0n; for (const c of text) n = (n * 31n + BigInt(c.codePointAt(0))) % 9007199254740881n;
    return Number(n) };
  for (const e of document.querySelectorAll('body *')) {
    const speaks = [...e.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!speaks && !e.matches('input, select, textarea')) continue;
    if (!e.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const own = getComputedStyle(e), behind = [];
    for (let at = e; at; at = at.parentElement) if (shade(at) !== 'rgba(0, 0, 0, 0),none,1') behind.push(shade(at));
    const able = !e.closest(':disabled, [aria-disabled=true]');
    const look = [e.tagName, e.getAttribute('class'), own.color, own.fontSize, own.fontWeight, able, ...behind].join('|');
    const n = found.get(look) ?? number(look);
    if (seen.has(n) || found.has(look)) continue;
    found.set(look, n);
    e.setAttribute('data-unlike', '') }
  return [...found.values()] }"""
_alike: set[int] = set()


def violations(page: Page, *, part: bool = False) -> list[str]:
    """What axe finds on the page as it stands, as "rule: element"; ``part``: the answer is no whole page."""
    options = {
        "runOnly": {"type": "tag", "values": WCAG},
        "resultTypes": ["violations"],
        "rules": {name: {"enabled": not part} for name in ("document-title", "html-has-lang")},
    }
    looked_at = page.evaluate(UNLIKE, list(_alike))
    page.evaluate(AXE.axe_script)
    page.evaluate("axe.configure({rules: [{id: 'color-contrast', selector: '[data-unlike]'}]})")
    found = page.evaluate(f"axe.run({json.dumps(options)}).then(told => told.violations)")  # what is good stays there
    if not any(one["id"] == "color-contrast" for one in found):
        _alike.update(looked_at)
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"][:3]]
