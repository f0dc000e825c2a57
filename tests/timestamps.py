"""A time stamping authority and an OpenTimestamps calendar of the tests, with every fault that one can have.

Tokens are made here, byte by byte, since no tool makes a wrong one on purpose. Keys are new in each run.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# DER ------------------------------------------------------------------------------------------------------------------

SHA256 = "2.16.840.1.101.3.4.2.1"
SHA1 = "1.3.14.3.2.26"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"


def tlv(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*contents: bytes) -> bytes:
    return tlv(0x30, *contents)


def set_of(*contents: bytes) -> bytes:
    return tlv(0x31, *sorted(contents))


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    return tlv(0x04, value)


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for number in (first * 40 + second, *rest):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return tlv(0x06, bytes(content))


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents of what stands one after another."""
    found, position = [], 0
    while position < len(data):
        tag, size = data[position], data[position + 1]
        position += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[position : position + count], "big")
            position += count
        found.append((tag, data[position : position + size]))
        position += size
    return found


# The authority --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answering:
    """How a request is answered. What is not named is as it should be."""

    status: int = 0
    words: str = ""
    time: datetime | None = None  # now
    nonce: int | None = None  # that of the request
    no_nonce: bool = False
    imprint: bytes | None = None  # that of the request
    algorithm: str = SHA256
    signature: bytes | None = None
    certificates: bool = True
    token: bool = True


