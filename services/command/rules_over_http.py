"""Runs worked examples through compliance's own HTTP API."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from services.command.rules_application import TENANT, Api
from services.compliance.rules.act_request import ActRequest
from services.compliance.rules.book import Book
from services.compliance.rules.check import specimens
from services.compliance.rules.check.driver import Decision, Made, content_decision, is_doubt
from services.compliance.rules.facts import Fact
from services.compliance.rules.message import Message
from services.compliance.rules.request import ContactRequest


class HttpDriver:
    """One consumer's gate, over HTTP. Labels of an example become ids of ours."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._names: dict[tuple[str, str], str] = {}
        self._versions: dict[str, int] = {}
        self._source = f"profile-{api.ids.new('cns')}"
        self._tenant = TENANT
        self._checked = ""

    def adopt(self, at: datetime, document: str) -> None:
        """Go on at an agency of its own, at which the pack is in force."""
        self._tenant = self._api.agency_with(at, document)

    def book(self, label: str) -> Book:
        """Return a book that has judged, as it is on record."""
        return self._api.book(self._tenant, label)

    def _call(self, at: datetime, method: str, path: str, body: dict[str, Any]) -> Any:
        return self._api.call(at, method, path, body, self._tenant)

    def name(self, prefix: str, label: str) -> str:
        """Return the id that stands for a label, the same each time."""
        return self._names.setdefault((prefix, label), self._api.ids.new(prefix))

    def apply_fact(self, at: datetime, fact_key: str, fact: Fact) -> None:
        """Put a fact in force."""
        self._versions[fact_key] = self._versions.get(fact_key, 0) + 1
        self._call(
            at,
            "PUT",
            f"/protective-facts/{fact_key}",
            {
                "consumer_id": self.name("cns", "P1"),
                "source_stream": self._source,
                "source_version": self._versions[fact_key],
                "fact": msgspec.to_builtins(fact),
            },
        )

    def release_fact(self, at: datetime, fact_key: str) -> None:
        """End a fact."""
        self._versions[fact_key] = self._versions.get(fact_key, 0) + 1
        self._call(
            at,
            "PUT",
            f"/protective-facts/{fact_key}/release",
            {
                "consumer_id": self.name("cns", "P1"),
                "source_stream": self._source,
                "source_version": self._versions[fact_key],
                "released_by": "example",
                "reason": "the person said otherwise",
            },
        )

    def made(self, at: datetime, attempt: Made) -> None:
        """Report an attempt without a permit: an example's past need not be lawful."""
        self._call(
            max(at, attempt.ended_at),
            "POST",
            "/unpermitted-attempts",
            {
                **self._body(attempt.request),
                "attempt_id": self._api.ids.new("att"),
                "outcome": attempt.outcome,
                "started_at": _instant(attempt.started_at),
                "ended_at": _instant(attempt.ended_at),
                "discussed": list(attempt.discussed),
                "raised": list(attempt.raised),
            },
        )

    def ask(self, at: datetime, request: ContactRequest) -> Decision:
        """Ask for a permit; what goes to a social platform is checked first."""
        if request.channel == "social":
            told = _told(specimens.private_message())
            self._checked = self._call(at, "POST", "/content-checks", told)["content_digest"]
        answer = self._call(at, "POST", "/permits", self._body(request))
        earliest = answer["earliest_permitted_at"]
        decisive = [
            each["law"] for each in answer["objections"] if each["verdict"] == answer["decision"]
        ]
        return Decision(
            verdict=answer["decision"],
            permit_id=answer["id"],
            flags=tuple(each["flag"] for each in answer["flags"] if is_doubt(each["facts"])),
            rules=tuple(each["rule"] for each in answer["objections"]),
            laws=_laws(answer),
            earliest=datetime.fromisoformat(earliest) if earliest else None,
            rule_pack=answer["rule_pack"],
            cited=tuple(dict.fromkeys(decisive)),
        )

    def check(self, at: datetime, message: Message) -> Decision:
        """Have a message checked."""
        answer = self._call(at, "POST", "/content-checks", _told(message))
        return content_decision(
            answer["id"],
            ((each["rule"], each["verdict"], each["explanation"]) for each in answer["findings"]),
            is_communication=answer["is_communication"],
            may_be_initial=answer["may_be_initial"],
        )

    def redeem(self, at: datetime, request: ContactRequest, decision: Decision) -> Decision:
        """Redeem what was permitted."""
        path = f"/permits/{decision.permit_id}/redeem"
        answer = self._call(at, "POST", path, self._body(request))
        if answer["is_redeemed"]:
            return decision
        return Decision(
            verdict="deny",
            permit_id=decision.permit_id,
            rules=tuple(each["rule"] for each in answer["objections"]),
            laws=_laws(answer),
        )

    def conclude(self, at: datetime, decision: Decision, outcome: str) -> None:
        """Report what came of a redeemed permit."""
        self._call(
            at,
            "POST",
            f"/permits/{decision.permit_id}/outcome",
            {
                "consumer_id": self.name("cns", "P1"),
                "outcome": outcome,
                "started_at": _instant(at),
                "ended_at": _instant(at),
            },
        )

    def clear(self, at: datetime, request: ActRequest) -> Decision:
        """Ask for a clearance."""
        body = msgspec.to_builtins(request)
        digest = body.pop("content_digest")
        if digest:
            body["content_digest"] = sha256(digest.encode()).hexdigest()
        body["act"] = {key: value for key, value in body["act"].items() if value not in ("", None)}
        answer = self._call(at, "POST", "/clearances", body)
        earliest = answer["earliest_permitted_at"]
        return Decision(
            verdict=answer["decision"],
            permit_id=answer["id"],
            flags=tuple(each["flag"] for each in answer["flags"]),
            rules=tuple(each["rule"] for each in answer["objections"]),
            laws=_laws(answer),
            earliest=datetime.fromisoformat(earliest) if earliest else None,
        )

    def _body(self, request: ContactRequest) -> dict[str, Any]:
        body = {
            "consumer_id": request.consumer_id,
            "account_ids": list(request.account_ids),
            "party_id": request.party_id,
            "channel": request.channel,
            "contact_point_id": request.contact_point_id,
            "purpose": request.purpose,
            "act": request.act,
            "in_reply_to": request.in_reply_to,
            "portion": request.portion,
            "renewed_for": request.renewed_for,
            "says": list(request.says),
            "technology": request.technology,
            "disclosures": list(request.disclosures),
        }
        if request.channel == "social" and self._checked:
            body["content_digest"] = self._checked
        elif request.content_digest:
            body["content_digest"] = sha256(request.content_digest.encode()).hexdigest()
        return body


def _told(said: Any) -> dict[str, Any]:
    """Return what is said, without all that is left open."""
    return {
        each.name: _told(value) if isinstance(value, msgspec.Struct) else msgspec.to_builtins(value)
        for each in msgspec.structs.fields(said)
        if (value := getattr(said, each.name)) != each.default
    }


def _instant(at: datetime) -> str:
    return str(msgspec.to_builtins(at))


def _laws(answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each["law"] for each in answer["objections"]))
