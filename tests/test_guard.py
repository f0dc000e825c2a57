"""No connection is made to an address that is not public, whatever asked for it. Resolver and connect call are replaced by
recorders; no address beyond loopback is ever connected to."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from archiver.capture.guard import Allowance, Door, allowance
from archiver.capture.live import LiveTransport
from archiver.capture.networks import refusal
from archiver.capture.recorder import Recorder
from archiver.errors import CaptureError, UsageError
from tests.servers import LIMITS, PUBLIC, Authority, Dialled, Elsewhere, door, fetch, serving

FORBIDDEN = [
    # loopback, this network
    "127.0.0.1", "127.1.2.3", "127.255.255.255", "0.0.0.0", "0.1.2.3",
    # private, shared, one link
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.0", "192.168.1.1", "192.168.255.255",
    "100.64.0.1", "100.127.255.255", "169.254.0.1", "169.254.169.254", "169.254.170.2", "100.100.100.200",
    # metadata, protocols, relays, documentation, benchmarks, multicast, reserved
    "192.0.0.1", "192.0.0.9", "192.0.0.192", "168.63.129.16", "192.88.99.1", "192.0.2.1", "198.51.100.1", "203.0.113.1",
    "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    # IPv6
    "::1", "::", "::2", "fe80::1", "fe80::1%lo", "2606:4700::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1",
    "100::1", "100:0:0:1::1", "2001:db8::1", "3fff::1", "3fff:fff::1", "5f00::1", "4000::1", "1fff:ffff::1",
    # IPv4 in IPv6
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:7f00:1",
    "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:808:808::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:10::1", "2001:20::1", "2001:2::1", "::5efe:7f00:1",
    "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:7f00:1", "::ffff:1.1.1.1%eth0",
    # no address
    "localhost", "", "1.2.3", "127.1", "0x7f.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_that_are_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "151.101.1.140", "172.15.255.255",
     "172.32.0.0", "191.255.255.255", "223.255.255.255", "::ffff:1.1.1.1", "2606:4700:4700::1111", "2a04:4e42::396", "2001:4860:4860::8888"],
)  # fmt: skip
def test_addresses_that_are_allowed(address: str) -> None:
    assert refusal(address) is None


def as_system_resolves(host: str, port: int) -> list[str]:
    """What glibc makes of a host that is written as a number, and of names of this machine; nobody is asked."""
    if host.rstrip(".").lower() in ("localhost", "localhost.localdomain", "ip6-localhost"):
        return ["::1", "127.0.0.1"]
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except OSError:
        pass
    try:
        return [socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host.partition("%")[0]))]
    except OSError:
        return [PUBLIC]


# The cases of the design's list, by their numbers. Each is asked for as it stands.
LISTED = {
    # loopback
    1: "http://127.0.0.1/", 2: "http://127.1/", 3: "http://2130706433/", 4: "http://0x7f000001/", 5: "http://0177.0.0.1/",
    6: "http://0x7f.1/", 7: "http://017700000001/", 8: "http://127.0.0.01/", 9: "http://0/", 10: "http://0.0.0.0/",
    11: "http://localhost/", 12: "http://LOCALHOST/", 13: "http://localhost./", 14: "http://[::1]/", 15: "http://[::]/",
    16: "http://[::ffff:127.0.0.1]/", 17: "http://[::ffff:7f00:1]/",
    # IPv4 in IPv6, and odd IPv6
    18: "http://[::127.0.0.1]/", 19: "http://[::ffff:0:7f00:1]/", 20: "http://[64:ff9b::7f00:1]/",
    21: "http://[64:ff9b:1::7f00:1]/", 22: "http://[2002:7f00:1::]/", 23: "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    24: "http://[fe80::1%25lo]/", 25: "http://[::1%25lo]/", 26: "http://[fec0::1]/", 27: "http://[fd00:ec2::254]/",
    28: "http://[ff02::1]/", 29: "http://[::5efe:7f00:1]/", 30: "http://[2606:4700::5efe:7f00:1]/",
    # metadata and private
    31: "http://169.254.169.254/latest/meta-data/", 32: "http://169.254.170.2/", 33: "http://100.100.100.200/",
    34: "http://192.0.0.192/", 35: "http://168.63.129.16/", 36: "http://100.64.0.1/", 37: "http://10.0.0.1/",
    38: "http://172.31.255.255/", 39: "http://192.168.257/", 40: "http://198.18.0.1/", 41: "http://224.0.0.1/",
    42: "http://255.255.255.255/", 43: "http://192.88.99.1/",
    # confusion
    44: "http://①②⑦.⓪.⓪.①/", 45: "http://127。0。0。1/", 46: "http://localhost。/", 47: "http://good.example@127.0.0.1/",
    48: "http://127.0.0.1#@good.example/", 49: "http://good.example\\@127.0.0.1/", 50: "http://good.example:22/",
    51: "http://good.example:6379/", 52: "http://good.example:0/", 53: "http://good.example:99999/", 54: "http://good.example:-1/",
    # schemes and syntax
    55: "file:///etc/passwd", 56: "gopher://good.example/", 57: "ftp://good.example/", 58: "dict://good.example:2628/",
    59: "javascript:alert(1)", 60: "data:text/html,x", 61: "//127.0.0.1/", 62: "http:///x", 63: "http://good.example/\r\nX: y",
    64: "http://good.example/\x00", 65: "http://" + "a" * 300 + "/", 66: "http://a..b/", 67: "http://good.example%00.evil/",
    68: "unix:/var/run/docker.sock", 69: "http+unix://%2Fvar%2Frun/x",
}  # fmt: skip

# More of their kind.
MORE = [
    "https://127.0.0.1/", "http://127.0.0.1./", "http://127.0.0.1:80/", "http://127.0.0.1:443/", "http://[0:0:0:0:0:0:0:1]/",
    "http://[::0001]/", "http://127.000.000.001/", "http://0x7F.0x0.0x0.0x1/", "http://127.127.127.127/", "http://00000000177.1/",
    "http://[64:ff9b::a9fe:a9fe]/", "http://[::ffff:169.254.169.254]/", "http://[2002:a9fe:a9fe::]/", "http://[5f00::1]/",
    "http://[3fff::1]/", "http://[2001:db8::1]/", "http://[100::1]/", "http://[fc00::1]/", "http://[::ffff:0a00:0001]/",
    "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/", "http://169.254.43518/", "http://10.1/",
    "http://0xA.0x0.0x0.0x1/", "http://192.168.0.1/", "http://172.16.0.1/", "http://240.0.0.1/", "http://192.0.2.1/",
    "http://203.0.113.9/", "http://198.51.100.7/", "http://good.example:8080/", "https://good.example:8443/",
    "http://good.example:80@127.0.0.1/", "http://127.0.0.1?@good.example/", "http://１２７.0.0.1/",
    "http://good.example:080@[::1]/", "http://127.0.0.1%2f@good.example:22/", "http://localhost:80/", "http://ｌｏｃａｌｈｏｓｔ/",
    "http://", "", "/", "http:127.0.0.1", "https:/127.0.0.1/", "blob:http://good.example/", "view-source:http://good.example/",
    "ws://good.example/", "http://good.example\t.evil/", "http://[::1/", "http://::1/", "http://[good.example]/",
    "http://%31%32%37.0.0.1/", "http://good example/", "mailto:a@good.example",
]  # fmt: skip
ADDRESSES = [*LISTED.values(), *MORE]


@pytest.mark.parametrize(
    ("scheme", "host", "port"),
    [
        ("ftp", "good.example", None), ("file", "", None), ("http", "", None), ("http", "a..b", None), ("http", "-a.", 0),
        ("http", "good.example", 22), ("https", "good.example", 0), ("http", "127.1", None), ("http", "0x7f.1", None),
        ("http", "2130706433", 80), ("http", "1.2.3.4.5", None), ("http", "good.example.0x1", None), ("http", "a" * 64, None),
        ("http", ".".join(["a" * 63] * 4), None), ("http", "good%00.example", None), ("http", "bücher.example", None),
    ],
)  # fmt: skip
def test_what_is_no_host_is_refused_before_anybody_is_asked(scheme: str, host: str, port: int | None) -> None:
    opened, asked = door({}, Dialled())
    with pytest.raises(CaptureError) as raised:
        opened.check(scheme, host, port)
    assert (raised.value.reason, asked) == ("refused", [])
    opened.check("https", "good.example", None)
    opened.check("http", "xn--bcher-kva.example.", 443)


def test_the_list_is_whole_and_long_enough() -> None:
    assert list(LISTED) == list(range(1, 70))
    assert len(set(ADDRESSES)) == len(ADDRESSES)
    assert len(ADDRESSES) >= 120


@pytest.mark.parametrize(
    "url", ADDRESSES, ids=[*(f"{number}: {url[:50]!a}" for number, url in LISTED.items()), *map(ascii, MORE)]
)
def test_no_socket_is_opened_for_it(url: str) -> None:
    dialled = Dialled()
    made = Recorder(LiveTransport(Door((), as_system_resolves, dialled), LIMITS), user_agent="a test", max_body_bytes=1000)
    with pytest.raises(CaptureError) as raised:
        made.fetch(url)
    assert dialled.connected == []
    assert raised.value.reason in ("refused", "bad-url", "no-address")


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        [PUBLIC, "127.0.0.1"],  # one bad address refuses all
        ["::1", PUBLIC],
        ["64:ff9b::7f00:1"],
        ["::ffff:127.0.0.1"],
        [f"93.184.{high}.{low}" for high in range(4) for low in range(250)] + ["10.0.0.1"],
        ["fe80::1%eth0"],
        [],
    ],
    ids=["loopback", "mixed", "mixed, six first", "nat64", "mapped", "1,000 and a bad one", "scoped", "none"],
)
def test_b2_b3_b4_a_name_is_only_as_good_as_its_worst_address(addresses: list[str]) -> None:
    dialled = Dialled()
    opened, _ = door({"inside.example": addresses}, dialled)
    with pytest.raises(CaptureError):
        opened.open("inside.example", 80, 1.0)
    assert dialled.connected == []


def test_a_name_is_resolved_once_and_connected_to_where_it_was_checked() -> None:
    dialled = Dialled()
    opened, asked = door({"good.example": [PUBLIC, "1.1.1.1"]}, dialled)
    with pytest.raises(CaptureError, match="connects to nothing"):
        opened.open("good.example", 443, 1.0)
    assert asked == ["good.example"]
    assert dialled.connected == [(PUBLIC, 443), ("1.1.1.1", 443)]


def test_b9_of_a_thousand_addresses_few_are_tried() -> None:
    dialled = Dialled()
    opened, _ = door({"good.example": [f"93.184.{high}.{low}" for high in range(4) for low in range(250)]}, dialled)
    with pytest.raises(CaptureError):
        opened.open("good.example", 80, 1.0)
    assert len(dialled.connected) == 4


def rebinding(port: int) -> tuple[Door, list[list[str]], Dialled]:
    answers = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    dialled = Dialled(port)
    return Door((), lambda _, __: answers.pop(0), dialled), answers, dialled


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"


def test_b1_a_name_that_turns_inwards_is_refused_at_the_next_connection() -> None:
    with serving(lambda _: [ANSWER], closes=True) as server:
        opened, answers, dialled = rebinding(server.port)
        asking = Recorder(LiveTransport(opened, LIMITS), user_agent="a test", max_body_bytes=1000)
        assert asking.fetch("http://turns.example/1").body == b"body"
        with pytest.raises(CaptureError, match="loopback"):
            asking.fetch("http://turns.example/2")
        asking.close()
    assert dialled.connected == [(PUBLIC, 80)]
    assert len(answers) == 1  # one look-up a connection


def test_b7_a_connection_that_is_kept_stays_where_it_was_checked() -> None:
    with serving(lambda _: [ANSWER]) as server:
        opened, answers, dialled = rebinding(server.port)
        asking = Recorder(LiveTransport(opened, LIMITS), user_agent="a test", max_body_bytes=1000)
        assert [asking.fetch(f"http://turns.example/{number}").ip for number in range(3)] == [PUBLIC] * 3
        asking.close()
    assert (dialled.connected, len(answers)) == ([(PUBLIC, 80)], 2)


def test_the_peer_is_compared_with_what_was_checked() -> None:
    def astray(address: str, port: int, timeout_seconds: float) -> socket.socket:
        made = Elsewhere()
        made.asked = ("10.0.0.1", port)
        return made

    with pytest.raises(CaptureError, match=r"connected to 10\.0\.0\.1") as raised:
        Door((), lambda _, __: [PUBLIC], astray).open("good.example", 80, 1.0)
    assert raised.value.reason == "refused"


def test_b9_a_resolver_that_never_answers_is_not_waited_for() -> None:
    def slow(host: str, port: int) -> list[str]:
        time.sleep(2)
        return [PUBLIC]

    before, dialled = time.monotonic(), Dialled()
    with pytest.raises(CaptureError) as raised:
        Door((), slow, dialled).open("slow.example", 80, 0.1)
    assert (raised.value.reason, dialled.connected) == ("timeout", [])
    assert time.monotonic() - before < 1.5


def test_addresses_share_the_time_that_there_is() -> None:
    """Four that never answer take no longer than one would."""
    given: list[float] = []

    def silent(address: str, port: int, timeout_seconds: float) -> socket.socket:
        given.append(timeout_seconds)
        raise TimeoutError("timed out")

    with pytest.raises(CaptureError) as raised:
        Door((), lambda _, __: [PUBLIC, "1.1.1.1", "8.8.8.8", "9.9.9.9", "4.4.4.4"], silent).open("good.example", 80, 8.0)
    assert raised.value.reason == "timeout"
    assert given == pytest.approx([2.0, 8 / 3, 4.0, 8.0], abs=0.5)  # here none of it was used up
    assert len(given) == 4


@pytest.mark.parametrize("error", [socket.gaierror(socket.EAI_NONAME, "no"), UnicodeError("label too long"), OSError("loop")])
def test_b9_a_name_that_cannot_be_resolved(error: Exception) -> None:
    def fails(host: str, port: int) -> list[str]:
        raise error

    with pytest.raises(CaptureError) as raised:
        Door((), fails, Dialled()).open("none.example", 80, 1.0)
    assert raised.value.reason == "no-address"


def test_a_name_beyond_ascii_is_asked_for_by_its_ascii_form() -> None:
    dialled = Dialled()
    opened, asked = door({"xn--bcher-kva.example": [PUBLIC]}, dialled)
    made = Recorder(LiveTransport(opened, LIMITS), user_agent="a test", max_body_bytes=1000)
    with pytest.raises(CaptureError, match="connects to nothing"):
        made.fetch("http://bücher.example/")
    assert (asked, dialled.connected) == (["xn--bcher-kva.example"], [(PUBLIC, 80)])


def test_b5_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving(lambda _: [ANSWER]) as server:
        exchange = fetch("http://good.example/", server.port)
    assert exchange.body == b"body"
    assert server.requests[0].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("another authority", "unable to get local issuer|self.signed"),
        ("another name", "odd.example"),
        ("self-signed", "self.signed"),
        ("expired", "expired"),
        ("not yet", "not yet valid"),
    ],
)
def test_b10_a_certificate_that_does_not_fit_is_refused(trouble: str, words: str) -> None:
    authority, now = Authority(), datetime.now(UTC)
    validity = {
        "expired": {"not_before": now - timedelta(days=9), "not_after": now - timedelta(days=1)},
        "not yet": {"not_before": now + timedelta(days=1), "not_after": now + timedelta(days=9)},
    }.get(trouble, {})
    context = authority.server("else.example" if trouble == "another name" else "odd.example", **validity)
    if trouble == "self-signed":
        context = Authority().itself()
    trusted = (Authority() if trouble == "another authority" else authority).client()
    with serving(lambda _: [ANSWER], context) as server, pytest.raises(CaptureError, match=words) as raised:
        fetch("https://odd.example/", server.port, trusted=trusted)
    assert raised.value.reason == "certificate"
    assert server.requests == []


# What the user allows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "host", "address", "port", "opens"),
    [
        ("10.0.0.1", "intranet.example", "10.0.0.1", 80, True),
        ("10.0.0.1", "intranet.example", "10.0.0.2", 80, False),
        ("10.0.0.0/8", "intranet.example", "10.9.9.9", 443, True),
        ("10.0.0.0/8", "intranet.example", "11.9.9.9", 8080, False),
        ("10.0.0.0/8", "intranet.example", "127.0.0.1", 80, False),
        ("10.0.0.0/8", "intranet.example", "10.9.9.9", 8080, False),
        ("10.0.0.0/8:8080", "intranet.example", "10.9.9.9", 8080, True),
        ("10.0.0.0/8:8080", "good.example", PUBLIC, 8080, False),  # a port is allowed there and nowhere else
        ("intranet.example", "intranet.example", "10.0.0.1", 80, True),
        ("Intranet.Example.", "intranet.example", "10.0.0.1", 80, True),
        ("intranet.example", "other.example", "10.0.0.1", 80, False),
        ("intranet.example", "sub.intranet.example", "10.0.0.1", 80, False),
        ("intranet.example:8080", "intranet.example", "10.0.0.1", 8080, True),
        ("intranet.example:8080", "intranet.example", "10.0.0.1", 80, False),
        ("fd00::/8", "six.example", "fd00::1", 80, True),
        ("[::1]:8080", "six.example", "::1", 8080, True),
        ("::1", "six.example", "::1", 80, True),
        ("64:ff9b::/96", "six.example", "64:ff9b::101:101", 80, True),
        ("64:ff9b::/96", "six.example", "64:ff9b::7f00:1", 80, False),  # what it stands for is checked
        ("64:ff9b:1::/48", "six.example", "64:ff9b:1::101:101", 80, True),
        ("64:ff9b:1::/48", "six.example", "64:ff9b:1::7f00:1", 80, False),
    ],
)
def test_what_is_allowed_is_what_was_named(allowed: str, host: str, address: str, port: int, opens: bool) -> None:
    dialled = Dialled()
    opened, _ = door({host: [address]}, dialled, [allowance(allowed)])
    asking = Recorder(LiveTransport(opened, LIMITS), user_agent="a test", max_body_bytes=1000)
    with pytest.raises(CaptureError) as raised:
        asking.fetch(f"http://{host}:{port}/")
    assert dialled.connected == ([(address, port)] if opens else [])
    assert raised.value.reason == ("no-connection" if opens else "refused")


@pytest.mark.parametrize("text", ["", "10.0.0.0/99", "a/b", "host:99999", "host:0", "[::1", "10.0.0.1/8", "a:b:c:x"])
def test_an_allowance_that_is_none(text: str) -> None:
    with pytest.raises(UsageError, match="--allow-private"):
        allowance(text)


def proxied(port: int, allowed: list[Allowance] | None = None) -> tuple[LiveTransport, Dialled, list[str]]:
    import httpx

    dialled = Dialled(ports={3128: port})
    opened, asked = door({"proxy.example": ["10.0.0.9"]}, dialled, allowed or [], proxy=("proxy.example", 3128))
    address = httpx.URL("http://user:canary-password@proxy.example:3128")
    return LiveTransport(opened, LIMITS, proxy=address), dialled, asked


def test_a_proxy_that_the_user_named_is_asked_and_resolves_the_names() -> None:
    with serving(lambda _: [ANSWER]) as server:
        transport, dialled, asked = proxied(server.port)
        asking = Recorder(transport, user_agent="a test", max_body_bytes=1000)
        exchange = asking.fetch("http://good.example/x")
        for url in (
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://good.example:22/",
            "http://localhost/",
            "http://a.localhost./",
        ):
            with pytest.raises(CaptureError):
                asking.fetch(url)
        asking.close()
    assert (exchange.body, exchange.ip) == (b"body", None)  # its address is not that of the origin
    assert (dialled.connected, asked) == ([("10.0.0.9", 3128)], ["proxy.example"])
    assert server.requests[0].startswith(b"GET http://good.example/x HTTP/1.1\r\n")
    assert b"canary" not in exchange.request_head
    assert exchange.redacted == ("Proxy-Authorization",)
