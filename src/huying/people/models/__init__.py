from huying.people.models.accounts import Account, ExternalIdentity, RecoveryCode, SecondFactor, SignIn
from huying.people.models.codes import Allowance, OneTimeCode, OutgoingText
from huying.people.models.consents import Consent, Purpose
from huying.people.models.notices import Notice
from huying.people.models.persons import Guardianship, Household, Person
from huying.people.models.roles import Role, RoleProposal

__all__ = [
    "Account",
    "Allowance",
    "Consent",
    "ExternalIdentity",
    "Guardianship",
    "Household",
    "Notice",
    "OneTimeCode",
    "OutgoingText",
    "Person",
    "Purpose",
    "RecoveryCode",
    "Role",
    "RoleProposal",
    "SecondFactor",
    "SignIn",
]
