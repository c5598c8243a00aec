"""What a query may name: the metrics that the code declares, as Prometheus shows them, and rules.

Checks every selector, matcher, `by`, `without` and `on` of a PromQL expression.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import promql_parser as promql

from shared.telemetry import instruments
from shared.telemetry.metrics import INSTRUMENTS

TARGET = frozenset({"job", "instance"})  # Prometheus adds them to whatever it fetches
OWN = {"up": TARGET, "ALERTS": TARGET | {"alertname", "alertstate", "severity"}}
_GRAFANA = (
    (re.compile(r"\$__(rate_)?interval|\$__range"), "5m"),
    (re.compile(r"\$\{\w+(:\w+)?\}|\$\w+"), "x"),
)
_LABEL_VALUES = re.compile(r"label_values\((?:(?P<query>.+),\s*)?(?P<label>\w+)\)")


class Unknown(Exception):
    """A query names what nobody shows; the text says what."""


def shown(name: str) -> str:
    """Return a name as Prometheus has it."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def declared() -> dict[str, frozenset[str]]:
    """Return every sample that the code can show, with its labels."""
    found: dict[str, frozenset[str]] = {}
    for each in INSTRUMENTS:
        labels = frozenset(map(shown, (instruments.SERVICE, *each.labels))) | TARGET
        found |= {
            name: labels | ({"le"} if name.endswith("_bucket") else set())
            for name in samples_of(each)
        }
    return found


def samples_of(instrument: instruments.AnyInstrument) -> tuple[str, ...]:
    """Return the names of the samples that a metric is shown as."""
    name = shown(instrument.name)
    if instrument.unit == "s":
        name += "_seconds"
    match instrument:
        case instruments.Counter():
            return (f"{name}_total",)
        case instruments.Histogram():
            return tuple(f"{name}_{part}" for part in ("bucket", "sum", "count"))
        case _:
            return (name,)


class Vocabulary:
    """The names that are known, and where each one is used."""

    def __init__(self) -> None:
        self.known: dict[str, frozenset[str]] = {**declared(), **OWN}
        self.used: set[str] = set()

    def learn(self, record: str, expression: str, labels: Iterable[str] = ()) -> None:
        """Take in a recording rule."""
        found = self.check(expression) | frozenset(labels)
        self.known[record] = self.known.get(record, frozenset()) | found

    def check(self, expression: str) -> frozenset[str]:
        """Check a query and return the labels that its result may have.

        Raises:
            Unknown: it does not parse, names a metric or a label that nobody shows, or a bucket as
                only some versions of Prometheus write it.
        """
        for pattern, stand_in in _GRAFANA:
            expression = pattern.sub(stand_in, expression)
        try:
            parsed = promql.parse(expression)
        except ValueError as error:
            raise Unknown(f"{expression}: {error}") from None
        return self._labels(parsed)

    def check_variable(self, query: str) -> None:
        """Check the query of a dashboard's variable."""
        match = _LABEL_VALUES.fullmatch(query)
        if match is None or match["query"] is None:
            raise Unknown(f"{query} is not label_values(metric, label)")
        self._require({match["label"]}, self.check(match["query"]), query)

    def _labels(self, node: promql.Expr) -> frozenset[str]:
        match node:
            case promql.VectorSelector():
                return self._selected(node)
            case promql.MatrixSelector():
                return self._selected(node.vector_selector)
            case promql.AggregateExpr():
                return self._aggregated(node)
            case promql.BinaryExpr():
                return self._joined(node)
            case promql.Call():
                return frozenset().union(*map(self._labels, node.args))
            case promql.ParenExpr() | promql.SubqueryExpr() | promql.UnaryExpr():
                return self._labels(node.expr)
            case _:
                return frozenset()

    def _selected(self, node: promql.VectorSelector) -> frozenset[str]:
        if node.name not in self.known:
            raise Unknown(f"nobody shows {node.name}")
        self.used.add(node.name)
        labels = self.known[node.name]
        self._require((each.name for each in node.matchers.matchers), labels, node.name)
        for each in node.matchers.matchers:
            is_exact = each.op in (promql.MatchOp.Equal, promql.MatchOp.NotEqual)
            if each.name == "le" and is_exact and each.value.isdecimal():
                # Prometheus 3 writes 5.0 where Prometheus 2 and the process itself write 5.
                raise Unknown(f'{node.name}: nobody shows le="{each.value}" everywhere')
        return labels

    def _aggregated(self, node: promql.AggregateExpr) -> frozenset[str]:
        inner = self._labels(node.expr)
        if node.modifier is None:
            return frozenset()
        named = frozenset(node.modifier.labels)
        self._require(named, inner, str(node))
        is_by = node.modifier.type == promql.AggModifierType.By
        return named if is_by else inner - named

    def _joined(self, node: promql.BinaryExpr) -> frozenset[str]:
        left, right = self._labels(node.lhs), self._labels(node.rhs)
        if node.modifier is not None and node.modifier.matching is not None:
            self._require(node.modifier.matching.labels, left & right, str(node))
        return left | right

    def _require(self, named: Iterable[str], labels: frozenset[str], where: str) -> None:
        unknown = sorted(set(named) - labels)
        if unknown:
            raise Unknown(f"{where} has no label {', '.join(unknown)}")


def expressions(dashboard: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield every query of a dashboard, with the title of its panel."""
    yield from _expressions(dashboard, "")


def _expressions(part: object, title: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, Mapping):
        title = str(part.get("title") or part.get("name") or title)
        if isinstance(part.get("expr"), str):
            yield title, str(part["expr"])
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _expressions(each, title)
