"""What the code says of its processes: their command lines, settings, ports and subscriptions."""

import functools
import inspect
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click
import typer

from services.command.cli import app
from services.command.installation import MAILBOX, SERVICES
from services.command.keys import draw
from services.command.new_secrets import by_process, values_of
from services.command.process_settings import Setting, settings_of
from shared.eventstore.postgres import open_pool
from shared.http.health import PATHS
from shared.kernel.records import record
from shared.messaging.kafka.connection import topic_of
from shared.messaging.kafka.dead_letters import dead_letters_of
from shared.service.foundation import FEED_POOL_SIZE_MAX, VAULT_POOL_SIZE_MAX
from tests.schemas.services import readers as subscriptions

PORTS: Mapping[str, str] = {
    **{name: f"FORBEAR_{name.upper()}_PORT" for name in SERVICES},
    "relay": "FORBEAR_RELAY_PORT",
    MAILBOX: "FORBEAR_MAILBOX_PORT",
}
MIGRATION = "migrate"
_POOL_SIZE_MAX: int = inspect.signature(open_pool).parameters["size_max"].default
HEALTH_PATHS: Collection[str] = PATHS


@record
class Process:
    """What a command line runs, and what it reads."""

    kind: str
    settings: tuple[Setting, ...]

    @property
    def needed(self) -> frozenset[str]:
        """Return what must be set: all that is required, and all where people administer."""
        is_whole = self.kind == MIGRATION
        return frozenset(each.name for each in self.settings if each.is_required or is_whole)

    @property
    def port_setting(self) -> str | None:
        """Return the setting that says where it listens, if it does."""
        return PORTS.get(self.kind)


def connections_of(kind: str, pool_size_max: int) -> int:
    """Return how many connections a process opens at most, to all databases together."""
    if kind == "relay":
        return 2 * _POOL_SIZE_MAX  # as the app role and as the feed role
    return pool_size_max + 2 * FEED_POOL_SIZE_MAX + VAULT_POOL_SIZE_MAX  # jobs have a feed's size


class NoCommand(Exception):
    """It is no command line of ours; the text says why."""


def process_of(words: Sequence[str]) -> Process:
    """Return what a command line runs.

    Raises:
        NoCommand: `forbear` would not take it.
    """
    return _process_of(tuple(words))


@functools.cache
def _process_of(words: tuple[str, ...]) -> Process:
    command: Any = typer.main.get_command(app)
    try:
        name, found, rest = command.resolve_command(click.Context(command), list(words))
        context = found.make_context(name, list(rest))
    except click.ClickException as error:
        raise NoCommand(error.format_message()) from error
    match name:
        case "serve" if context.params["what"] in (*SERVICES, MAILBOX):
            kind = context.params["what"]
            return Process(kind=kind, settings=tuple(settings_of(kind)))
        case "relay":
            service = context.params["service"]
            return Process(kind="relay", settings=tuple(settings_of("relay", service)))
        case "migrate" if context.params["database"] == "all":
            return Process(kind=MIGRATION, settings=tuple(settings_of(MIGRATION)))
        case _:
            raise NoCommand(f"forbear {' '.join(words)} is no process of many machines")


def administration() -> Process:
    """Return what administers: any command of an installation, with the migration's settings."""
    return process_of((MIGRATION,))


@functools.cache
def drawn() -> Mapping[str, str]:
    """Return the settings that `forbear secrets` prints."""
    values = values_of(draw(), "postgresql://postgres:secret@postgres:5432/postgres")
    return {"POSTGRES_PASSWORD": "secret", **values}


@functools.cache
def secret_keys() -> Mapping[str, frozenset[str]]:
    """Return the keys of every Secret that `forbear secrets --kubernetes` prints."""
    held = {name: frozenset(values) for name, values in by_process(drawn()).items()}
    return held | {"forbear-postgres-admin": frozenset(("username", "password"))}


@functools.cache
def readers() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return for each service its subscriptions to other services: name and source."""
    return {
        service: tuple(
            (each.name, each.source)
            for each in subscriptions()
            if each.service == service != each.source
        )
        for service in SERVICES
    }


@functools.cache
def topics() -> Mapping[str, str]:
    """Return every topic, and whose: the service that publishes, or that sets events aside."""
    published = {topic_of(service): service for service in SERVICES}
    aside = {
        dead_letters_of(topic_of(source), name): service
        for service, found in readers().items()
        for name, source in found
    }
    return published | aside
