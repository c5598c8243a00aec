"""Where the command meets the services: the only place that names what they offer it.

Everything is imported when it is used, so that `forbear status` does not load four services, and
a stand-in can be given instead (tests do).
"""

import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from services.command import mailbox
from services.command.databases import NAMES, DatabaseUrls
from services.command.installation import MAILBOX, SERVICES, Installation
from services.command.service import Service
from shared.kernel.records import record
from shared.postgres.epoch import start_new_epoch

T = TypeVar("T")

CALLERS = ("ledger", "contact", "disputes")

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings


def migrate(urls: DatabaseUrls, names: Sequence[str] = (*SERVICES, "vault")) -> None:
    """Bring schemas up to date, the services' and the key vault's, each as its owner."""
    from shared.eventstore.migrate import upgrade
    from shared.vault.migrate import upgrade as upgrade_vault

    for name in names:
        if name == "vault":
            upgrade_vault(urls.owner(name))
        else:
            upgrade(name, urls.owner(name))


def settings_class(service: str) -> "type[BaseSettings]":
    """Return the class that reads a service's settings."""
    found: type[BaseSettings] = import_module(f"services.{service}.settings").Settings
    return found


async def ensure_sandbox(settings: Mapping[str, str], urls: DatabaseUrls) -> str:
    """Create the sandbox tenant in all databases and return an API key for it."""
    key: str = await import_module("services.command.sandbox").ensure_sandbox(settings, urls)
    return key


async def after_restore(urls: DatabaseUrls) -> None:
    """Make restored databases fit to serve: a new store epoch, and cursors that hold."""
    await start_new_epoch(urls.admin, NAMES)


def build_services(names: Sequence[str]) -> list[Service]:
    """Build services by name; callers come before those they call. They read their settings."""
    from shared.service.foundation import Bells

    bells = Bells()
    built = [_build(name, bells) for name in SERVICES if name in names]
    if MAILBOX in names and (box := mailbox.from_environment()):
        built.append(box)
    return built


def commands(environment: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Return what is started to serve, by the name of the process.

    That is one process for everything, or with brokers one for each service and for its relay.
    """
    forbear = (sys.executable, "-m", "services")
    if not environment.get("FORBEAR_KAFKA_BOOTSTRAP_SERVERS"):
        return {"services": (*forbear, "serve", "all")}
    serving = {name: (*forbear, "serve", name) for name in (*SERVICES, MAILBOX)}
    return serving | {f"{name}-relay": (*forbear, "relay", name) for name in SERVICES}


def in_stopping_order(processes: Mapping[str, T]) -> list[dict[str, T]]:
    """Group processes by what is stopped together: callers first, then all that serves them.

    Compliance answers what contact is asked while it stops, the mailbox takes its last message, and
    relays publish what all of them have appended last.
    """
    callers = {name: each for name, each in processes.items() if name in CALLERS}
    others = {name: each for name, each in processes.items() if name not in CALLERS}
    return [callers, others]


def example(installation: Installation, api_key: str) -> str:
    """Return a command line that works as soon as the services are up."""
    return (
        f"curl -sS {installation.url_of('ledger')}/v1/creditors"
        f" -H 'Authorization: Bearer {api_key}' -H 'Content-Type: application/json'"
        " -H 'Idempotency-Key: first-creditor' -d '{\"name\": \"Harbor Bank\"}'"
    )


SandboxMaker = Callable[[Mapping[str, str], DatabaseUrls], Coroutine[Any, Any, str]]


@record
class Wiring:
    """What the supervisor does to the services; the defaults are the real ones."""

    migrate: Callable[[DatabaseUrls], None] = migrate
    ensure_sandbox: SandboxMaker = ensure_sandbox
    example: Callable[[Installation, str], str] = example
    commands: Callable[[Mapping[str, str]], Mapping[str, tuple[str, ...]]] = commands


def _build(name: str, bells: object) -> Service:
    module: Any = import_module(f"services.{name}.main")
    service: Service = module.build_service(bells=bells)
    return service
