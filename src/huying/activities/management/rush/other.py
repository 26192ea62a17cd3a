"""The application of a server whose button signs up in the way that ``HUYING_BENCH_WAY`` names (see ``ways``)."""

from __future__ import annotations

import os
from functools import partial

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application


def made() -> WSGIHandler:
    """The pages of the product with another action behind the button; only on a database that is thrown away."""
    if os.environ.get("HUYING_BENCH") != "1":
        raise RuntimeError("this server is for ./huying bench rush only")
    pages = get_wsgi_application()
    from huying.activities import actions  # noqa: PLC0415 - models exist only now
    from huying.activities.management.rush import ways  # noqa: PLC0415

    way = os.environ["HUYING_BENCH_WAY"]
    actions.press = ways.nothing if way == "nothing" else partial(ways.press, locking=way == "row_lock")
    return pages


application = made()
