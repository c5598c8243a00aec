"""The files under check, read and rendered."""

import functools
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OBSERVABILITY = ROOT / "deploy" / "observability"
OVERLAYS = ("dev", "prod")
RENDERERS = (
    ("kubectl", ["kubectl", "kustomize"]),
    ("kustomize", ["kustomize", "build"]),
    ("go", ["go", "run", "sigs.k8s.io/kustomize/kustomize/v5@v5.5.0", "build"]),
)
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")

Document = dict[str, Any]


class NoRenderer(Exception):
    """There is neither kubectl nor kustomize nor Go."""


def read_yaml(path: Path) -> Any:
    """Return the one document of a file."""
    return yaml.safe_load(path.read_text())


def compose() -> Document:
    """Return the compose file, merged and not interpolated."""
    read: Document = read_yaml(ROOT / "docker-compose.yml")
    return read


def variables(text: str) -> dict[str, tuple[str, str]]:
    """Return the variables that a text asks for: `-` or `?` or nothing, and what follows it."""
    return {
        match["name"]: (match["kind"] or "", match["rest"] or "")
        for match in _VARIABLE.finditer(text)
    }


def interpolated(value: object, given: Mapping[str, str]) -> str:
    """Return a value as compose hands it on."""

    def instead(match: re.Match[str]) -> str:
        return given.get(match["name"]) or (match["rest"] if match["kind"] == "-" else "")

    return _VARIABLE.sub(instead, str(value))


def render(folder: Path) -> list[Document]:
    """Return what kustomize makes of a folder.

    Raises:
        NoRenderer: nothing here can.
    """
    command = next((line for program, line in RENDERERS if shutil.which(program)), None)
    if command is None:
        raise NoRenderer("kubectl, kustomize or Go is needed to render the manifests.")
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    return list(yaml.safe_load_all(done.stdout))


@functools.cache
def overlay(name: str) -> tuple[Document, ...]:
    """Return an overlay, rendered once; do not change it."""
    return tuple(render(ROOT / "deploy" / "k8s" / "overlays" / name))


def of_kind(documents: Sequence[Document], *kinds: str) -> list[Document]:
    """Return the documents of some kinds."""
    return [each for each in documents if each["kind"] in kinds]


def name_of(document: Document) -> str:
    """Return a document's name."""
    return str(document["metadata"]["name"])


def named(documents: Sequence[Document], kind: str, name: str) -> Document:
    """Return one document."""
    return next(each for each in of_kind(documents, kind) if name_of(each) == name)
