"""The event types of the four services, found in their code."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from shared.kernel.decider import Decider
from shared.kernel.records import event_name, record
from tests.databases import SERVICES


@record
class EventType:
    """One version of one event, and the class that its service stores it from.

    `stream` names its streams, with the field that tells one from another in braces.
    """

    name: str
    service: str
    event: str
    version: str
    cls: type
    stream: str

    @property
    def path(self) -> Path:
        """Return where its schema is kept, below the folder of schemas."""
        return Path("events", self.service, self.event, f"{self.version}.json")


@cache
def declared(service: str) -> Mapping[type, str]:
    """Return the event classes that a service declares: its own, and what it reads of others'."""
    package = importlib.import_module(f"services.{service}")
    return {cls: name for module in _modules(package.__name__) for cls, name in _events_of(module)}


def _modules(package: str) -> Iterator[str]:
    path = importlib.import_module(package).__path__
    for found in pkgutil.walk_packages(path, f"{package}."):
        if not found.name.startswith(f"{package}.migrations"):  # Alembic's, imported by nobody else
            yield found.name


def _events_of(module_name: str) -> Iterator[tuple[type, str]]:
    module = importlib.import_module(module_name)
    classes = {value for value in vars(module).values() if isinstance(value, type)}
    for each in classes:  # a set: a class may have another name beside its own
        if each.__module__ == module_name:
            try:
                yield each, event_name(each)
            except LookupError:
                continue


def stored(service: str) -> tuple[EventType, ...]:
    """Return what a service stores itself, by name."""
    streams = _streams(service)
    types = []
    for cls, name in declared(service).items():
        _, owner, event, version = name.split(".")
        if owner == service:
            types.append(
                EventType(
                    name=name,
                    service=owner,
                    event=event,
                    version=version,
                    cls=cls,
                    stream=streams[cls],
                )
            )
    return tuple(sorted(types, key=lambda each: each.name))


def _streams(service: str) -> dict[type, str]:
    """Return how the streams of each event are named: by the function beside its decider."""
    names: dict[type, str] = {}
    for module_name in _modules(f"services.{service}"):
        module = importlib.import_module(module_name)
        name_of = vars(module).get("stream")
        if name_of is None or name_of.__module__ != module_name:
            continue
        (parameter,) = inspect.signature(name_of).parameters
        for value in vars(module).values():
            if isinstance(value, Decider):
                names |= dict.fromkeys(value.events, name_of(f"{{{parameter}}}"))
    return names


@cache
def every() -> tuple[EventType, ...]:
    """Return the event types of all services, by name."""
    return tuple(
        sorted((each for name in SERVICES for each in stored(name)), key=lambda each: each.name)
    )
