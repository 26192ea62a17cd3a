from huying.volunteers.models.joining import Membership, Skill, Team, Volunteer

__all__ = ["Membership", "Skill", "Team", "Volunteer"]
