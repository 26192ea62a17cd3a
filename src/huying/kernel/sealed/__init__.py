"""Sealed fields: personal values that the database, its backups, logs and jobs never hold in the open
(security 9.9).

``phone = SealedField()`` beside ``phone_index = IndexField(of="phone", purpose="phone", null=True)``; assign text,
save; find by ``phone_index=blind_index(text, "phone")``; show ``{{ person.phone }}`` (the mask) or
``person.phone.last4``; open with ``reveal``.
"""

from huying.kernel.sealed.envelope import SealBroken, seal_many
from huying.kernel.sealed.field import SealedField
from huying.kernel.sealed.index import BlindIndex, IndexField, blind_index, blind_indexes
from huying.kernel.sealed.keyring import KeyringTrouble
from huying.kernel.sealed.numbers import (
    IdNumber,
    IdNumberWrong,
    OrganisationCodeWrong,
    PhoneUnclear,
    check_id_number,
    check_organisation_code,
    normal_mobile,
    normal_phone,
)
from huying.kernel.sealed.reveal import NothingSealed, ReasonMissing, ViewsUsedUp, reveal, used_today
from huying.kernel.sealed.value import Sealed

__all__ = [
    "BlindIndex",
    "IdNumber",
    "IdNumberWrong",
    "IndexField",
    "KeyringTrouble",
    "NothingSealed",
    "OrganisationCodeWrong",
    "PhoneUnclear",
    "ReasonMissing",
    "SealBroken",
    "Sealed",
    "SealedField",
    "ViewsUsedUp",
    "blind_index",
    "blind_indexes",
    "check_id_number",
    "check_organisation_code",
    "normal_mobile",
    "normal_phone",
    "reveal",
    "seal_many",
    "used_today",
]
