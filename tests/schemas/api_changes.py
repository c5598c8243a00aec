"""Which changes of an OpenAPI document break its callers.

A request that was right must stay right, and an answer must stay what callers were told. Lists of
values in answers may grow: the documents tell callers to expect values they do not know.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.schemas.changes import Change, changes

Document = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
ADVICE = "Keep what was released beside the new (docs/decisions/0020-released-schemas.md)."


def broken_api(old: Document, new: Document) -> list[str]:
    """Return what callers of the old API can no longer rely on, each with what to do instead."""
    comparison = _Comparison(old, new)
    return [f"{each}. {ADVICE}" for each in dict.fromkeys(comparison.paths())]


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self._old = old
        self._new = new

    def paths(self) -> Iterator[str]:
        for path, methods in self._old["paths"].items():
            if path not in self._new["paths"]:
                yield f"{path} is gone"
                continue
            for method in (each for each in METHODS if each in methods):
                operation = f"{method.upper()} {path}"
                now = self._new["paths"][path].get(method)
                if now is None:
                    yield f"{operation} is gone"
                else:
                    for broken in self._operation(methods[method], now):
                        yield f"{operation}: {broken}"

    def _operation(self, old: Document, new: Document) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield "operationId is another; clients are named after it"
        for accepted in old.get("security", ()):
            if accepted not in new.get("security", ()):
                yield f"credentials are no longer enough: {_credentials(accepted)}"
        yield from self._parameters(old, new)
        yield from self._body(old.get("requestBody"), new.get("requestBody"))
        yield from self._answers(old["responses"], new["responses"])

    def _parameters(self, old: Document, new: Document) -> Iterator[str]:
        before = {(each["in"], each["name"]): each for each in old.get("parameters", ())}
        after = {(each["in"], each["name"]): each for each in new.get("parameters", ())}
        for key, parameter in after.items():
            where = " ".join(key)
            if key not in before:
                if parameter.get("required"):
                    yield f"{where} is new and required"
            else:
                if parameter.get("required") and not before[key].get("required"):
                    yield f"{where} became required"
                yield from self._requested(before[key]["schema"], parameter["schema"], where)
        for key in before.keys() - after.keys():
            yield f"{' '.join(key)} is refused"

    def _body(self, old: Document | None, new: Document | None) -> Iterator[str]:
        if old is None:
            if new is not None and new.get("required"):
                yield "a body is required"
            return
        if new is None:
            yield "a body is refused"
            return
        if new.get("required") and not old.get("required"):
            yield "a body became required"
        for kind, content in old["content"].items():
            if kind not in new["content"]:
                yield f"a body of {kind} is refused"
            else:
                yield from self._requested(
                    content["schema"], new["content"][kind]["schema"], "body"
                )

    def _answers(self, old: Document, new: Document) -> Iterator[str]:
        for status, answer in old.items():
            if status not in new:
                if int(status) < 400:
                    yield f"{status} is no longer answered"
                continue
            for name in answer.get("headers", {}).keys() - new[status].get("headers", {}).keys():
                yield f"{status} is without the header {name}"
            for kind, content in answer.get("content", {}).items():
                now = new[status].get("content", {}).get(kind)
                if now is None:
                    yield f"{status} is no longer {kind}"
                else:
                    found = self._changes(content["schema"], now["schema"])
                    for each in found:
                        if each.widens and not each.is_growth:
                            yield f"{status} {each}"

    def _requested(self, old: Any, new: Any, where: str) -> Iterator[str]:
        for each in self._changes(old, new):
            if each.narrows:
                yield f"{where} {each}"

    def _changes(self, old: Any, new: Any) -> list[Change]:
        return changes(old, new, old_root=self._old, new_root=self._new)


def _credentials(accepted: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} ({' '.join(scopes)})" for name, scopes in accepted.items())
