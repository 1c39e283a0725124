"""Web: what every request and answer must keep: own host, own origin, small bodies, strict headers."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web

SMALL_BODY = 256 * 1024
LARGEST_BODY = 6 * 1024 * 1024
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it a browser sends `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OPEN = frozenset({"/healthz", "/readyz", "/metrics"})
"""What machines ask for, without a login and under any name."""
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_guard(hosts: Collection[str], uploads: Collection[str]) -> Callable[..., Awaitable[web.StreamResponse]]:
    """A middleware. hosts: names besides localhost and bare addresses under which the pages may be asked for.

    A foreign name that resolves to this machine (DNS rebinding) is refused, as is a form sent from another site.
    uploads: paths whose bodies may be larger than SMALL_BODY.
    """

    @web.middleware
    async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.path not in OPEN and not _is_own(request.host, hosts):
            raise web.HTTPForbidden(text=f"不接受用 {request.host[:80]} 这个名字访问 (unknown host name)\n")
        if _is_drawn_in(request):
            raise web.HTTPForbidden(text="只接受本页面发出的请求 (cross-site request refused)\n")
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            if not _is_same_origin(request):
                raise web.HTTPForbidden(text="只接受本页面发出的请求 (cross-site request refused)\n")
            if request.path not in uploads:
                if (request.content_length or 0) > SMALL_BODY:
                    raise web.HTTPRequestEntityTooLarge(SMALL_BODY, request.content_length or 0)
                request = request.clone(client_max_size=SMALL_BODY)
        return await handler(request)

    return guard


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """For `on_response_prepare`: every answer carries the same strict headers."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")


def _is_own(host: str, hosts: Collection[str]) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost") or name in hosts:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_same_origin(request: web.Request) -> bool:
    """Browsers say where a request comes from; what says nothing (curl) is not driven by another site."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.host
    except ValueError:
        return False


def _is_drawn_in(request: web.Request) -> bool:
    """Whether another site's page asks for it behind its visitor's back, instead of leading the visitor here."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site in ("cross-site", "same-site") and request.headers.get("Sec-Fetch-Mode") != "navigate"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
