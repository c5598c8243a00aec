"""The documentation pages: OpenAPI in a vendored viewer, and one page a problem.

Nothing here makes a browser ask another host: the viewer is served from `static/` and its page
forbids every outside request by its content security policy.
"""

import hashlib
import html
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from shared.http.catalogue import Entry
from shared.http.problem import Problem

_STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8"}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
}


def routes(
    title: str, document: Callable[[], Mapping[str, Any]], entries: Mapping[str, Entry]
) -> list[Route]:
    """Return the routes of the documentation of one service."""
    page = _viewer_page(title)
    files = {path.name: path for path in _STATIC.iterdir() if path.suffix in _TYPES}

    async def viewer(request: Request) -> Response:
        return HTMLResponse(page, headers=_HEADERS)

    async def openapi(request: Request) -> Response:
        encoded = msgspec.json.encode(document())
        return Response(encoded, media_type="application/json")

    async def static(request: Request) -> Response:
        path = files.get(request.path_params["name"])
        if path is None:
            raise Problem("not-found")
        content = path.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "public, max-age=3600"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=_TYPES[path.suffix])

    return [
        Route("/docs", viewer, methods=["GET"]),
        Route("/docs/static/{name}", static, methods=["GET"]),
        Route("/openapi.json", openapi, methods=["GET"]),
        *_problem_routes(entries),
    ]


def _viewer_page(title: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title>"
        '<link rel="icon" href="data:,"></head><body><div id="viewer"></div>'
        '<script type="module" src="/docs/static/start.js"></script></body></html>'
    )


def _problem_routes(entries: Mapping[str, Entry]) -> list[Route]:
    async def listed(request: Request) -> Response:
        items = "".join(
            f'<li><a href="/problems/{code}">{code}</a> ({entry.status}): '
            f"{html.escape(entry.title)}"
            for code, entry in sorted(entries.items())
        )
        return _page("Problems", f"<ul>{items}</ul>")

    async def explained(request: Request) -> Response:
        entry = entries.get(request.path_params["code"])
        if entry is None:
            raise Problem("not-found")
        again = "may be repeated" if entry.retryable else "must be changed before it is repeated"
        return _page(
            entry.code,
            f"<p>{html.escape(entry.title)} (status {entry.status}).<p>{html.escape(entry.advice)}"
            f"<p>The request {again}.",
        )

    return [
        Route("/problems", listed, methods=["GET"]),
        Route("/problems/{code}", explained, methods=["GET"]),
    ]


def _page(title: str, content: str) -> Response:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="icon" href="data:,"></head><body><h1>{title}</h1>{content}</body></html>',
        headers=_HEADERS,
    )
