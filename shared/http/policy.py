"""Who may call a route, and how large what it takes may be."""

from shared.http.strict_json import DEFAULT_LIMITS, Limits
from shared.kernel.records import record


@record
class Policy:
    """What one route demands of a request.

    With both `scope` and `services`, a key that holds the scope or a token of one of the services
    is enough. A public route checks whatever it needs itself, a signature for example.
    """

    scope: str | None = None
    services: tuple[str, ...] = ()
    is_public: bool = False
    takes_key: bool = False
    limits: Limits = DEFAULT_LIMITS
    has_raw_body: bool = False
    accepts: tuple[str, ...] = ("application/json",)
    produces: str = "application/json"