@dataclass
class TimeAuthority:
    """A root, and a certificate for time stamps that it signed."""

    usage: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.TIME_STAMPING,)
    usage_critical: bool = True
    usage_named: bool = True
    begins: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=30))
    ends: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=365))
    name: str = "Test Time Stamps"
    link: bool = False  # a certificate between the root's and the signer's, which no answer brings

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        root_key, link_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.root = self._certificate(f"{self.name} Root", root_key.public_key(), None, root_key)
        self.linking = self._certificate(f"{self.name} Link", link_key.public_key(), self.root, root_key)
        issuer, key = (self.linking, link_key) if self.link else (self.root, root_key)
        self.signer = self._certificate(self.name, self._key.public_key(), issuer, key, signs=True)

    def _certificate(
        self,
        name: str,
        public: ec.EllipticCurvePublicKey,
        issuer: x509.Certificate | None,
        key: ec.EllipticCurvePrivateKey,
        *,
        signs: bool = False,
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        more = timedelta(0) if signs else timedelta(days=3650)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.subject if issuer else subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.begins - more)
            .not_valid_after(self.ends + more)
            .add_extension(x509.BasicConstraints(ca=not signs, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        )
        if signs and self.usage_named:
            made = made.add_extension(x509.ExtendedKeyUsage(self.usage), critical=self.usage_critical)
        return made.sign(key, hashes.SHA256())

    def roots(self) -> bytes:
        """The root, as PEM."""
        return self.root.public_bytes(serialization.Encoding.PEM)

    def between(self) -> bytes:
        """The certificate between the root and the signer's, as PEM."""
        return self.linking.public_bytes(serialization.Encoding.PEM)

    def answer(self, request: bytes, how: Answering | None = None) -> bytes:
        """The whole TimeStampResp for a TimeStampReq."""
        how = how or Answering()
        words = sequence(tlv(0x0C, how.words.encode())) if how.words else b""
        status = sequence(integer(how.status), words)
        if how.status > 1 or not how.token:
            return sequence(status)
        return sequence(status, self._token(request, how))

    def _token(self, request: bytes, how: Answering) -> bytes:
        _, imprint, nonce = read_request(request)
        if how.nonce is not None:
            nonce = how.nonce
        time = how.time or datetime.now(UTC)
        info = sequence(
            integer(1),
            oid("1.3.6.1.4.1.99999.1"),
            sequence(sequence(oid(how.algorithm), tlv(0x05)), octets(how.imprint or imprint)),
            integer(4711),
            tlv(0x18, time.strftime("%Y%m%d%H%M%SZ").encode()),
            b"" if how.no_nonce else integer(nonce),
        )
        certificate = self.signer.public_bytes(serialization.Encoding.DER)
        attributes = sorted(
            [
                sequence(oid(CONTENT_TYPE), set_of(oid(TST_INFO))),
                sequence(oid(MESSAGE_DIGEST), set_of(octets(hashlib.sha256(info).digest()))),
                sequence(
                    oid(SIGNING_CERTIFICATE_V2),
                    set_of(sequence(sequence(sequence(octets(hashlib.sha256(certificate).digest()))))),
                ),
            ]
        )
        signature = how.signature or self._key.sign(tlv(0x31, *attributes), ec.ECDSA(hashes.SHA256()))
        signer_info = sequence(
            integer(1),
            sequence(self.signer.issuer.public_bytes(), integer(self.signer.serial_number)),
            sequence(oid(SHA256)),
            tlv(0xA0, *attributes),
            sequence(oid(ECDSA_SHA256)),
            octets(signature),
        )
        signed = sequence(
            integer(3),
            set_of(sequence(oid(SHA256))),
            sequence(oid(TST_INFO), tlv(0xA0, octets(info))),
            tlv(0xA0, certificate) if how.certificates else b"",
            set_of(signer_info),
        )
        return sequence(oid(SIGNED_DATA), tlv(0xA0, signed))


def read_request(request: bytes) -> tuple[bool, bytes, int]:
    """Whether a TimeStampReq wants the certificate, its imprint, and its nonce."""
    ((_, content),) = elements(request)
    (_, version), (_, imprint), (_, nonce), (_, wanted) = elements(content)
    assert version == b"\x01"
    (_, algorithm), (_, digest) = elements(imprint)
    assert elements(algorithm)[0] == elements(oid(SHA256))[0]
    return wanted == b"\xff", digest, int.from_bytes(nonce, "big")


# The calendar ---------------------------------------------------------------------------------------------------------


def uint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def counted(value: bytes) -> bytes:
    return uint(len(value)) + value


def pending(address: str) -> bytes:
    return b"\x00" + bytes.fromhex("83dfe30d2ef90c8e") + counted(counted(address.encode()))


def in_block(height: int) -> bytes:
    return b"\x00" + bytes.fromhex("0588960d73d71901") + counted(uint(height))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@dataclass
class Calendar:
    """A calendar, and a chain of one block that it can put its commitments into."""

    salt: bytes = b"\x05" * 8
    height: int = 870_000
    time: datetime = datetime(2024, 11, 12, 13, 14, 15, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.address = ""
        self.commitments: dict[bytes, bytes] = {}  # what is asked for later → its message in the block
        self.mined = False

    def digest(self, message: bytes) -> bytes:
        """The answer to POST /digest."""
        commitment = sha256(message + self.salt)
        self.commitments[commitment] = sha256(sha256(b"\x01" * 32 + commitment))
        return b"\xf0" + counted(self.salt) + b"\x08" + pending(self.address)

    def timestamp(self, commitment: bytes) -> bytes | None:
        """The answer to GET /timestamp/COMMITMENT, None where there is none yet."""
        if not self.mined or commitment not in self.commitments:
            return None
        return b"\xf1" + counted(b"\x01" * 32) + b"\x08\x08" + in_block(self.height)

    def header(self, *, root: bytes | None = None) -> str:
        """The header of the block with the one commitment in it, hexadecimal."""
        root = root or next(iter(self.commitments.values()))
        nonce = 0
        while True:
            header = (
                (4).to_bytes(4, "little")
                + b"\x07" * 32
                + root
                + int(self.time.timestamp()).to_bytes(4, "little")
                + 0x207FFFFF.to_bytes(4, "little")
                + nonce.to_bytes(4, "little")
            )
            if int.from_bytes(sha256(sha256(header)), "little") <= 0x7FFFFF << 8 * (0x20 - 3):
                return header.hex()
            nonce += 1


# Both on loopback -----------------------------------------------------------------------------------------------------

Reply = Callable[[str, bytes], tuple[int, bytes] | None]  # from path and body to status and body; None hangs up


class Listening:
    """A server on loopback for POST and GET. `replies` may be exchanged while it runs; `asked` is what came in."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        listening = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                listening.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                answer = listening.reply(self.path, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, content = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.place = f"127.0.0.1:{self._server.server_address[1]}"
        self.address = f"http://{self.place}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def of_calendar(calendar: Calendar) -> Reply:
    def reply(path: str, body: bytes) -> tuple[int, bytes] | None:
        if path == "/digest":
            return 200, calendar.digest(body)
        found = calendar.timestamp(bytes.fromhex(path.removeprefix("/timestamp/")))
        return (404, b"Pending confirmation in Bitcoin blockchain") if found is None else (200, found)

    return reply


def stamping(authority: TimeAuthority, how: Answering | None = None) -> Reply:
    """A time stamping authority as a server."""

    def reply(path: str, request: bytes) -> tuple[int, bytes]:
        return 200, authority.answer(request, how)

    return reply


def always(status: int, body: bytes = b"") -> Reply:
    """The same answer to whatever is asked."""

    def reply(path: str, request: bytes) -> tuple[int, bytes]:
        return status, body

    return reply
