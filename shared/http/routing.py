"""Routes that say who may call them, and that see a request only once its form is right.

Every route declares exactly one kind of policy: a scope, services, both, or public. An application
with a route that declares none does not start. A JSON body is read by `strict_json` and validated
from its text, so that dates are dates and nothing is coerced.
"""

from collections.abc import Callable, Coroutine, Sequence
from inspect import signature
from typing import Annotated, Any, NoReturn, TypedDict, TypeVar, Unpack

from fastapi import APIRouter, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from shared.http import admission, openapi, strict_json
from shared.http.catalogue import Entry
from shared.http.field_errors import error_entries
from shared.http.pagination import Paging
from shared.http.policy import Policy
from shared.http.problem import Problem
from shared.http.strict_json import DEFAULT_LIMITS, Limits
from shared.kernel.errors import DomainError, InvariantViolated

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
JSON = "application/json"
_BODY_KEY = "forbear.body"


class Declaration(TypedDict, total=False):
    """What a route says about itself; one of `scope`, `service` and `public` is required."""

    scope: str
    service: tuple[str, ...]
    public: bool
    problems: Sequence[str | type[DomainError]]
    limits: Limits
    has_raw_body: bool
    accepts: tuple[str, ...]
    takes_key: bool
    produces: str
    status_code: int
    response_model: Any
    response_class: type[Response]
    summary: str
    deprecated: bool
    openapi_extra: dict[str, Any]


_OURS = frozenset(
    "scope service public problems limits has_raw_body accepts takes_key produces".split()
)


class StrictRequest(Request):
    """A request whose body is bounded, and whose JSON has been validated already."""

    def __init__(self, request: Request, bytes_max: int) -> None:
        super().__init__(request.scope, request.receive)
        self._bytes_max = bytes_max
        self.validated: Any = None

    async def body(self) -> bytes:
        """Read the body, once, up to its limit.

        Raises:
            Problem: 413 as soon as the limit is passed.
        """
        if not hasattr(self, "_body"):
            length = self.headers.get("content-length")
            if length is not None and length.isdigit() and int(length) > self._bytes_max:
                raise strict_json.too_large(self._bytes_max)
            read = bytearray()
            async for chunk in self.stream():
                read += chunk
                if len(read) > self._bytes_max:
                    raise strict_json.too_large(self._bytes_max)
            self._body = bytes(read)
        return self._body

    async def json(self) -> Any:
        """Return the validated body; this is what the framework fills the parameter with."""
        return self.validated


def json_body(request: Request) -> Any:
    """Return the body as plain JSON values, as `strict_json` read it; None without a body."""
    return request.scope.get(_BODY_KEY)


class Route(APIRoute):
    """One operation with its policy."""

    policy: Policy | None = None
    refusals: tuple[Entry, ...] = ()

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the framework's handler in our checks."""
        handle = super().get_route_handler()
        adapter = self._body_adapter()
        known = frozenset(
            field.alias
            for field in get_flat_params(self.dependant)
            if isinstance(field.field_info, params.Query)
        )

        async def checked(request: Request) -> Response:
            policy = self.policy
            if policy is None:
                raise InvariantViolated(f"{self.path} has no policy")
            admission.check_query(request, known)
            admission.check_accept(request, policy.produces)
            if not policy.is_public:
                await request.app.state.authorize(request, policy)
            if policy.takes_key:
                admission.idempotency_key(request)
            strict = StrictRequest(request, policy.limits.bytes_max)
            await _read_body(strict, policy, adapter)
            return await handle(strict)

        return checked

    def _body_adapter(self) -> TypeAdapter[Any] | None:
        if self.body_field is None:
            return None
        if self._embed_body_fields or isinstance(self.body_field.field_info, params.Form):
            raise InvariantViolated(f"{self.path} must take one JSON body")
        info = self.body_field.field_info
        annotation: Any = info.annotation
        if info.discriminator is not None:  # kept beside the union, or every variant is tried
            annotation = Annotated[annotation, Field(discriminator=info.discriminator)]
        return TypeAdapter(annotation)


