"""The mailbox in a browser: a list and one message, as pages and as JSON.

Nothing a message contains is ever interpreted: text is escaped, HTML is shown as its source, and
the page may load nothing from anywhere.
"""

from email.message import EmailMessage
from typing import Protocol

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

LISTED_MAX = 200
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; "
    "form-action 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c2330; background: #fbfbf9 }
h1 { font-size: 1.4rem } a { color: #17528c } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid #ddd9d0;
  vertical-align: top } th { font-weight: 600 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #fff; border: 1px solid #ddd9d0;
  border-radius: 4px; padding: 1rem; font: 15px/1.5 ui-monospace, monospace }
"""
_TEMPLATES = {
    "page": """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %} · Forbear mailbox</title>
<link rel="stylesheet" href="/style.css"></head><body>{% block body %}{% endblock %}</body></html>
""",
    "list": """{% extends "page" %}{% block title %}Messages{% endblock %}{% block body %}
<h1>Development mailbox</h1>
<p>Every e-mail that Forbear sends on this machine ends here and goes nowhere else.</p>
{% if messages %}<table><thead><tr><th>Received</th><th>To</th><th>Subject</th></tr></thead><tbody>
{% for each in messages %}<tr><td>{{ each.received_at }}</td><td>{{ each.to }}</td>
<td><a href="/messages/{{ each.id }}">{{ each.subject or "(no subject)" }}</a></td></tr>
{% endfor %}</tbody></table>{% else %}<p>No messages yet.</p>{% endif %}{% endblock %}
""",
    "message": """{% extends "page" %}{% block title %}{{ message.subject }}{% endblock %}
{% block body %}<p><a href="/">All messages</a></p><h1>{{ message.subject or "(no subject)" }}</h1>
<table><tbody>{% for name, value in message.headers %}<tr><th scope="row">{{ name }}</th>
<td>{{ value }}</td></tr>{% endfor %}</tbody></table>
{% if message.text %}<pre>{{ message.text }}</pre>{% endif %}
{% if message.html %}<h2>HTML part, as source</h2><pre>{{ message.html }}</pre>{% endif %}
{% endblock %}
""",
}


class Messages(Protocol):
    """Where the messages are."""

    def names(self) -> list[str]:
        """Return the names of all messages, newest first."""
        ...

    def read(self, name: str) -> EmailMessage | None:
        """Return a message, if it is still kept."""
        ...


def application(messages: Messages) -> Starlette:
    """Build the pages over the messages."""
    templates = Environment(
        loader=DictLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )

    def found(request: Request) -> dict[str, object]:
        name = str(request.path_params["name"])
        message = messages.read(name)
        if message is None:
            raise HTTPException(404)
        return _whole(name, message)

    def listed() -> list[dict[str, str]]:
        names = messages.names()[:LISTED_MAX]
        read = ((name, messages.read(name)) for name in names)
        return [_summary(name, message) for name, message in read if message is not None]

    def list_page(request: Request) -> Response:
        page = templates.get_template("list").render(messages=listed())
        return HTMLResponse(page, headers=_HEADERS)

    def message_page(request: Request) -> Response:
        page = templates.get_template("message").render(message=found(request))
        return HTMLResponse(page, headers=_HEADERS)

    def list_json(request: Request) -> Response:
        return JSONResponse({"data": listed()}, headers=_HEADERS)

    def message_json(request: Request) -> Response:
        return JSONResponse(found(request), headers=_HEADERS)

    def style(request: Request) -> Response:
        return Response(_STYLE, media_type="text/css", headers=_HEADERS)

    return Starlette(
        routes=[
            Route("/", list_page),
            Route("/style.css", style),
            Route("/messages/{name}", message_page),
            Route("/v1/messages", list_json),
            Route("/v1/messages/{name}", message_json),
        ],
        # A page elsewhere whose name resolves to this machine must not read the mail.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def _summary(name: str, message: EmailMessage) -> dict[str, str]:
    return {
        "id": name,
        "received_at": str(message.get("X-Received-At", "")),
        "from": str(message.get("From", "")),
        "to": str(message.get("X-Envelope-To", "")),
        "subject": str(message.get("Subject", "")),
    }


def _whole(name: str, message: EmailMessage) -> dict[str, object]:
    return {
        **_summary(name, message),
        "headers": [[key, str(value)] for key, value in message.items()],
        "text": _part(message, "plain"),
        "html": _part(message, "html"),
    }


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    return None if part is None else str(part.get_content())
