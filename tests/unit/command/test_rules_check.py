"""`forbear rules check` on files that hold nothing to check."""

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
