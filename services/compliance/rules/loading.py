"""Reads packs from files: for composition roots, since rules do no I/O."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

import yaml

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import MalformedPack, RulePack, read


def load_book() -> Book:
    """Read, check and bind the packs that ship with the rules: every file in their folders.

    Raises:
        MalformedPack: a file does not say what the rules need; its name is in the message.
    """
    folder = resources.files("services.compliance.rules").joinpath("packs")
    files = sorted(_files(folder), key=lambda each: each[0])
    return rulebook.bind(
        [read_pack(each.read_text(encoding="utf-8"), name) for name, each in files]
    )


def read_pack(text: str, name: str) -> RulePack:
    """Read and check a pack; `name` says in messages where it is from.

    Raises:
        MalformedPack: it is no YAML, or does not say what the rules need.
    """
    try:
        return read(yaml.safe_load(text), rulebook.KNOWN)
    except yaml.YAMLError as error:
        raise MalformedPack(f"{name}: not YAML: {error}") from error
    except MalformedPack as error:
        raise MalformedPack(f"{name}: {error}") from error


def _files(folder: Traversable, within: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _files(each, f"{within}{each.name}/")
        elif each.name.endswith(".yaml"):
            yield f"{within}{each.name}", each
