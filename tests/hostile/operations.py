"""Every route of every service with who may use it and a body it takes: reviewed by hand.

A route that is not in this table fails `test_authorization`, and with it everything built on the
table. The order is one in which all of them can be called on the same objects.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.unit.ledger.samples import row

Body = Callable[[dict[str, str]], dict[str, Any]]
CONTACT = ("contact",)
TELLERS = ("contact", "disputes", "ledger")

#: Which object of the agency stands for a parameter of a path.
PATH_OBJECTS = {
    "account_id": "acct",
    "account_number": "number",
    "attempt_id": "att",
    "check_id": "check",
    "clearance_id": "clr",
    "consent_id": "cst",
    "consumer_id": "cns",
    "creditor_id": "crd",
    "dispute_id": "dsp",
    "fact_id": "fact",
    "payment_id": "pay",
    "permit_id": "prm",
    "placement_id": "plc",
    "plan_id": "plan",
    "pack_id": "rpk",
    "replay_id": "rpl",
    "review_id": "review",
    "label": "book",
    "authority": "authority",
}


#: What stands in a path and is no agency's: a state is the same for all of them.
OF_NOBODY = frozenset({"authority"})


@dataclass(frozen=True)
class Operation:
    """One route; without a scope it is for the named services alone, or public.

    `is_question`: a POST that changes nothing. `seen` is the version that its If-Match names.
    """

    service: str
    method: str
    path: str
    scope: str | None
    services: tuple[str, ...] = ()
    body: Body | None = None
    is_public: bool = False
    is_question: bool = False
    seen: int | None = None

    @property
    def name(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def takes_key(self) -> bool:
        return self.method == "POST" and not self.is_public and not self.is_question

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    def filled(self, objects: dict[str, str], **changed: str) -> str:
        """Return the path with the agency's objects in it, or with other values."""
        path = self.path
        for name in self.parameters:
            value = changed.get(name, objects[PATH_OBJECTS[name]])
            path = path.replace("{" + name + "}", value)
        return path


def _contact(objects: dict[str, str]) -> dict[str, Any]:
    return {
        "consumer_id": objects["cns"],
        "account_ids": [objects["acct"]],
        "party_id": objects["cns"],
        "channel": "call",
        "contact_point_id": objects["cp"],
        "purpose": "collection",
        "act": "contact",
        "portion": "whole",
        "seen": [{"stream": f"contact-{objects['cns']}", "version": 1}],
    }


def _clearance(objects: dict[str, str]) -> dict[str, Any]:
    return {
        "consumer_id": objects["cns"],
        "account_ids": [objects["acct"]],
        "party_id": objects["cns"],
        "act": {"kind": "furnish", "is_marked_disputed": True, "recipient": "reporting_agency"},
        "content_digest": "0" * 64,
        "seen": [{"stream": f"contact-{objects['cns']}", "version": 1}],
    }


def _outcome(objects: dict[str, str]) -> dict[str, Any]:
    return {
        "consumer_id": objects["cns"],
        "outcome": "no_answer",
        "started_at": "2026-06-10T18:00:00Z",
        "ended_at": "2026-06-10T18:00:00Z",
        "discussed": [objects["acct"]],
        "raised": [objects["acct"]],
    }


def _unpermitted(objects: dict[str, str]) -> dict[str, Any]:
    contact = {name: value for name, value in _contact(objects).items() if name != "seen"}
    return {**contact, **_outcome(objects), "attempt_id": objects["att"]}


def _content() -> dict[str, Any]:
    return {
        "channel": "email",
        "document": "message",
        "subject": "Your account",
        "text": "This is from a debt collector. Reply STOP to stop e-mails.",
        "language": "en",
        "states": ["IL"],
        "is_initial": False,
        "business_name": "Example Inc",
        "contact_names": ["Robin Smith"],
        "telephone_numbers": ["1-800-555-1212"],
        "lawful_and_intended": ["suit"],
        "opt_out": {"statement": "Reply STOP", "asks_for": ["number"]},
        "envelope": {"marks": ["postage"]},
        "notice": {"fields": {"interest": "0"}, "debts_combined": 1},
    }


def _fact(objects: dict[str, str]) -> dict[str, Any]:
    return {
        "consumer_id": objects["cns"],
        "source_stream": f"contact-{objects['cns']}",
        "source_version": 7,
        "fact": {"kind": "cease-notice", "received_at": "2026-06-10T18:00:00Z"},
    }


