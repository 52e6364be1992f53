"""Who may pass: by the name, by the method, by the token; and the headers that every answer carries."""

import pytest

pytest.importorskip("starlette")

from dicomsniff.live.web.door import host_of, is_loopback, names_of
from tests.live.web.served import request, serving

TOKEN = "a-token-of-some-length"


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("localhost:8104", "localhost"),
        ("LOCALHOST", "localhost"),
        ("[::1]:8104", "::1"),
        ("10.0.0.1", "10.0.0.1"),
        ("", ""),
    ],
)
def test_a_host_is_what_stands_before_the_port(header: str, host: str) -> None:
    assert host_of(header) == host


def test_loopback_is_called_by_its_own_names_only() -> None:
    named = names_of("127.0.0.1", frozenset({"pacs.example.org"}))
    assert all(map(named, ("127.0.0.1", "localhost", "::1")))
    assert not any(
        map(named, ("pacs.example.org", "evil.example", "10.0.0.1", "", "localhost.evil.example", "127.0.0.1.nip.io"))
    )


def test_an_address_of_this_machine_is_called_by_addresses_and_its_own_name() -> None:
    named = names_of("0.0.0.0", frozenset({"pacs.example.org"}))
    assert all(map(named, ("127.0.0.1", "10.0.0.1", "pacs.example.org"))) and not named("evil.example")
    assert is_loopback("127.0.0.5") and is_loopback("::1") and is_loopback("localhost") and not is_loopback("0.0.0.0")


def test_another_name_leads_nowhere() -> None:
    with serving() as served:
        for host in ("evil.example", f"evil.example:{served.server.port}", ""):
            for path in ("/", "/events", "/associations/1"):
                assert served.get(path, Host=host).status == 421
        assert served.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n").status in (400, 421)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed(method: str) -> None:
    with serving() as served:
        assert served.send(request("/", method, Host="localhost", Content_Length="0")).status == 405


def test_without_its_token_nothing_is_shown() -> None:
    with serving(TOKEN) as served:
        for path in ("/", "/events", "/associations/1", "/?token=wrong", "/?token=", "/?token=a-token-of-some-lengthX"):
            answer = served.get(path)
            assert answer.status == 401 and TOKEN not in answer.text
        assert served.get("/", Cookie="dicomsniff-live=guess; x").status == 401
        assert served.get("/", Authorization=f"Bearer {TOKEN}").status == 200
        assert served.get("/", Authorization=f"Basic {TOKEN}").status == 401


def test_the_token_in_the_address_becomes_a_cookie_that_scripts_cannot_read() -> None:
    with serving(TOKEN) as served:
        sent_on = served.get(f"/?token={TOKEN}")
        cookie = sent_on.headers["set-cookie"]
        assert sent_on.status == 303 and sent_on.headers["location"] == "/" and TOKEN not in cookie
        assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
        assert served.get("/", Cookie=cookie.split(";")[0]).status == 200


def test_every_answer_forbids_what_browsers_may_be_talked_into() -> None:
    with serving() as served:
        for path in ("/", "/events-that-are-not", "/associations/1/x"):
            headers = served.get(path).headers
            assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
            assert "frame-ancestors 'none'" in policy and "sha256-" in policy
        assert served.get("/events", Sec_Fetch_Site="cross-site").status == 403
        assert served.get("/", Sec_Fetch_Site="cross-site").status == 200, "a link from elsewhere may lead here"
