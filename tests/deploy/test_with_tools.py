"""What other people's tools say: published schemas, and a linter. `make check-deploy` has them."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.documents import OVERLAYS, ROOT, compose, overlay

KUBERNETES = ("1.34", "1.37")  # the oldest with all that is used here, and the newest known
_FOLDER = os.environ.get("FORBEAR_DEPLOY_TOOLS")
pytestmark = pytest.mark.skipif(not _FOLDER, reason="`make check-deploy` brings the tools")


def run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(_FOLDER or "").resolve() / program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


class TestCompose:
    def check(self, file: Path) -> "subprocess.CompletedProcess[str]":
        return run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(file))

    def test_has_the_published_form(self) -> None:
        done = self.check(ROOT / "docker-compose.yml")
        assert done.returncode == 0, done.stdout

    def test_is_refused_with_a_misspelt_field(self, tmp_path: Path) -> None:
        document = compose()
        document["services"]["ledger"]["health_check"] = {}
        (tmp_path / "compose.yml").write_text(yaml.safe_dump(document))
        assert self.check(tmp_path / "compose.yml").returncode == 1


class TestKubernetes:
    def check(self, file: Path, version: str) -> "subprocess.CompletedProcess[str]":
        return run("kubernetes-validate", "--strict", "--quiet", "-k", version, str(file))

    @pytest.mark.parametrize("version", KUBERNETES)
    @pytest.mark.parametrize("name", OVERLAYS)
    def test_has_the_published_form(self, name: str, version: str, tmp_path: Path) -> None:
        (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(overlay(name)))
        done = self.check(tmp_path / "all.yaml", version)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_is_refused_with_a_misspelt_field(self, tmp_path: Path) -> None:
        documents = yaml.safe_load(yaml.safe_dump(list(overlay("prod"))))
        deployment = next(each for each in documents if each["kind"] == "Deployment")
        deployment["spec"]["template"]["spec"]["containers"][0]["livenessprobe"] = {}
        (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(documents))
        assert self.check(tmp_path / "all.yaml", KUBERNETES[-1]).returncode != 0


class TestDockerfile:
    def test_is_in_order(self) -> None:
        done = run("hadolint", "Dockerfile")
        assert done.returncode == 0, done.stdout

    def test_is_refused_with_a_fault(self, tmp_path: Path) -> None:
        text = (ROOT / "Dockerfile").read_text().replace("python:3.11-slim-bookworm", "python")
        (tmp_path / "Dockerfile").write_text(text.replace("COPY shared", "ADD shared"))
        done = run("hadolint", str(tmp_path / "Dockerfile"))
        assert done.returncode == 1, done.stdout