def _release(objects: dict[str, str]) -> dict[str, Any]:
    return {
        "consumer_id": objects["cns"],
        "source_stream": f"contact-{objects['cns']}",
        "source_version": 8,
        "released_by": "key_1",
        "reason": "superseded",
        "digest": "0" * 64,
    }


def _window() -> dict[str, Any]:
    return {
        "weekdays": [0, 6],
        "from_time": "08:00",
        "until_time": "12:30",
        "first_date": "2026-06-10",
        "last_date": "2026-07-10",
        "zone": "America/Chicago",
    }


def _post(service: str, path: str, scope: str, body: Body | None = None) -> Operation:
    return Operation(service, "POST", f"/v1{path}", scope, body=body)


def _get(service: str, path: str, scope: str) -> Operation:
    return Operation(service, "GET", f"/v1{path}", scope)


def _permit(path: str, body: Body) -> Operation:
    return Operation("compliance", "POST", f"/v1{path}", "permits:write", CONTACT, body)


def _step(path: str, scope: str, seen: int, body: Body | None = None) -> Operation:
    return Operation("compliance", "POST", f"/v1{path}", scope, body=body, seen=seen)


def _told(path: str, body: Body) -> Operation:
    return Operation("compliance", "PUT", f"/v1{path}", None, TELLERS, body)


_HOUSE_RULES = """
pack: house-{}
version: "1"
jurisdiction: VT
rules:
- rule: permitted-hours
  law: HOUSE
  citation: Policy 1
  effective_from: 2026-06-10
  parameters: {{opens_minute: 600, closes_minute: 960}}
"""


def house_rules() -> str:
    """Return a pack's document under a name that was never used."""
    return _HOUSE_RULES.format(uuid4().hex)