async def _read_body(
    request: StrictRequest, policy: Policy, adapter: TypeAdapter[Any] | None
) -> None:
    if policy.has_raw_body:
        admission.check_content_type(request, policy.accepts)
        return
    raw = await request.body()
    if adapter is None:
        if raw.strip() not in (b"", b"{}"):
            raise Problem("unexpected-body")
        return
    if not raw:
        raise Problem("malformed-json", "Send a JSON body.")
    admission.check_content_type(request, policy.accepts)
    document = request.scope[_BODY_KEY] = strict_json.read(raw, policy.limits)
    request.validated = validated(adapter, raw, document)


def validated(adapter: TypeAdapter[Any], raw: bytes, document: Any) -> Any:
    """Validate a body that `strict_json` has read as `document`, from its text.

    Raises:
        Problem: 422 with a pointer per field.
    """
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        entries = error_entries(error, document=document)
    # Raised outside the handler: the error holds the caller's values and must not travel along.
    raise Problem("validation-failed", errors=entries)


class Router(APIRouter):
    """The routes of one slice, under one tag."""

    def __init__(self, *, tag: str, prefix: str = "/v1") -> None:
        super().__init__(prefix=prefix, tags=[tag], route_class=Route, redirect_slashes=False)

    def get(  # type: ignore[override]
        self, path: str, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a reading operation."""
        return self._declare("GET", path, declaration)

    def post(  # type: ignore[override]
        self, path: str, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a command; it takes an Idempotency-Key unless it says otherwise."""
        return self._declare("POST", path, declaration)

    def put(  # type: ignore[override]
        self, path: str, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare an operation that is idempotent by its path."""
        return self._declare("PUT", path, declaration)

    def patch(  # type: ignore[override]
        self, path: str, **declaration: Unpack[Declaration]
    ) -> NoReturn:
        """Refuse: state changes are commands, not patches."""
        raise InvariantViolated("state changes are commands as sub-resources")

    def delete(  # type: ignore[override]
        self, path: str, **declaration: Unpack[Declaration]
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a removal."""
        return self._declare("DELETE", path, declaration)

    def _declare(
        self, method: str, path: str, declaration: Declaration
    ) -> Callable[[Endpoint], Endpoint]:
        policy = _policy(method, f"{self.prefix}{path}", declaration)
        framework: dict[str, Any] = {
            name: value for name, value in declaration.items() if name not in _OURS
        }
        described = openapi.operation(policy, framework.pop("openapi_extra", {}))

        def register(endpoint: Endpoint) -> Endpoint:
            problems = openapi.problems_of(
                policy,
                method,
                path,
                declaration.get("problems", ()),
                has_pages=_takes_pages(endpoint),
            )
            self.add_api_route(
                path,
                endpoint,
                methods=[method],
                operation_id=endpoint.__name__,
                responses=problems,
                openapi_extra=described,
                **framework,
            )
            added = self.routes[-1]
            if not isinstance(added, Route):
                raise InvariantViolated(f"{path} is not a route of ours")
            added.policy = policy
            added.refusals = openapi.entries(declaration.get("problems", ()))
            return endpoint

        return register


def _takes_pages(endpoint: Callable[..., Any]) -> bool:
    return any(each.annotation == Paging for each in signature(endpoint).parameters.values())


def _policy(method: str, path: str, declaration: Declaration) -> Policy:
    is_public = declaration.get("public", False)
    policy = Policy(
        scope=declaration.get("scope"),
        services=declaration.get("service", ()),
        is_public=is_public,
        takes_key=declaration.get("takes_key", method == "POST" and not is_public),
        limits=declaration.get("limits", DEFAULT_LIMITS),
        has_raw_body=declaration.get("has_raw_body", False),
        accepts=declaration.get("accepts", (JSON,)),
        produces=declaration.get("produces", JSON),
    )
    if policy.is_public == bool(policy.scope or policy.services):
        raise InvariantViolated(f"{method} {path} must declare scope, service or public")
    return policy
