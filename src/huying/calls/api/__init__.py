"""REST for calls: the same actions and the same rules as the pages (architecture section 5).

``offers`` is mounted before ``router``: its addresses end in words where the other takes any step.
"""

from huying.calls.api.calls import REQUIRED, TAKES, Verb, router
from huying.calls.api.offers import router as offers

__all__ = ["REQUIRED", "TAKES", "Verb", "offers", "router"]
