"""Where compression stands among the middleware (decision 0011)."""

from django.conf import settings

COMPRESSION = "huying.ui.compression.CompressionMiddleware"


def test_it_stands_outside_everything_that_writes_a_body_and_inside_the_static_files() -> None:
    place = settings.MIDDLEWARE.index(COMPRESSION)
    outer, inner = settings.MIDDLEWARE[:place], settings.MIDDLEWARE[place + 1 :]

    assert {"huying.ui.outbox.OutboxMiddleware", "huying.kernel.errors.ErrorMiddleware"} <= set(inner)
    assert "huying.kernel.idempotency.IdempotencyMiddleware" in inner
    assert "whitenoise.middleware.WhiteNoiseMiddleware" in outer
