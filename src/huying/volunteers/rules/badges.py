"""A certificate as Open Badge 3.0: a W3C verifiable credential that other programs check without asking us.

The issuer is a ``did:key`` (Ed25519): its name is its key, so nothing has to be fetched. Encoded as VC-JWT (OB 3.0
section 8.2.4.1, JOSE ``EdDSA``), or as JSON with a Data Integrity proof (``eddsa-jcs-2022``). The secret of the key is
the installation's own (``HUYING_BADGE_SECRET``).
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from huying.volunteers.models import Certificate

CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
ED25519_PUBLIC = b"\xed\x01"  # multicodec
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@lru_cache(maxsize=4)
def key_of(secret: str) -> Ed25519PrivateKey:
    """The signing key that belongs to the installation's secret."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"huying.badges." + secret.encode()).digest())


def issuer_did() -> str:
    """``did:key:z6Mk…`` of this installation."""
    return "did:key:" + fragment()


def fragment() -> str:
    public = key_of(settings.HUYING_BADGE_SECRET).public_key().public_bytes_raw()
    return "z" + base58(ED25519_PUBLIC + public)


def base58(raw: bytes) -> str:
    """Bitcoin's alphabet, as multibase ``z`` wants it."""
    number, text = int.from_bytes(raw), ""
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def credential(certificate: Certificate, name: str, address: str) -> dict[str, Any]:
    """The credential's words: who served how long, on what evidence. ``address``: where a person can check it."""
    hours = f"{certificate.minutes / 60:.2f}".rstrip("0").rstrip(".")
    classes = sorted({row["evidence"] for row in certificate.records})
    subject_id = f"urn:uuid:{certificate.volunteer.public_id}"
    serial = {"licenseNumber": certificate.numbered} if certificate.serial else {}
    return {
        "@context": CONTEXTS,
        "id": f"urn:uuid:{certificate.public_id}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"志愿服务 {hours} 小时",
        "issuer": {"id": issuer_did(), "type": ["Profile"], "name": certificate.issuer_name},
        "validFrom": stamp(certificate.issued_at),
        "credentialSubject": {
            "id": subject_id,
            "type": ["AchievementSubject"],
            **serial,
            "identifier": [{"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name"}],
            "activityStartDate": f"{certificate.since:%Y-%m-%d}T00:00:00+08:00",
            "activityEndDate": f"{certificate.until:%Y-%m-%d}T23:59:59+08:00",
            "achievement": {
                "id": f"urn:uuid:{certificate.public_id}#achievement",
                "type": ["Achievement"],
                "achievementType": "CommunityService",
                "name": "志愿服务记录证明",
                "description": f"{certificate.since} – {certificate.until}，已确认的志愿服务 {hours} 小时。",
                "criteria": {"narrative": "每一条服务记录由一人登记、另一人确认；证明方式分 A、B、C 级。"},
            },
        },
        "evidence": [
            {"id": f"{address}#{one}", "type": ["Evidence"], "name": one, "narrative": in_words(certificate, one)}
            for one in classes
        ],
    }


def in_words(certificate: Certificate, evidence: str) -> str:
    rows = [row for row in certificate.records if row["evidence"] == evidence]
    return f"{evidence} 级：{len(rows)} 条，{sum(row['minutes'] for row in rows)} 分钟"


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def badge(certificate: Certificate, name: str, address: str) -> str:
    """The credential as one signed line (VC-JWT)."""
    words = credential(certificate, name, address)
    claims = words | {
        "iss": issuer_did(),
        "sub": words["credentialSubject"]["id"],
        "jti": words["id"],
        "nbf": int(certificate.issued_at.timestamp()),
    }
    header = {"alg": "EdDSA", "typ": "JWT", "kid": f"{issuer_did()}#{fragment()}"}
    body = f"{packed(header)}.{packed(claims)}"
    mac = key_of(settings.HUYING_BADGE_SECRET).sign(body.encode())
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def packed(words: dict[str, Any]) -> str:
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def secured(certificate: Certificate, name: str, address: str) -> dict[str, Any]:
    """The credential as JSON with its proof inside (W3C Data Integrity, cryptosuite ``eddsa-jcs-2022``)."""
    words = credential(certificate, name, address)
    proof = {
        "@context": words["@context"],
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": stamp(certificate.issued_at),
        "verificationMethod": f"{issuer_did()}#{fragment()}",
        "proofPurpose": "assertionMethod",
    }
    digest = hashlib.sha256(canonical(proof)).digest() + hashlib.sha256(canonical(words)).digest()
    mac = key_of(settings.HUYING_BADGE_SECRET).sign(digest)
    return words | {"proof": proof | {"proofValue": "z" + base58(mac)}}


def canonical(words: dict[str, Any]) -> bytes:
    """RFC 8785 for what these documents hold: texts, lists, booleans; their keys are plain ASCII."""
    return json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
