"""What `/metrics` shows, as Prometheus would read it."""

from collections.abc import Iterable, Mapping

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

Sample = tuple[str, Mapping[str, str], float]


class Exposed:
    """The text of one port or of several."""

    def __init__(self, *texts: str) -> None:
        self.families: list[Metric] = [
            family for text in texts for family in text_string_to_metric_families(text)
        ]

    def samples(self, name: str, **labels: str) -> list[Sample]:
        """Return the samples of a name that carry all these labels."""
        return [
            (each.name, each.labels, each.value)
            for each in self._all()
            if each.name == name and each.labels.items() >= labels.items()
        ]

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of these samples; there must be some."""
        found = self.samples(name, **labels)
        assert found, f"{name} {labels} is not shown"
        return sum(value for _, _, value in found)

    def names(self) -> set[str]:
        """Return the names of all samples."""
        return {each.name for each in self._all()}

    def labels(self) -> set[tuple[str, str]]:
        """Return every label with every value."""
        return {pair for each in self._all() for pair in each.labels.items()}

    def _all(self) -> Iterable:  # type: ignore[type-arg]  # prometheus_client names no such type
        return (sample for family in self.families for sample in family.samples)
