"""Every problem the API can answer with: stable code, status, title, and what to do next.

The codes are part of the contract; they are published at `/problems` and never reused. Refusals
of the domain bring their own code and take status and title from their kind.
"""

from shared.kernel.errors import DomainError, Kind
from shared.kernel.records import record


@record
class Entry:
    """One kind of problem; `advice` is the detail when the raiser gives none."""

    code: str
    status: int
    title: str
    advice: str
    retryable: bool = False


_ENTRIES = (
    # 400: the request itself is not well-formed
    Entry(
        code="malformed-json",
        status=400,
        title="Body is not JSON",
        advice="Send one JSON value (RFC 8259) and nothing after it.",
    ),
    Entry(
        code="encoding",
        status=400,
        title="Body is not UTF-8",
        advice="Send UTF-8 without a byte order mark.",
    ),
    Entry(
        code="duplicate-key",
        status=400,
        title="A key appears twice",
        advice="Send each key of an object once.",
    ),
    Entry(
        code="number-too-long",
        status=400,
        title="A number has too many digits",
        advice="Send numbers of at most 20 digits.",
    ),
    Entry(
        code="too-deep",
        status=400,
        title="Body is nested too deeply",
        advice="Nest objects and arrays at most 16 deep.",
    ),
    Entry(
        code="unexpected-body",
        status=400,
        title="No body is expected",
        advice="Send this request without a body.",
    ),
    Entry(
        code="duplicate-header",
        status=400,
        title="A header appears twice",
        advice="Send this header once.",
    ),
    Entry(
        code="duplicate-parameter",
        status=400,
        title="A query parameter appears twice",
        advice="Send each query parameter once.",
    ),
    Entry(
        code="unknown-parameter",
        status=400,
        title="A query parameter is not known",
        advice="Use only the query parameters that the documentation lists.",
    ),
    Entry(
        code="malformed-query",
        status=400,
        title="Query string is malformed",
        advice="Send at most 50 parameters as percent-encoded UTF-8 without control characters.",
    ),
    Entry(
        code="credentials-in-query",
        status=400,
        title="Credentials must not be in the URL",
        advice="Send credentials in the Authorization header and replace the ones just sent.",
    ),
    Entry(
        code="idempotency-key-required",
        status=400,
        title="Idempotency-Key is missing",
        advice="Send an Idempotency-Key header that is unique to this operation.",
    ),
    Entry(
        code="idempotency-key-invalid",
        status=400,
        title="Idempotency-Key is malformed",
        advice="Use 1 to 255 characters out of A-Z a-z 0-9 _ . : -",
    ),
    Entry(
        code="invalid-cursor",
        status=400,
        title="Cursor is not valid",
        advice="Use next_cursor as it was answered, or start again without a cursor.",
    ),
    Entry(
        code="cursor-mismatch",
        status=400,
        title="Cursor belongs to another query",
        advice="Keep the filters that the cursor was made with, or start again without a cursor.",
    ),
    Entry(
        code="bad-host",
        status=400,
        title="Host header is missing or repeated",
        advice="Send exactly one Host header.",
    ),
    Entry(
        code="ambiguous-length",
        status=400,
        title="Body length is ambiguous",
        advice="Send either one Content-Length or Transfer-Encoding: chunked.",
    ),
    Entry(
        code="malformed-request",
        status=400,
        title="Request is not HTTP/1.1",
        advice="Send a request as RFC 9112 describes it.",
    ),
    # 401, 403: who may
    Entry(
        code="unauthenticated",
        status=401,
        title="Credentials are missing or not valid",
        advice="Send a valid key as Authorization: Bearer.",
    ),
    Entry(
        code="signature-invalid",
        status=401,
        title="Signature is missing or not valid",
        advice="Sign the exact bytes of the body with the current secret.",
    ),
    Entry(
        code="signature-missing",
        status=401,
        title="Signature headers are missing",
        advice="Send webhook-id, webhook-timestamp and webhook-signature.",
    ),
    Entry(
        code="timestamp-out-of-tolerance",
        status=401,
        title="Timestamp is too far from now",
        advice="Sign with the present time; five minutes either way are accepted.",
    ),
    Entry(
        code="webhook-id-invalid",
        status=400,
        title="webhook-id is malformed",
        advice="Use 1 to 256 visible ASCII characters without a dot.",
    ),
    Entry(
        code="timestamp-invalid",
        status=400,
        title="webhook-timestamp is malformed",
        advice="Send whole seconds since 1970 in ASCII digits.",
    ),
    Entry(
        code="too-many-signatures",
        status=400,
        title="Too many signatures are listed",
        advice="List at most 10 signatures.",
    ),
    Entry(
        code="forbidden",
        status=403,
        title="Not allowed",
        advice="These credentials do not allow this.",
    ),
    Entry(
        code="insufficient-scope",
        status=403,
        title="A scope is missing",
        advice="Use credentials that hold the scope of this operation.",
    ),
    # 404 to 431: transport
    Entry(
        code="not-found",
        status=404,
        title="There is nothing here",
        advice="Check the path and the id.",
    ),
    Entry(
        code="method-not-allowed",
        status=405,
        title="Method is not allowed",
        advice="Use one of the methods that the Allow header names.",
    ),
    Entry(
        code="not-acceptable",
        status=406,
        title="No acceptable representation",
        advice="Accept application/json.",
    ),
    Entry(
        code="request-timeout",
        status=408,
        title="Request arrived too slowly",
        advice="Send headers within 10 seconds and the whole request within 30.",
        retryable=True,
    ),
    Entry(
        code="conflict",
        status=409,
        title="Does not fit the present state",
        advice="Read the resource again before deciding what to do.",
    ),
    Entry(
        code="in-progress",
        status=409,
        title="The same request is still running",
        advice="Repeat the request with the same Idempotency-Key a little later.",
        retryable=True,
    ),
    Entry(
        code="idempotency-key-expired",
        status=410,
        title="Idempotency-Key has expired",
        advice="Read the resource to see whether the operation took effect.",
    ),
    Entry(
        code="precondition-failed",
        status=412,
        title="The resource has changed",
        advice="Read the resource again and send its current ETag.",
    ),
    Entry(
        code="body-too-large",
        status=413,
        title="Body is too large",
        advice="Send a smaller body.",
    ),
    Entry(
        code="uri-too-long",
        status=414,
        title="URL is too long",
        advice="Send a path of at most 2048 and a query of at most 4096 bytes.",
    ),
    Entry(
        code="unsupported-media-type",
        status=415,
        title="Content type is not supported",
        advice="Send application/json in UTF-8 without a content encoding.",
    ),
    Entry(
        code="misdirected",
        status=421,
        title="This host is not served here",
        advice="Check the host name.",
    ),
    Entry(
        code="precondition-required",
        status=428,
        title="If-Match is missing",
        advice="Send the ETag that the decision was based on as If-Match.",
    ),
    Entry(
        code="rate-limited",
        status=429,
        title="Too many requests",
        advice="Wait as long as Retry-After says.",
        retryable=True,
    ),
    Entry(
        code="headers-too-large",
        status=431,
        title="Headers are too large",
        advice="Send at most 16 kB and 100 headers.",
    ),
    # 422: well-formed, but not usable
    Entry(
        code="validation-failed",
        status=422,
        title="Some fields are not valid",
        advice="Correct the fields that errors names.",
    ),
    Entry(
        code="invalid",
        status=422,
        title="Not valid",
        advice="Correct the request.",
    ),
    Entry(
        code="number-range",
        status=422,
        title="A number is out of range",
        advice="Send integers between -(2^53-1) and 2^53-1.",
    ),
    Entry(
        code="type",
        status=422,
        title="A value has the wrong type",
        advice="Numbers are JSON integers; amounts count minor units.",
    ),
    Entry(
        code="invalid-unicode",
        status=422,
        title="Text is not valid Unicode",
        advice="Send no unpaired surrogates.",
    ),
    Entry(
        code="control-character",
        status=422,
        title="Text holds a control character",
        advice="Send no control characters other than tab and line end.",
    ),
    Entry(
        code="too-many-items",
        status=422,
        title="Body has too many items",
        advice="Send fewer items in one request.",
    ),
    Entry(
        code="idempotency-key-reused",
        status=422,
        title="Idempotency-Key was used for another request",
        advice="Use a new key for a new operation.",
    ),
    # 5xx: ours
    Entry(
        code="internal",
        status=500,
        title="Something went wrong on our side",
        advice="Repeat the request with the same Idempotency-Key, or report the request_id.",
        retryable=True,
    ),
    Entry(
        code="unavailable",
        status=503,
        title="Temporarily unavailable",
        advice="Repeat the request a little later.",
        retryable=True,
    ),
    Entry(
        code="concurrency-conflict",
        status=503,
        title="Too many writers at once",
        advice="Repeat the request with the same Idempotency-Key.",
        retryable=True,
    ),
    Entry(
        code="overloaded",
        status=503,
        title="Too many requests in flight",
        advice="Wait as long as Retry-After says.",
        retryable=True,
    ),
    Entry(
        code="deadline-exceeded",
        status=503,
        title="Took too long",
        advice="Repeat the request with the same Idempotency-Key; it may have taken effect.",
        retryable=True,
    ),
)

CATALOGUE: dict[str, Entry] = {entry.code: entry for entry in _ENTRIES}

_KINDS: dict[Kind, str] = {
    "not_found": "not-found",
    "conflict": "conflict",
    "invalid": "invalid",
    "forbidden": "forbidden",
}


def entry_of(refusal: type[DomainError]) -> Entry:
    """Return how a refusal of the domain looks to a caller."""
    known = CATALOGUE.get(refusal.code)
    if known is not None:
        return known
    kind = CATALOGUE[_KINDS[refusal.kind]]
    return Entry(code=refusal.code, status=kind.status, title=kind.title, advice=kind.advice)
