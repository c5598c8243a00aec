"""Reads the packs that ship with the rules: for composition roots, since rules do no I/O."""

from importlib import resources

import yaml

from services.compliance.rules import pack, rulebook


def load_pack(name: str) -> pack.RulePack:
    """Read, check and freeze the pack of that file name.

    Raises:
        MalformedPack: the file does not say what the rules need.
    """
    text = resources.files("services.compliance.rules").joinpath("packs", f"{name}.yaml")
    return pack.read(yaml.safe_load(text.read_text(encoding="utf-8")), rulebook.NEEDED)
