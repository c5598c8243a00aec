"""Reads packs from files: for composition roots, since rules do no I/O."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.pack import MalformedPack, RulePack, read

DEPTH_MAX = 8
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_book() -> Book:
    """Read, check and bind the packs that ship with the rules.

    Raises:
        MalformedPack: a file does not say what the rules need; its name is in the message.
    """
    return rulebook.bind(load_packs())


def load_packs() -> list[RulePack]:
    """Read and check every file in the rules' folders of packs.

    Raises:
        MalformedPack: as `load_book`.
    """
    folder = resources.files("services.compliance.rules").joinpath("packs")
    files = sorted(_files(folder), key=lambda each: each[0])
    return [read_pack(each.read_text(encoding="utf-8"), name) for name, each in files]


def read_pack(text: str, name: str) -> RulePack:
    """Read and check a pack, YAML or JSON; `name` says in messages where it is from.

    Raises:
        MalformedPack: it is no YAML, or does not say what the rules need.
    """
    try:
        _refuse_depth(text)
        # The loader below is a safe one: it makes plain values only.
        return read(yaml.load(text, _Strict), rulebook.KNOWN)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, MalformedPack):
            raise MalformedPack(f"{name}: {error}", place=error.place, fix=error.fix) from error
        fix = f"give YAML or JSON; {_line(error)}"
        raise MalformedPack(f"{name}: not YAML: {error}", fix=fix) from error


def _refuse_depth(text: str) -> None:
    """See that the loader, which goes down into what is nested, comes up again.

    Raises:
        YAMLError: it is no YAML, has an alias, or is nested deeper than any pack.
    """
    depth = 0
    for each in yaml.parse(text, _Loader):
        if isinstance(each, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(each, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_MAX or isinstance(each, yaml.AliasEvent):
            # Aliases of aliases grow without end.
            raise yaml.YAMLError("nested too deep, or an alias")


class _Strict(_Loader):  # type: ignore[misc]
    """A safe loader that takes no key twice: the last one would win in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Build a mapping.

        Raises:
            ConstructorError: a key stands there twice.
        """
        keys = [each.value for each, _ in node.value if isinstance(each, yaml.ScalarNode)]
        if len(set(keys)) != len(keys):
            raise yaml.constructor.ConstructorError(None, None, "a key twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return (
        "it cannot be read" if mark is None else f"it cannot be read from line {mark.line + 1} on"
    )


def _files(folder: Traversable, within: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _files(each, f"{within}{each.name}/")
        elif each.name.endswith(".yaml"):
            yield f"{within}{each.name}", each
