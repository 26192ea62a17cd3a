"""The application of a server that has the naive pages too; only on a database that is thrown away."""

from __future__ import annotations

import os
import sys

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application


def made() -> WSGIHandler:
    if os.environ.get("HUYING_BENCH") != "1":
        raise RuntimeError("this server is for ./huying bench pages only")
    from django.conf import settings  # noqa: PLC0415 - before Django reads its addresses

    settings.ROOT_URLCONF = "huying.config.management.pages.naive"
    return get_wsgi_application()


if __name__ == "__main__":
    from huying.kernel.supervise import web

    web.serve("127.0.0.1", int(sys.argv[1]), target="huying.config.management.pages.other:application")
else:
    application = made()
