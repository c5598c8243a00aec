"""Acts other than contacts that a desk asks about: suits, sales, charges, deposits and the like."""

from datetime import date, timedelta
from typing import Any

from tests.simulation.subject import Subject


def some_act(subject: Subject, today: date) -> dict[str, Any]:
    """Return an act that is lawful about as often as not."""
    chance = subject.chance
    match chance.one_of(
        "furnish furnish transfer transfer suit suit suit judgment payment deposit charge"
        " purge".split()
    ):
        case "furnish":
            return {
                "kind": "furnish",
                "is_marked_disputed": chance.happens(0.4),
                "recipient": chance.one_of(("reporting_agency",) * 3 + ("check_specialty",)),
            }
        case "transfer":
            return {
                "kind": "transfer",
                "way": chance.one_of(("sale", "sale", "placement", "securitization", "lien")),
                "recipient": chance.one_of(("other", "other", "owner", "previous_owner")),
                "has_lien_notice": chance.happens(0.5),
            }
        case "suit":
            return {
                "kind": "legal-action",
                "form": chance.one_of(("suit", "suit", "arbitration", "threat", "proof_of_claim")),
                "forum_state": subject.person.lives.state,
                "forum_district": chance.one_of(("D-1",) * 4 + ("D-2", None)),
            }
        case "judgment":
            return {
                "kind": "default-judgment",
                "affidavit": chance.one_of(
                    ("in_service", "not_in_service", "not_in_service", None)
                ),
                "has_appointed_attorney": chance.happens(0.5),
            }
        case "payment":
            accounts = subject.account_ids
            directed = [{"account_id": accounts[0], "amount": 500}]
            return {
                "kind": "allocate-payment",
                "allocations": [{"account_id": subject.account_id, "amount": 500}],
                "directed": directed if chance.happens(0.5) else [],
            }
        case "deposit":
            dated = today + timedelta(days=chance.one_of((2, 9)))
            return {
                "kind": "deposit-instrument",
                "received_on": today.isoformat(),
                "dated_on": dated.isoformat(),
                "deposit_on": (dated + timedelta(days=chance.one_of((-1, 0, 1)))).isoformat(),
                "notice_sent_on": (dated - timedelta(days=chance.one_of((2, 7, 15)))).isoformat(),
            }
        case "charge":
            return {
                "kind": "add-charge",
                "charge": chance.one_of(("interest", "interest", "fee", "convenience_fee")),
                "basis": chance.one_of(("agreement", "law", None)),
                "authority": "clause 4",
                "rate_basis_points": chance.one_of((500, 600, 601, 2_000)),
                "from_on": (today - timedelta(days=30)).isoformat(),
                "until_on": today.isoformat(),
            }
        case _:
            return {
                "kind": "purge",
                "records": chance.one_of(("all", "call_recording")),
                "recorded_on": chance.one_of(
                    (today - timedelta(days=1_200), today - timedelta(days=90))
                ).isoformat(),
                "last_activity_on": (today - timedelta(days=1_200)).isoformat(),
            }
