"""The event types of the four services, found in their code.

What every service may store in its log is declared by `shared.messaging`, and owned by `messaging`.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from shared.kernel.decider import Decider
from shared.kernel.records import event_name, record
from tests.databases import SERVICES

MESSAGING = "messaging"
OWNERS = (*SERVICES, MESSAGING)


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
def declared(owner: str) -> Mapping[type, str]:
    """Return the event classes that an owner declares: its own, and what it reads of others'."""
    return {cls: name for module in _modules(_package(owner)) for cls, name in _events_of(module)}


def _package(owner: str) -> str:
    return f"shared.{owner}" if owner == MESSAGING else f"services.{owner}"


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


def owned_by(owner: str) -> tuple[EventType, ...]:
    """Return the event types of an owner, by name."""
    streams = _streams(owner)
    types = []
    for cls, name in declared(owner).items():
        _, service, event, version = name.split(".")
        if service == owner:
            if cls not in streams:
                raise LookupError(f"no decider beside a function `stream` has {cls.__qualname__}")
            types.append(
                EventType(
                    name=name,
                    service=service,
                    event=event,
                    version=version,
                    cls=cls,
                    stream=streams[cls],
                )
            )
    return tuple(sorted(types, key=lambda each: each.name))


def stored_by(service: str) -> tuple[EventType, ...]:
    """Return what the log of a service holds: its own events, and those that every log may."""
    return (*owned_by(service), *owned_by(MESSAGING))


def _streams(owner: str) -> dict[type, str]:
    """Return how the streams of each event are named: by the function beside its decider."""
    names: dict[type, str] = {}
    for module_name in _modules(_package(owner)):
        module = importlib.import_module(module_name)
        name_of = vars(module).get("stream")
        if name_of is None or name_of.__module__ != module_name:
            continue
        parts = [f"{{{each}}}" for each in inspect.signature(name_of).parameters]
        for value in vars(module).values():
            if isinstance(value, Decider):
                names |= dict.fromkeys(value.events, name_of(*parts))
    return names


@cache
def every() -> tuple[EventType, ...]:
    """Return all event types, by name."""
    return tuple(
        sorted((each for owner in OWNERS for each in owned_by(owner)), key=lambda each: each.name)
    )