OPERATIONS: tuple[Operation, ...] = (
    _get("ledger", "/creditors/{creditor_id}", "creditors:read"),
    _get("ledger", "/placements/{placement_id}", "placements:read"),
    _get("ledger", "/accounts", "accounts:read"),
    _get("ledger", "/accounts/by-ref/{creditor_id}/{account_number}", "accounts:read"),
    _get("ledger", "/accounts/{account_id}", "accounts:read"),
    _get("ledger", "/accounts/{account_id}/holds", "accounts:read"),
    _get("ledger", "/accounts/{account_id}/plans", "plans:read"),
    _get("ledger", "/plans/{plan_id}", "plans:read"),
    _get("ledger", "/trial-balance", "accounts:read"),
    _get("contact", "/attempts", "attempts:read"),
    _get("contact", "/attempts/{attempt_id}", "attempts:read"),
    _get("contact", "/consumers/{consumer_id}/contact-points", "consumers:read"),
    _get("contact", "/consumers/{consumer_id}/consents", "consumers:read"),
    _get("contact", "/consumers/{consumer_id}/statements", "consumers:read"),
    _get("disputes", "/disputes", "disputes:read"),
    _get("disputes", "/disputes/{dispute_id}", "disputes:read"),
    _get("compliance", "/permits", "permits:read"),
    _get("compliance", "/permits/{permit_id}", "permits:read"),
    _get("compliance", "/consumers/{consumer_id}/decisions", "permits:read"),
    _get("compliance", "/clearances", "permits:read"),
    _get("compliance", "/clearances/{clearance_id}", "permits:read"),
    _get("compliance", "/content-checks", "permits:read"),
    _get("compliance", "/content-checks/{check_id}", "permits:read"),
    _get("compliance", "/call-reviews", "permits:read"),
    _get("compliance", "/call-reviews/{review_id}", "permits:read"),
    _get("compliance", "/consumers/{consumer_id}/holds", "permits:read"),
    _get("compliance", "/consumers/{consumer_id}/contact-windows", "permits:read"),
    _get("compliance", "/rule-packs", "rules:read"),
    _get("compliance", "/rule-packs/{pack_id}", "rules:read"),
    _get("compliance", "/rule-books/{label}", "rules:read"),
    _get("compliance", "/replays", "replays:read"),
    _get("compliance", "/replays/{replay_id}", "replays:read"),
    _get("compliance", "/replays/{replay_id}/differences", "replays:read"),
    _get("compliance", "/late-facts", "permits:read"),
    _get("compliance", "/consumers/{consumer_id}/late-facts", "permits:read"),
    _get("compliance", "/licences", "licences:read"),
    _get("compliance", "/canaries", "audit:read"),
    _get("compliance", "/audit/checkpoint", "audit:read"),
    _get("compliance", "/accounts/{account_id}/timeline", "accounts:read"),
    _post("ledger", "/creditors", "creditors:write", lambda objects: {"name": "Harbor Bank"}),
    _post(
        "ledger",
        "/placements",
        "placements:write",
        lambda objects: {
            "creditor_id": objects["crd"],
            "rows": [row(account_number="HOSTILE-1", customer_reference="HOSTILE-1")],
        },
    ),
    Operation("ledger", "POST", "/v1/inbound/{creditor_id}/placements", None, is_public=True),
    _post(
        "ledger",
        "/accounts/{account_id}/payments",
        "payments:write",
        lambda objects: {
            "amount_minor": 700,
            "currency": "USD",
            "received_by": "agency",
            "instrument": "ach",
            "received_at": "2026-06-10T17:00:00Z",
            "external_ref": "bank-1",
            "plan_id": objects["plan"],
        },
    ),
    _post(
        "ledger",
        "/accounts/{account_id}/payments/{payment_id}/reversals",
        "payments:write",
        lambda objects: {"reason": "nsf", "effective_at": "2026-06-10T18:00:00Z"},
    ),
    _post(
        "ledger",
        "/plans/{plan_id}/cancel",
        "plans:write",
        lambda objects: {"reason": "requested"},
    ),
    _post(
        "ledger",
        "/accounts/{account_id}/plans",
        "plans:write",
        lambda objects: {
            "instalments": [
                {"due_date": "2026-07-01", "amount_minor": 500},
                {"due_date": "2026-08-01", "amount_minor": 500},
            ],
            "total_minor": 1000,
            "agreed_with": objects["cns"],
        },
    ),
    _post(
        "contact",
        "/attempts",
        "attempts:write",
        lambda objects: {
            "account_id": objects["acct"],
            "channel": "email",
            "contact_point_id": objects["mail"],
            "purpose": "collection",
            "content": {"subject": "Your account", "text": "Please call us."},
            "party_id": objects["cns"],
            "act": "contact",
            "portion": "whole",
            "seen": [{"stream": f"contact-{objects['cns']}", "version": 1}],
        },
    ),
    _post("contact", "/attempts/{attempt_id}/dispatch", "attempts:write"),
    _post(
        "contact",
        "/attempts/{attempt_id}/outcome",
        "attempts:write",
        lambda objects: {
            "outcome": "no_answer",
            "started_at": "2026-06-10T18:00:00Z",
            "ended_at": "2026-06-10T18:00:00Z",
            "account_ids_discussed": [objects["acct"]],
            "account_ids_raised": [objects["acct"]],
            "statements": [{"kind": "inconvenient_time", "windows": [_window()]}],
            "note": "Nobody at home.",
        },
    ),
    _post("contact", "/attempts/{attempt_id}/cancel", "attempts:write"),
    _post(
        "contact",
        "/consumers/{consumer_id}/statements",
        "statements:write",
        lambda objects: {
            "kind": "attorney",
            "account_ids": [objects["acct"]],
            "attorney": "Ada Example, Springfield",
            "received_at": "2026-06-10T18:00:00Z",
            "text": "Speak with my attorney.",
        },
    ),
    _post(
        "contact",
        "/protective-facts/{fact_id}/release",
        "statements:write",
        lambda objects: {
            "consumer_id": objects["cns"],
            "reason": "superseded",
            "note": "They wrote again.",
        },
    ),
    _post(
        "contact",
        "/inbound-messages",
        "statements:write",
        lambda objects: {
            "consumer_id": objects["cns"],
            "channel": "email",
            "contact_point_id": objects["mail"],
            "text": "What do I owe?",
            "received_at": "2026-06-10T18:00:00Z",
            "account_ids": [objects["acct"]],
        },
    ),
    _post(
        "contact",
        "/inbound-calls",
        "statements:write",
        lambda objects: {
            "consumer_id": objects["cns"],
            "is_conversation": False,
            "started_at": "2026-06-10T17:00:00Z",
            "ended_at": "2026-06-10T17:01:00Z",
            "contact_point_id": objects["cp"],
            "account_ids": [objects["acct"]],
        },
    ),
    _post(
        "contact",
        "/consents",
        "consumers:write",
        lambda objects: {
            "consumer_id": objects["cns"],
            "medium": "email",
            "procedure": "direct_consent",
            "contact_point_id": objects["mail"],
            "account_ids": [objects["acct"]],
            "given_to": "this_collector",
            "given_at": "2026-06-10T17:00:00Z",
            "expires_on": "2027-06-10",
        },
    ),
    _post(
        "contact",
        "/consents/{consent_id}/withdraw",
        "consumers:write",
        lambda objects: {
            "consumer_id": objects["cns"],
            "withdrawn_at": "2026-06-10T18:00:00Z",
        },
    ),
    _permit("/permits", _contact),
    Operation(
        "compliance",
        "POST",
        "/v1/permits:preview",
        "permits:read",
        CONTACT,
        _contact,
        is_question=True,
    ),
    _permit("/permits:batch", lambda objects: {"requests": [_contact(objects)]}),
    _permit("/permits/{permit_id}/redeem", _contact),
    _permit("/permits/{permit_id}/outcome", _outcome),
    _permit(
        "/permits/{permit_id}/release",
        lambda objects: {"consumer_id": objects["cns"], "reason": "not needed"},
    ),
    _permit("/unpermitted-attempts", _unpermitted),
    Operation(
        "compliance",
        "POST",
        "/v1/clearances",
        "permits:write",
        ("ledger", "contact", "disputes"),
        body=_clearance,
    ),
    _post("compliance", "/rule-packs", "rules:write", lambda objects: {"document": house_rules()}),
    _step("/rule-packs/{pack_id}/observe", "rules:write", 1),
    _step(
        "/rule-packs/{pack_id}/activate",
        "rules:approve",
        2,
        lambda objects: {"effective_at": "2027-06-10T18:00:00Z"},
    ),
    _step(
        "/rule-packs/{pack_id}/withdraw",
        "rules:approve",
        3,
        lambda objects: {"reason": "superseded", "effective_at": "2027-06-11T18:00:00Z"},
    ),
    _post(
        "compliance",
        "/replays",
        "replays:write",
        lambda objects: {
            "rule_book": "as_decided",
            "rule_packs": [objects["rpk"]],
            "in_force_throughout": True,
            "from": "2026-06-01T00:00:00Z",
            "to": "2026-06-10T00:00:00Z",
            "facts": "known_then",
        },
    ),
    _post("compliance", "/replays/{replay_id}/cancel", "replays:write"),
    _permit("/content-checks", lambda objects: _content()),
    Operation(
        "compliance",
        "PUT",
        "/v1/licences/{authority}",
        "licences:write",
        body=lambda objects: {"number": "VI-017", "expires_on": "2027-12-31"},
    ),
    _post(
        "compliance",
        "/licences/{authority}/end",
        "licences:write",
        lambda objects: {"reason": "given up"},
    ),
    _post(
        "compliance",
        "/call-reviews",
        "permits:review",
        lambda objects: {
            "consumer_id": objects["cns"],
            "account_ids": [objects["acct"]],
            "factor": "required_by_law",
            "decision": "refused",
            "valid_hours": 24,
        },
    ),
    _told("/protective-facts/{fact_id}", _fact),
    _told("/protective-facts/{fact_id}/release", _release),
    _post(
        "disputes",
        "/disputes",
        "disputes:write",
        lambda objects: {
            "account_id": objects["acct"],
            "kind": "dispute",
            "in_writing": True,
            "received_at": "2026-06-10T18:00:00Z",
            "disputed_amount_minor": 500,
            "currency": "USD",
            "grounds": "wrong_amount",
            "text": "I owe less.",
            "timely": True,
            "consumer_id": objects["cns"],
        },
    ),
    _post("disputes", "/disputes/{dispute_id}/acknowledge", "disputes:write"),
    _post(
        "disputes",
        "/disputes/{dispute_id}/answer",
        "disputes:write",
        lambda objects: {"answer": "verification", "sent_at": "2026-06-10T18:00:00Z"},
    ),
    _post(
        "disputes",
        "/disputes/{dispute_id}/resolve",
        "disputes:write",
        lambda objects: {"resolution": "denied", "note": "Shown to be owed."},
    ),
    _post(
        "ledger",
        "/accounts/{account_id}/recall",
        "accounts:write",
        lambda objects: {"reason": "creditor_request"},
    ),
    _post(
        "ledger",
        "/accounts/{account_id}/close",
        "accounts:write",
        lambda objects: {"reason": "withdrawn_by_creditor"},
    ),
)

#: What is served without a policy: probes, metrics, documentation. They tell nothing of a tenant.
OPEN_PATHS = frozenset(
    (
        "/metrics",
        "/livez",
        "/readyz",
        "/startupz",
        "/docs",
        "/docs/static/{name}",
        "/openapi.json",
        "/problems",
        "/problems/{code}",
    )
)
