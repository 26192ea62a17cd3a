"""What can be asked about activities."""

from huying.activities.queries.calendar import calendar_of, feed_key, mine_for, public_calendar
from huying.activities.queries.desk import desk, drafts, lapsed_now, my_places, my_venues, name_of, templates, to_close
from huying.activities.queries.gaps import Gap, Kept, gaps, my_plan_places, plan, plans
from huying.activities.queries.listing import Asked, kinds, listed, near, spots, themes, units
from huying.activities.queries.mine import going, my_sign_ups, sign_up
from huying.activities.queries.story import (
    Roster,
    Story,
    activity,
    feedback_of,
    led_teams,
    photo,
    photos_of,
    results_of,
    roster,
    session,
    story,
    totals,
)

__all__ = [
    "Asked",
    "Gap",
    "Kept",
    "Roster",
    "Story",
    "activity",
    "calendar_of",
    "desk",
    "drafts",
    "feed_key",
    "feedback_of",
    "gaps",
    "going",
    "kinds",
    "lapsed_now",
    "led_teams",
    "listed",
    "mine_for",
    "my_places",
    "my_plan_places",
    "my_sign_ups",
    "my_venues",
    "name_of",
    "near",
    "photo",
    "photos_of",
    "plan",
    "plans",
    "public_calendar",
    "results_of",
    "roster",
    "session",
    "sign_up",
    "spots",
    "story",
    "templates",
    "themes",
    "to_close",
    "totals",
    "units",
]
