"""The installable web app: its manifest, its service worker and what the worker keeps for the days without network.

Only public shells are kept: built assets and the offline page. Pages of persons never are.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from huying.ui.context import Page
from huying.ui.icons import FrontEndNotBuilt


def built_manifest() -> dict[str, Any]:
    """Vite's manifest: source name -> {file, css, …}."""
    try:
        read: dict[str, Any] = json.loads((settings.BUILT / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise FrontEndNotBuilt("manifest.json is missing: build the front end first (npm run build)") from missing
    return read


def shell() -> list[str]:
    """Addresses that the worker keeps: what a resident's page is drawn with, the offline page, and the public forms
    that settings name (HUYING_OFFLINE_PAGES, URL names), so that help can be asked for without network."""
    manifest = built_manifest()
    core = manifest["js/core.js"]
    index = json.loads((settings.BUILT / "icons.json").read_text(encoding="utf-8"))
    files = [core["file"], *core.get("css", []), *core.get("assets", []), index["files"]["core"], "icon.svg"]
    public = [reverse(name) for name in settings.HUYING_OFFLINE_PAGES]
    return [reverse("ui:offline"), *public, *(static(name) for name in files)]


def worker() -> str:
    """The service worker's text. Its version is a hash of all it keeps: a new build replaces the old shell."""
    source = (settings.BUILT / built_manifest()["js/sw.js"]["file"]).read_text(encoding="utf-8")
    kept = shell()
    page = render_to_string("ui/offline.html", {"ui": Page(None)})
    version = hashlib.sha256(json.dumps([kept, source, page]).encode()).hexdigest()[:16]
    facts = {"version": version, "shell": kept, "offline": kept[0]}
    return f"self.HUYING = {json.dumps(facts)};\n{source}"


def web_manifest() -> dict[str, Any]:
    """The web app manifest (W3C), in the language of the request."""
    brand = Page(None).brand
    icons = [
        {"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": static("icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": static("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {"src": static("icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    return {
        "id": "/",
        "name": brand["name"],
        "short_name": brand["name"],
        "description": _("求助、办事、找站点，一处说一声，附近的人和单位来应。"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7f3eb",
        "theme_color": "#cfe5da",
        "icons": icons,
    }
