"""Time stamps of RFC 3161: a request, and what its answer is worth.

`rfc3161-client` reads tokens and checks signatures and chains, at the token's time. What it leaves open is done here: the nonce
is 64 random bits, a grant with modifications is a grant, and no two certificates may pass for the signer's.
"""

from __future__ import annotations

import hashlib
import secrets
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from archiver.anchors.asking import ask
from archiver.errors import AnchorError, UsageError

if TYPE_CHECKING:  # these take long to load, and few commands need them
    import httpx
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

_SHA256 = "2.16.840.1.101.3.4.2.1"
_SHA256_IDENTIFIER = bytes.fromhex("300d06096086480165030402010500")
_INTEGER, _SEQUENCE = 0x02, 0x30
_GRANTED = 0
_STATUSES = ("granted", "granted with modifications", "rejected", "waiting", "warned of revocation", "revoked")
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Token:
    """What a time stamp says. `accuracy_seconds` is how far its time may be off, where it tells."""

    time: datetime
    accuracy_seconds: float | None
    nonce: int | None
    imprint: bytes
    signer: str
    serial: int
    policy: str


def stamp(transport: httpx.BaseTransport, url: str, data: bytes, user_agent: str) -> tuple[bytes, Token]:
    """The whole answer of an authority over the SHA-256 of `data`, and what its token says.

    Raises AnchorError where it is refused, is not an answer to this question, or is not signed for time stamping. The signature
    and its chain are for `verify`, for they need roots.
    """
    digest, nonce = hashlib.sha256(data).digest(), secrets.randbits(64)
    headers = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
        "User-Agent": user_agent,
    }
    asked = ask(transport, url, headers, request(digest, nonce))
    if asked.status != 200:
        raise AnchorError(f"answered with HTTP {asked.status}")
    token = read(asked.body)
    if token.imprint != digest:
        raise AnchorError("the token is over other bytes")
    if token.nonce != nonce:
        raise AnchorError("the token is an answer to another question: its nonce is not the one that was sent")
    return asked.body, token


