"""Authenticated ciphers by number. A number, once given, is never used for anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
TAG_BYTES = 16


class Algorithm(Protocol):
    """An AEAD cipher: ``seal`` returns ciphertext and tag in one piece, ``open`` raises InvalidTag when
    it does not fit.
    """

    @property
    def number(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def key_bytes(self) -> int: ...

    def seal(self, key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes: ...

    def open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Aes256Gcm:
    """NIST SP 800-38D with a 256-bit key; the default."""

    number: int = 1
    name: str = "aes-256-gcm"
    key_bytes: int = 32

    def seal(self, key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
        return AESGCM(key).encrypt(nonce, plain, aad)

    def open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        return AESGCM(key).decrypt(nonce, sealed, aad)


@dataclass(frozen=True, slots=True)
class Sm4Gcm:
    """GB/T 32907 SM4 in Galois counter mode, for installations under GB/T 39786 (商用密码应用)."""

    number: int = 2
    name: str = "sm4-gcm"
    key_bytes: int = 16

    def seal(self, key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        if len(sealed) < TAG_BYTES:
            raise InvalidTag
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(aad)
        return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()


REGISTRY: tuple[Algorithm, ...] = (Aes256Gcm(), Sm4Gcm())
BY_NUMBER = {algorithm.number: algorithm for algorithm in REGISTRY}
BY_NAME = {algorithm.name: algorithm for algorithm in REGISTRY}
DEFAULT = REGISTRY[0]
