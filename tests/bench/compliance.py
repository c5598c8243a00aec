"""The compliance service as it is always served, with one more route that does nothing.

Its spans are recorded and exported, to nowhere, as often as the environment's sampler says.

The no-op takes the same body and passes the same checks (authentication, strict JSON, idempotency
key), so what a permit costs beyond it is what deciding and storing cost.
"""

from collections.abc import Sequence
from typing import Literal

import uvloop
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from pydantic import BaseModel
from starlette.responses import Response

from services.command.serve import serve
from services.compliance.main import build_service
from services.compliance.permits.bodies import ContactBody
from services.compliance.settings import Settings
from shared.http.routing import Router
from shared.service.service import Service
from shared.telemetry import tracing

router = Router(tag="bench")


class Nothing(BaseModel):
    """The answer of the no-op."""

    object: Literal["nothing"] = "nothing"


_ANSWER = Nothing().model_dump_json().encode()


@router.post("/noop", scope="permits:write", status_code=201, response_model=Nothing)
async def do_nothing(body: ContactBody) -> Response:
    """Answer at once."""
    return Response(_ANSWER, status_code=201, media_type="application/json")


def build(settings: Settings | None = None) -> Service:
    """Build the service."""
    service = build_service(settings)
    service.app.api.router.routes[:0] = router.routes  # found first, so that it is the cheapest
    return service


class _Nowhere(SpanExporter):
    """Takes what it is given."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Forget the spans."""
        return SpanExportResult.SUCCESS


if __name__ == "__main__":
    tracing.listen(BatchSpanProcessor(tracing.ScrubbingExporter(_Nowhere())))
    uvloop.run(serve([build()]))
