"""Requests in, those that may pass handed on: by the name they call this host, by their method, and by the token they carry.

The name is checked because a page elsewhere may have its own name lead to 127.0.0.1 (DNS rebinding): its requests arrive
here under that name.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dicomsniff.live.web.page import message, policy_of_page

COOKIE = "dicomsniff-live"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Door:
    """Wraps an application. `named` says whether a host may be called so; without a `token` whoever comes may pass."""

    def __init__(self, app: ASGIApp, named: Callable[[str], bool], token: str | None = None) -> None:
        self._app, self._named, self._token = app, named, token
        self._session = secrets.token_urlsafe(32)  # what the cookie holds: the token itself is kept nowhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # no WebSockets, and nothing is begun or ended with the server
        response = self._refusal(scope) or self._admission(scope)
        await (response or self._app)(scope, receive, _guarded(send))

    def _refusal(self, scope: Scope) -> Response | None:
        """Why a request may not pass, whoever sent it."""
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or not self._named(host_of(hosts[0])):
            text = "This address is served under its own name only. Use the one that dicomsniff named when it began."
            return said(421, "Not this host", text)
        if scope["method"] not in ("GET", "HEAD"):
            return said(405, "Not so", "Here is only something to read.", {"Allow": "GET, HEAD"})
        if Headers(scope=scope).get("sec-fetch-site") == "cross-site" and scope["path"] != "/":
            return said(403, "Not from there", "Another site's page may not read this.")
        return None

    def _admission(self, scope: Scope) -> Response | None:
        """What is asked of those who bring no token; who brings it in the address is sent on without it."""
        if self._token is None or self._carries(scope):
            return None
        given = QueryParams(scope["query_string"].decode("latin-1")).get("token")
        if given is None or not _same(given, self._token):
            return said(
                401, "A token is needed", "Open the address that dicomsniff wrote when it began: it ends in ?token=…"
            )
        response = RedirectResponse(scope["path"], 303)
        response.set_cookie(COOKIE, self._session, httponly=True, samesite="strict")
        return response

    def _carries(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._token is not None and _same(given.strip(), self._token):
            return True
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return morsel is not None and _same(morsel.value, self._session)


def said(status: int, title: str, text: str, headers: dict[str, str] | None = None) -> HTMLResponse:
    """A page that says why there is no other."""
    return HTMLResponse(message(title, text), status, headers)


def host_of(header: str) -> str:
    """The host in a Host header: without the port, an IPv6 address without its brackets, in lower case."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def names_of(bound: str, own: frozenset[str]) -> Callable[[str], bool]:
    """How an address that is bound may be called: loopback only by its own names; else also by any address, which no
    page's name can lead to, and by the `own` names of this machine."""
    loopback = is_loopback(bound)

    def named(host: str) -> bool:
        if host == "localhost" or host == bound.lower():
            return True
        try:
            return ipaddress.ip_address(host).is_loopback or not loopback
        except ValueError:
            return not loopback and host in own

    return named


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what is bound there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())


def _guarded(send: Send) -> Send:
    """Adds the headers that every answer carries."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", policy_of_page())
        await send(message)

    return sending
