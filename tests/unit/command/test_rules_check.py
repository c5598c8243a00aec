"""`forbear rules check`: on files that hold nothing to check, and on what nothing reads."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.command.cli import app

VECTOR = "{id: a, area: %s, kind: %s, given: {}, when: {}, then: {decision: deny}}"


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        ("", "no example under vectors"),
        (" []", "no example under vectors"),
        (f" [{VECTOR % ('astronomy', 'decision')}]", "areas (astronomy)"),
        (f" [{VECTOR % ('cease', 'poem')}]", "kinds (poem)"),
    ],
    ids=["no vectors", "an empty list", "an unknown area", "an unknown kind"],
)
@pytest.mark.parametrize("options", [[], ["--all"], ["--json"]])
def test_a_file_with_nothing_to_check_is_no_success(
    tmp_path: Path, vectors: str, said: str, options: list[str]
) -> None:
    file = tmp_path / "examples.yaml"
    file.write_text(f"meta: {{}}\nvectors:{vectors}\n")
    found = CliRunner().invoke(app, ["rules", "check", *options, str(file)])
    assert found.exit_code == 2
    assert said in found.stderr
    assert "nothing was checked" in found.stderr


@pytest.mark.parametrize(("options", "exit_code"), [([], 0), (["--strict"], 1)])
def test_what_nothing_reads_is_listed(tmp_path: Path, options: list[str], exit_code: int) -> None:
    file = tmp_path / "examples.yaml"
    vector = VECTOR.replace("given: {}", "given: {cease: true, moonlight: silvery}")
    vector = vector.replace("when: {}", "when: {act: call}") % ("cease", "decision")
    file.write_text(f"meta: {{}}\nvectors: [{vector}]\n")
    found = CliRunner().invoke(app, ["rules", "check", *options, str(file)])
    assert "a holds; nothing reads moonlight" in found.stdout
    assert found.exit_code == exit_code
