"""docs/metrics.md, as the declarations have it: `python -m tests.deploy.metrics_page` writes it."""

from shared.telemetry import instruments
from shared.telemetry.metrics import INSTRUMENTS
from tests.deploy.observability import METRICS
from tests.deploy.vocabulary import samples_of, shown

HEAD = """# Metrics

What Forbear measures. `FORBEAR_METRICS=true` shows it at `/metrics` of every service's port and of
a relay's side port (`FORBEAR_RELAY_PORT`), without authentication and without anything personal;
`OTEL_EXPORTER_OTLP_ENDPOINT` sends it there over OTLP/HTTP. With neither, nothing is kept.

A port shows its own service's metrics, though several services may share the process. Every metric
carries `forbear_service`; a histogram is `_bucket`, `_sum` and `_count`. Dashboards and alerts are
in `deploy/observability/`, and [the runbook](runbook.md) says what to do about each alert.

The declarations are in `shared/telemetry/metrics.py`; this page is made from them.

| OpenTelemetry | Prometheus | kind | labels | what |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page."""
    return HEAD + "".join(f"{_row(each)}\n" for each in INSTRUMENTS)


def _row(instrument: instruments.AnyInstrument) -> str:
    kind = type(instrument).__name__.lower()
    name = samples_of(instrument)[0].removesuffix("_bucket")
    labels = ", ".join(f"`{shown(each)}`" for each in instrument.labels)
    cells = (f"`{instrument.name}`", f"`{name}`", kind, labels, instrument.description)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    METRICS.write_text(page())
