"""What people do as volunteers and with teams."""

from huying.volunteers.actions.joining import (
    ChildrenNeedCompany,
    Profile,
    RestUnclear,
    VolunteerLeft,
    leave,
    pause,
    save_profile,
)
from huying.volunteers.actions.oneself import NotAVolunteer
from huying.volunteers.actions.rights import RIGHTS
from huying.volunteers.actions.teams import (
    AlreadyMember,
    LastLeader,
    NotAgreed,
    TeamFacts,
    TeamNameTaken,
    add_member,
    end_membership,
    join_team,
    save_team,
    set_leader,
)

__all__ = [
    "RIGHTS",
    "AlreadyMember",
    "ChildrenNeedCompany",
    "LastLeader",
    "NotAVolunteer",
    "NotAgreed",
    "Profile",
    "RestUnclear",
    "TeamFacts",
    "TeamNameTaken",
    "VolunteerLeft",
    "add_member",
    "end_membership",
    "join_team",
    "leave",
    "pause",
    "save_profile",
    "save_team",
    "set_leader",
]
