"""Reads packs from files: for composition roots, since rules do no I/O."""

from importlib import resources
from importlib.resources.abc import Traversable

import yaml

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import MalformedPack, RulePack, read


def load_book() -> Book:
    """Read, check and bind the packs that ship with the rules: every file in their folder.

    Raises:
        MalformedPack: a file does not say what the rules need; its name is in the message.
    """
    folder = resources.files("services.compliance.rules").joinpath("packs")
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=_name)
    return rulebook.bind([read_pack(each.read_text(encoding="utf-8"), each.name) for each in files])


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


def _name(file: Traversable) -> str:
    return file.name
