"""What every refusal must look like, whatever was wrong."""

from typing import Any

import httpx2

from tests.hostile.canaries import NUMBER, TEXT, WORD, Search

BYTES_MAX = 4096
REQUIRED = {"type", "title", "status", "detail", "code", "retryable", "request_id", "trace_id"}
SHOWN = REQUIRED | {"errors", "errors_truncated"}
OF_AN_ERROR = {"code", "detail", "pointer", "parameter", "header"}
#: Traces of how it is built: stack, SQL, libraries, hosts.
INSIDE = ("traceback", 'file "', "asyncpg", "pydantic", "msgspec", "select ", "insert ", "127.0.0")

_ECHO = Search((TEXT, WORD, str(NUMBER), "571-83-4462", "Quagmire"))


def refused(response: httpx2.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Assert that this is a problem in the one form, and nothing of what was sent; return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert len(response.content) <= BYTES_MAX
    problem: dict[str, Any] = response.json()
    assert set(problem) >= REQUIRED
    assert set(problem) <= SHOWN
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["request_id"] == response.headers["request-id"]
    for error in problem.get("errors", ()):
        assert set(error) <= OF_AN_ERROR
        assert error["code"]
    codes = {problem["code"], *(error["code"] for error in problem.get("errors", ()))}
    assert code is None or code in codes, problem
    assert echo_in(response) == set()
    return problem


def echo_in(response: httpx2.Response) -> set[str]:
    """Return what an answer gives away: anything sent, anything of how it is built."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    content = headers.encode() + b"\n" + response.content
    lower = content.decode("utf-8", "replace").lower()
    return _ECHO.found_in(content) | {each for each in INSIDE if each in lower}


def pointers_of(problem: dict[str, Any]) -> list[str]:
    """Return the places that a problem names."""
    return [error["pointer"] for error in problem.get("errors", ()) if "pointer" in error]
