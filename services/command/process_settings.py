"""Which settings each process reads, taken from the classes that read them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from services.command.installation import MAILBOX, SERVICES
from services.command.mailbox_settings import MailboxSettings
from services.command.migration_settings import (
    AdministrationSettings,
    MigrationSettings,
    ServiceUrls,
    VaultUrls,
)
from services.command.terminal import Refused
from services.command.wiring import settings_class
from shared.kernel.records import record
from shared.service.relaying import Databases, RelaySettings
from shared.service.settings import MissingFeed
from shared.telemetry.opentelemetry_settings import OpenTelemetrySettings

PREFIX = "FORBEAR_"
ANY_SERVICE = "<SERVICE>"
PROCESSES = (*SERVICES, "relay", "migrate", MAILBOX)


@record
class Setting:
    """One environment variable. A secret's default is never shown."""

    name: str
    is_required: bool
    is_secret: bool
    default: Any
    form: str
    description: str


class UnknownProcess(Exception):
    """There is no such process."""


def settings_of(process: str, service: str = ANY_SERVICE) -> list[Setting]:
    """Return what a process reads.

    Args:
        process: a service's name, `relay`, `migrate` or `mailbox`.
        service: whose relay it is, or whose database is migrated; without one, all databases are.

    Raises:
        UnknownProcess: it is none of these.
    """
    return [
        setting
        for settings, prefix in _classes(process, service)
        for setting in _settings(settings, prefix)
    ]


def _classes(process: str, service: str) -> Iterator[tuple[type[BaseSettings], str]]:
    if process in SERVICES:
        yield settings_class(process), PREFIX
    elif process == "relay":
        yield RelaySettings, PREFIX
        yield Databases, prefix_of(service)
    elif process == "migrate":
        yield MigrationSettings, ""
        for each in SERVICES if service == ANY_SERVICE else (service,):
            if each != "vault":
                yield ServiceUrls, prefix_of(each)
        if service in (ANY_SERVICE, "vault"):
            yield VaultUrls, prefix_of("vault")
        if service == ANY_SERVICE:  # whoever administers has the same settings
            yield AdministrationSettings, PREFIX
        return
    elif process == MAILBOX:
        yield MailboxSettings, PREFIX
    else:
        raise UnknownProcess(f"There is no {process!r}: say one of {', '.join(PROCESSES)}.")
    yield OpenTelemetrySettings, ""


def prefix_of(service: str) -> str:
    """Return how the names of a service's own settings begin."""
    return f"{PREFIX}{service.upper()}_"


@contextmanager
def refusing_misfits(whose: str, prefix: str = PREFIX) -> Iterator[None]:
    """Turn settings that do not fit into a refusal that names the variables, not their values.

    Raises:
        Refused: they do not fit.
    """
    try:
        yield
    except ValidationError as error:
        raise Refused(f"The settings of {whose} do not fit:\n{misfits(error, prefix)}") from None
    except (MissingFeed, SettingsError) as error:
        raise Refused(f"The settings of {whose} do not fit: {error}.") from None


def misfits(error: ValidationError, prefix: str) -> str:
    """Say line by line which variables do not fit, and why; never what is in them."""
    return "\n".join(
        f"  {prefix}{str(each['loc'][0]).upper()}: {_plainly(each['msg'])}"
        for each in error.errors(include_input=False, include_url=False)
    )


def _plainly(message: str) -> str:
    return "is not set" if message == "Field required" else message.removeprefix("Value error, ")


def _settings(settings: type[BaseSettings], prefix: str) -> Iterator[Setting]:
    schema = settings.model_json_schema()
    required = schema.get("required", ())
    for name, described in schema["properties"].items():
        kinds = described.get("anyOf", [described])
        is_secret = any(kind.get("format") == "password" for kind in kinds)
        yield Setting(
            name=f"{prefix}{name.upper()}",
            is_required=name in required,
            is_secret=is_secret,
            default=None if is_secret else described.get("default"),
            form=_form(kinds),
            description=described.get("description", ""),
        )


def _form(kinds: Sequence[Mapping[str, Any]]) -> str:
    kind = next(each for each in kinds if each["type"] != "null")
    if "enum" in kind:
        return f"one of {', '.join(kind['enum'])}"
    if kind["type"] not in ("integer", "number"):
        return "JSON object" if kind["type"] == "object" else "text"
    low = kind.get("minimum", kind.get("exclusiveMinimum"))
    word = "above" if "exclusiveMinimum" in kind else "from"
    return f"{kind['type']} {word} {low} to {kind['maximum']}"
