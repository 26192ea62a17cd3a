"""The ways that calls take through their steps, how long each step waits, and what is said."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate

from huying.config.demo.city.calendar import ASKED

HELP = "schedule start deliver"
WAYS: tuple[tuple[float, str], ...] = (
    (52, f"submit review dispatch accept {HELP} rate close"),
    (23, f"submit review dispatch accept {HELP} auto_rate close"),
    (8, f"submit review pool claim {HELP} rate close"),
    (5, f"submit review dispatch expire dispatch accept {HELP} rate close"),
    (3, f"submit review dispatch accept {HELP} rate close reopen dispatch accept {HELP} rate close"),
    (4, "submit review cancel"),
    (2, "submit review dispatch accept cancel"),
    (1.5, "submit review reject"),
    (1.5, "submit review transfer"),
)
"""Weights and ways: 6 in a hundred are taken back, a quarter of the served say nothing, three ask again."""
WAITS = {
    "submit": 3,
    "review": 80,
    "dispatch": 30,
    "pool": 20,
    "claim": 120,
    "expire": 120,
    "accept": 70,
    "schedule": 20,
}
WAITS |= {
    "start": 1100,
    "deliver": 80,
    "rate": 600,
    "cancel": 300,
    "reject": 60,
    "transfer": 60,
    "reopen": 2000,
    "joined": 8,
}
"""Minutes until each step, on average; nobody takes one at night. A silent one is closed after a week."""
SILENCE = timedelta(days=7)
BY_PLATFORM = frozenset({"close", "auto_rate", "expire"})
BY_HELPER = frozenset({"accept", "claim", "joined", *HELP.split()})
BY_ASKER = frozenset({"draft", "submit", "rate", "cancel", "reopen"})
WHY = {
    "cancel": "家里人已经帮忙办好了",
    "reopen": "问题又出现了，请再来看看",
    "reject": "不属于志愿服务的范围",
    "deliver": "已办好",
}
BY_HOUR, BY_WAY = list(accumulate(ASKED)), list(accumulate(weight for weight, _way in WAYS))
"""Weights of hours and of ways, summed up."""
LARGE_KIND, LARGE_TITLE = "other", "清淤排水，请来搭把手"
"""What many hands are called for; other calls of a flood are for teams."""
