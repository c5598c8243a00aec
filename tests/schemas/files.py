"""Which files hold the promises, and what follows from the code for each of them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from shared.service.service import VERSION
from tests.schemas import asyncapi, catalogue, event_types, released, rules_page
from tests.schemas.event_schemas import schema_of
from tests.schemas.services import openapi_documents

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = Path("schemas")
RELEASED = SCHEMAS / "released"
EVENTS = Path("events")
OPENAPI = Path("openapi")
RELEASED_VERSION = RELEASED / "VERSION"
ASYNCAPI = SCHEMAS / "asyncapi.yaml"
CATALOGUE = Path("docs", "events.md")
RULES = Path("docs", "rules.md")


class Broken(Exception):
    """What follows from the code breaks what was released."""


def generated() -> dict[Path, str]:
    """Return every file with its content, below the project's root."""
    return {
        **{SCHEMAS / path: text for path, text in _frozen_on_release().items()},
        ASYNCAPI: yaml.safe_dump(
            asyncapi.document(), sort_keys=False, allow_unicode=True, width=100
        ),
        CATALOGUE: catalogue.page(),
        RULES: rules_page.page(),
    }


def _frozen_on_release() -> dict[Path, str]:
    return {
        **{each.path: _json(schema_of(each)) for each in event_types.every()},
        **{OPENAPI / f"{name}.json": _json(each) for name, each in openapi_documents().items()},
    }


def committed() -> dict[Path, str]:
    """Return the files that are there, without the released ones."""
    found = [*(ROOT / SCHEMAS).rglob("*.json"), ROOT / ASYNCAPI, ROOT / CATALOGUE, ROOT / RULES]
    paths = (each.relative_to(ROOT) for each in found if each.exists())
    return {each: (ROOT / each).read_text() for each in paths if RELEASED not in each.parents}


def write() -> list[Path]:
    """Bring the files to what follows from the code, and return those that changed."""
    wanted, there = generated(), committed()
    changed = [each for each in wanted if wanted[each] != there.get(each)]
    for path in changed:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(wanted[path])
    for path in there.keys() - wanted.keys():
        (ROOT / path).unlink()
        changed.append(path)
    return sorted(changed)


def released_events() -> dict[str, Any]:
    """Return the frozen event schemas, by type name."""
    return {each["title"]: each for each in map(_read, (ROOT / RELEASED / EVENTS).rglob("*.json"))}


def released_documents() -> dict[str, Any]:
    """Return the frozen OpenAPI documents, by service."""
    return {each.stem: _read(each) for each in (ROOT / RELEASED / OPENAPI).glob("*.json")}


def broken() -> list[str]:
    """Return which released promises the code breaks, each with what to do instead."""
    present = {each.name: schema_of(each) for each in event_types.every()}
    return [
        *released.broken_events(released_events(), present),
        *released.broken_documents(released_documents(), openapi_documents()),
    ]


def release() -> list[Path]:
    """Freeze what follows from the code, and return what is new or has grown.

    Raises:
        Broken: it breaks what was released before.
    """
    if found := broken():
        raise Broken("\n".join(found))
    changed = []
    for path, text in _frozen_on_release().items():
        file = ROOT / RELEASED / path
        if path.parts[0] == EVENTS.name and file.exists():
            text = _json(_with_examples_of(_read(file), json.loads(text)))
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            changed.append(RELEASED / path)
    (ROOT / RELEASED_VERSION).write_text(VERSION + "\n")
    return sorted(changed)


def released_version() -> str:
    """Return which version of the services was frozen last."""
    return (ROOT / RELEASED_VERSION).read_text().strip()


def _with_examples_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Keep every example that was ever released; each must be readable for ever."""
    new_ones = [each for each in new["examples"] if each not in old["examples"]]
    return {**new, "examples": [*old["examples"], *new_ones]}


def differences(wanted: Mapping[Path, str], there: Mapping[Path, str]) -> Iterator[str]:
    """Yield how what is committed differs from what follows from the code."""
    for path in sorted(wanted.keys() | there.keys()):
        if path not in there:
            yield f"{path} is missing"
        elif path not in wanted:
            yield f"{path} follows from nothing"
        elif wanted[path] != there[path]:
            yield f"{path} is out of date"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> Any:
    return json.loads(path.read_text())
