"""The four services as they compose themselves, built but not started."""

import importlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from shared.kernel.records import event_name, record
from shared.messaging.subscription import Handler
from shared.service.service import Service
from tests.databases import SERVICES, VAULT, Database
from tests.schemas.event_types import MESSAGING
from tests.system import Keys, System

_NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@record
class Reader:
    """A subscription: who reads whose events, and which; without handlers it takes every one."""

    name: str
    service: str
    source: str
    handlers: tuple[Handler, ...]

    def reads(self, type_name: str) -> bool:
        """Tell whether it does anything about events of this type."""
        return not self.handlers or type_name in {each.name for each in self.handlers}


@cache
def built() -> Mapping[str, Service]:
    """Build every service from settings alone."""
    databases = {
        name: Database(
            name=name,
            service=name,
            owner=_NOWHERE,
            app=_NOWHERE,
            feed=_NOWHERE,
            jobs=_NOWHERE,
            admin=_NOWHERE,
        )
        for name in (*SERVICES, VAULT)
    }
    system = System(databases, Keys())
    settings: dict[str, Any] = {
        name.lower().removeprefix("forbear_"): value for name, value in system.environment().items()
    }
    settings["public_keys"] = json.loads(settings["public_keys"])
    services = {}
    for name in SERVICES:
        main = importlib.import_module(f"services.{name}.main")
        services[name] = main.build_service(main.Settings(**settings), system.bells)
    return services


@cache
def openapi_documents() -> Mapping[str, dict[str, Any]]:
    """Return the OpenAPI document of every service."""
    return {name: service.app.openapi() for name, service in built().items()}


class _Listening:
    """Stands where the foundation is opened, and takes down which subscriptions are asked for."""

    def __init__(self, service: str) -> None:
        self.readers: list[Reader] = []
        self.pool = None
        self.feed_pools: Mapping[str, Any] = defaultdict(lambda: None)
        self._service = service

    def effects_with(self, archive: Any) -> None:
        """Have none: nothing is going to be written."""

    def subscription(
        self, name: str, source: str, handlers: Sequence[Handler], effects: Any = None, **how: Any
    ) -> Reader:
        """Take it down."""
        reader = Reader(name=name, service=self._service, source=source, handlers=tuple(handlers))
        self.readers.append(reader)
        return reader


@cache
def readers() -> tuple[Reader, ...]:
    """Return every subscription of every service."""
    found: list[Reader] = []
    for name, service in built().items():
        listening: Any = _Listening(name)
        service.parts.subscriptions(listening)
        found.extend(listening.readers)
    return tuple(found)


def readers_of(type_name: str) -> tuple[Reader, ...]:
    """Return the subscriptions that do something about events of a type."""
    owner = type_name.split(".")[1]
    return tuple(
        each for each in readers() if owner in (each.source, MESSAGING) and each.reads(type_name)
    )


def reading_classes(type_name: str) -> tuple[type, ...]:
    """Return the classes with which handlers read events of a type."""
    classes = [
        handler.event
        for reader in readers_of(type_name)
        for handler in reader.handlers
        if handler.event is not None and event_name(handler.event) == type_name
    ]
    return tuple(dict.fromkeys(classes))
