"""`forbear secrets`: keys and passwords of a new installation on many machines."""

import base64
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import typer
import yaml

from services.command.databases import database_urls
from services.command.environment import database_settings, key_settings
from services.command.installation import SERVICES
from services.command.keys import Keys, draw
from services.command.terminal import Refused
from shared.postgres.urls import url_for

SERVER = "postgresql://postgres@postgres:5432/postgres"
ADMINISTRATOR = "forbear-postgres-admin"


def secrets(
    server: Annotated[
        str,
        typer.Option(
            "--server",
            help="An administrator's URL of the PostgreSQL server. Unless it has a password, one"
            " is drawn. Its query, such as ?sslmode=require, goes into every other URL.",
        ),
    ] = SERVER,
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="Print Kubernetes Secrets instead of a .env file.")
    ] = False,
) -> None:
    """Draw and print all secrets of a new installation. Keep them: lost keys open nothing."""
    parts = urlsplit(server)
    if parts.scheme != "postgresql" or not parts.username or not parts.hostname:
        raise Refused(f"--server must be a URL like {SERVER}")
    keys = draw()
    password = unquote(parts.password or "") or keys.superuser_password
    user = unquote(parts.username)
    database = parts.path.removeprefix("/") or "postgres"
    admin = url_for(server, database=database, role=user, password=password)
    values = values_of(keys, admin)
    if kubernetes:
        administrator = {"username": user, "password": password}
        manifests = [_secret(name, held) for name, held in by_process(values).items()]
        manifests.append(_secret(ADMINISTRATOR, administrator, "kubernetes.io/basic-auth"))
        typer.echo(yaml.safe_dump_all(manifests, sort_keys=False), nl=False)
        return
    for name, value in {"POSTGRES_PASSWORD": password, **values}.items():
        typer.echo(f"{name}={_quoted(value)}")


def values_of(keys: Keys, admin_url: str) -> dict[str, str]:
    """Return every secret setting, of all processes."""
    by_role = database_urls(admin_url, keys.role_passwords).by_role
    return {"DATABASE_URL": admin_url, **key_settings(keys), **database_settings(by_role)}


def by_process(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what each Kubernetes Secret holds: of all values, those that its process reads.

    A service gets no way into another's database: its events come through Kafka.
    """
    from services.command.process_settings import prefix_of, settings_of

    def read(process: str, service: str) -> Iterator[tuple[str, str]]:
        others = [f"{prefix_of(each)}FEED_DATABASE_URL" for each in SERVICES if each != service]
        for setting in settings_of(process, service):
            if setting.name in values and setting.name not in others:
                yield setting.name, values[setting.name]

    held = {f"forbear-{service}": dict(read(service, service)) for service in SERVICES}
    held |= {f"forbear-{service}-relay": dict(read("relay", service)) for service in SERVICES}
    names = [setting.name for setting in settings_of("migrate")]
    return held | {"forbear-migrate": {each: values[each] for each in names}}


def _secret(name: str, held: Mapping[str, str], kind: str = "Opaque") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "forbear"}},
        "type": kind,
        "data": {key: base64.b64encode(text.encode()).decode() for key, text in held.items()},
    }


def _quoted(value: str) -> str:
    # A .env file keeps what is in single quotes as it is.
    return f"'{value}'" if not value.isascii() or set(value) & set(' "{}') else value
