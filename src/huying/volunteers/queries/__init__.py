"""What can be asked about volunteers, teams and service."""

from huying.volunteers.queries.joining import (
    TeamStory,
    addable,
    kept_places,
    listed,
    member,
    my_memberships,
    open_place,
    person_of,
    places_named,
    profile_of,
    skills,
    team_story,
    teams,
    teams_by_public_id,
    volunteers_by_public_id,
    volunteers_named,
)

__all__ = [
    "TeamStory",
    "addable",
    "kept_places",
    "listed",
    "member",
    "my_memberships",
    "open_place",
    "person_of",
    "places_named",
    "profile_of",
    "skills",
    "team_story",
    "teams",
    "teams_by_public_id",
    "volunteers_by_public_id",
    "volunteers_named",
]
