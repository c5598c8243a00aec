"""Whether data fits the schemas."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import asyncpg
import jsonschema_rs
import msgspec

from tests.databases import VAULT, Database
from tests.schemas import event_types
from tests.schemas.event_schemas import schema_of


@cache
def validators() -> Mapping[str, jsonschema_rs.Draft202012Validator]:
    """Return a validator of each event type; formats are held to as well."""
    return {
        each.name: jsonschema_rs.Draft202012Validator(schema_of(each), validate_formats=True)
        for each in event_types.every()
    }


def faults(type_name: str, data: bytes) -> list[str]:
    """Return where stored bytes do not fit their type's schema, without the values."""
    if type_name not in validators():
        return [f"{type_name}: there is no such type"]
    found = validators()[type_name].iter_errors(msgspec.json.decode(data))
    return [f"{type_name}{_place(each.instance_path)}: {each.kind.name}" for each in found]


def _place(path: Iterable[Any]) -> str:
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)


async def faults_in_logs(databases: Mapping[str, Database]) -> list[str]:
    """Return where stored events of services do not fit their schemas."""
    found: list[str] = []
    for database in databases.values():
        if database.service == VAULT:
            continue
        connection = await asyncpg.connect(database.admin)
        try:
            rows = await connection.fetch("SELECT type, data FROM events ORDER BY position")
        finally:
            await connection.close()
        for row in rows:
            found += faults(row["type"], row["data"])
    return list(dict.fromkeys(found))
