"""Links to stored pictures in templates."""

from __future__ import annotations

from typing import Any

from django import template

from huying.kernel.attachments import Attachment, url

register = template.Library()


@register.simple_tag(takes_context=True)
def file_url(context: Any, attachment: Attachment, *, small: bool = False, download: bool = False) -> str:
    """``{% file_url photo small=True %}``: a signed link for the person who looks at this page."""
    return url(attachment, context["request"].actor, small=small, download=download)
