from huying.volunteers.models.allocating import Allocation, AllocationGap, AllocationLine, Invitation, Want
from huying.volunteers.models.checking import Attendance, ServiceSession, SheetEntry
from huying.volunteers.models.joining import Language, Membership, Skill, Stay, Team, TeamKind, Volunteer
from huying.volunteers.models.proving import ExternalId, ProtectionCheck, ReportedCount, SkillProof
from huying.volunteers.models.recognition import Certificate, CertificateCounter, CertificatePrint, StarLevel
from huying.volunteers.models.recruiting import Campaign, CampaignJoin
from huying.volunteers.models.service import HoursRule, ServiceCategory, ServiceEvent, ServiceNote, ServiceRecord

__all__ = [
    "Allocation",
    "AllocationGap",
    "AllocationLine",
    "Attendance",
    "Campaign",
    "CampaignJoin",
    "Certificate",
    "CertificateCounter",
    "CertificatePrint",
    "ExternalId",
    "HoursRule",
    "Invitation",
    "Language",
    "Membership",
    "ProtectionCheck",
    "ReportedCount",
    "ServiceCategory",
    "ServiceEvent",
    "ServiceNote",
    "ServiceRecord",
    "ServiceSession",
    "SheetEntry",
    "Skill",
    "SkillProof",
    "StarLevel",
    "Stay",
    "Team",
    "TeamKind",
    "Volunteer",
    "Want",
]