def request(digest: bytes, nonce: int) -> bytes:
    """A TimeStampReq, DER: version 1, the digest as its imprint, the nonce, and that the certificate is wanted."""
    imprint = _tlv(_SEQUENCE, _SHA256_IDENTIFIER + _tlv(0x04, digest))
    number = nonce.to_bytes(nonce.bit_length() // 8 + 1, "big")
    return _tlv(_SEQUENCE, b"\x02\x01\x01" + imprint + _tlv(_INTEGER, number) + b"\x01\x01\xff")


def read(answer: bytes) -> Token:
    """What the token of a whole answer says, and that its certificate is one for time stamping. Raises AnchorError.

    Nothing here speaks for the signature: see `verify`.
    """
    response = _response(answer)
    with _translated("the token cannot be read"):
        info = response.tst_info
        imprint, accuracy = info.message_imprint, info.accuracy
        if imprint.hash_algorithm.dotted_string != _SHA256:
            raise AnchorError(f"the token is over another kind of digest ({imprint.hash_algorithm.dotted_string})")
        return Token(
            time=info.gen_time,
            accuracy_seconds=_seconds(accuracy.seconds, accuracy.millis, accuracy.micros) if accuracy else None,
            nonce=info.nonce,
            imprint=bytes(imprint.message),
            signer=_signer(response).subject.rfc4514_string(),
            serial=info.serial_number,
            policy=info.policy.dotted_string,
        )


def verify(answer: bytes, data: bytes, roots: Sequence[Certificate]) -> Token:
    """What the token says, its signature checked, and its chain up to one of `roots` as of its own time. Raises AnchorError."""
    from rfc3161_client import VerificationError, VerifierBuilder

    token = read(answer)
    if token.imprint != hashlib.sha256(data).digest():
        raise AnchorError("the token is over other bytes")
    try:
        with _translated("the token cannot be checked"):
            VerifierBuilder(roots=list(roots)).build().verify(_response(answer), token.imprint)
    except VerificationError as error:
        when = f"{token.time:%Y-%m-%dT%H:%M:%SZ}"
        raise AnchorError(f"no valid chain at {when} to the roots that were given: {_reason(error)}") from None
    return token


def read_roots(path: Path) -> tuple[Certificate, ...]:
    """The certificates of a file of PEM blocks: the roots that the user trusts, and certificates that lead to them. One that it
    did not sign itself is no root. Raises UsageError."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        found = tuple(load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        raise UsageError(f"--tsa-roots {path}: {error.strerror}") from None
    except ValueError:
        found = ()
    if not any(one.issuer == one.subject for one in found):
        raise UsageError(f"--tsa-roots {path}: holds no root certificate in PEM")
    return found


def openssl_command(data: Path, answer: Path, roots: Path | None, time: datetime) -> str:
    """What anybody can type to check the same without this program, certificates taken as of the token's time."""
    where = quote(roots.as_posix()) if roots else "ROOTS.pem"
    return (
        f"openssl ts -verify -data {quote(data.as_posix())} -in {quote(answer.as_posix())}"
        f" -CAfile {where} -attime {int(time.timestamp())}"
    )


def told(token: Token) -> str:
    """Its time as people read it, with how far it may be off."""
    accuracy = f" (± {token.accuracy_seconds:g} s)" if token.accuracy_seconds else ""
    return f"{token.time:%Y-%m-%d %H:%M:%S} UTC{accuracy}"


def _response(answer: bytes) -> TimeStampResponse:
    """The answer as the library reads it, where the authority granted a token."""
    from rfc3161_client import decode_timestamp_response

    tag, content, behind = _first(answer)
    if tag != _SEQUENCE or behind:
        raise AnchorError("the answer is no time stamp response")
    tag, status, token = _first(content)
    kind, number, words = _first(status)
    if tag != _SEQUENCE or kind != _INTEGER:
        raise AnchorError("the answer is no time stamp response")
    code = int.from_bytes(number, "big", signed=True)
    if code not in (0, 1) or not token:
        name = _STATUSES[code] if 0 <= code < len(_STATUSES) else f"status {code}"
        raise AnchorError(f"no token: {name}{_said(words)}")
    # The library takes a grant with modifications for none. Which of the two it is stands outside of what is signed.
    granted = _tlv(_SEQUENCE, _tlv(_SEQUENCE, _tlv(_INTEGER, bytes([_GRANTED]))) + token)
    with _translated("the answer cannot be read"):
        return decode_timestamp_response(granted)


def _signer(response: TimeStampResponse) -> Certificate:
    """The one certificate that the token names as its signer's, made for time stamping and nothing else (RFC 3161, 2.3)."""
    from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound, load_der_x509_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID

    signers = list(response.signed_data.signer_infos)
    certificates = [load_der_x509_certificate(one) for one in response.signed_data.certificates]
    if len(signers) != 1:
        raise AnchorError(f"the token has {len(signers)} signers")
    named = [one for one in certificates if (one.issuer, one.serial_number) == (signers[0].issuer, signers[0].serial_number)]
    if len(named) != 1:
        raise AnchorError(f"the token brings {len(named) or 'no'} certificates of its signer")
    try:
        usage = named[0].extensions.get_extension_for_class(ExtendedKeyUsage)
    except ExtensionNotFound:
        raise AnchorError("the signer's certificate is not made for time stamping") from None
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise AnchorError("the signer's certificate is not made for time stamping alone, and critically so")
    return named[0]


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """What the libraries find wrong with a stranger's bytes, as an AnchorError; what they only warn of is nothing."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (
        ValueError,
        KeyError,
        DuplicateExtension,
        InvalidVersion,
        UnsupportedAlgorithm,
        UnsupportedGeneralNameType,
    ) as error:
        raise AnchorError(f"{what}: {error}") from None


def _seconds(seconds: int | None, millis: int | None, micros: int | None) -> float:
    return (seconds or 0) + (millis or 0) / 1e3 + (micros or 0) / 1e6


def _reason(error: Exception) -> str:
    """The library's words, of OpenSSL's list of errors the reason alone."""
    words = str(error)
    _, mark, reason = words.partition('reason: "')
    return reason.partition('"')[0] if mark else words


def _said(words: bytes) -> str:
    """What the authority says of its refusal, where that can be read."""
    if not words or words[0] != _SEQUENCE:
        return ""
    _, content, _ = _first(words)
    _, text, _ = _first(content) if content else (0, b"", b"")
    return f": {text.decode('utf-8', 'replace')[:_MOST_WORDS]}" if text else ""


# Of DER, what it takes to ask, and to see an answer's status before anything else reads it.


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _first(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first element, and what comes after it. Raises AnchorError."""
    size, begin = data[1] if len(data) > 1 else 0, 2
    if size & 0x80:
        begin = 2 + (size & 0x7F)
        size = int.from_bytes(data[2:begin], "big") if begin > 2 else len(data)
    if len(data) < max(begin, 2) or begin + size > len(data):
        raise AnchorError("the answer is no time stamp response: it is cut, or no DER")
    return data[0], data[begin : begin + size], data[begin + size :]
