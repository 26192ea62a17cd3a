"""REST for calls: the same actions and the same rules as the pages (architecture section 5).

``hotline``, ``offers`` and ``raising`` are mounted before ``router``: their addresses end in words where that takes any step.
"""

from huying.calls.api.calls import REQUIRED, TAKES, Verb, router
from huying.calls.api.hotline import router as hotline
from huying.calls.api.offers import router as offers
from huying.calls.api.raising import router as raising

__all__ = ["REQUIRED", "TAKES", "Verb", "hotline", "offers", "raising", "router"]
