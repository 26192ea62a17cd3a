from huying.volunteers.models.checking import Attendance, ServiceSession, SheetEntry
from huying.volunteers.models.joining import Membership, Skill, Team, Volunteer
from huying.volunteers.models.recognition import Certificate, StarLevel
from huying.volunteers.models.service import HoursRule, ServiceCategory, ServiceEvent, ServiceRecord

__all__ = [
    "Attendance",
    "Certificate",
    "HoursRule",
    "Membership",
    "ServiceCategory",
    "ServiceEvent",
    "ServiceRecord",
    "ServiceSession",
    "SheetEntry",
    "Skill",
    "StarLevel",
    "Team",
    "Volunteer",
]
