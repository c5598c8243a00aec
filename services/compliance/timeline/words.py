"""What each event says in plain words. Nothing personal: ids, amounts, dates, rules."""

from collections.abc import Callable, Mapping
from typing import Any

Data = Mapping[str, Any]
Say = Callable[[Data], str]


def money(value: Mapping[str, Any]) -> str:
    """Write an amount of minor units, such as `USD 12.34`."""
    sign = "-" if value["amount"] < 0 else ""
    whole, cents = divmod(abs(value["amount"]), 100)
    return f"{value['currency']} {sign}{whole:,}.{cents:02}"


def _spaced(code: str) -> str:
    return code.replace("_", " ").replace("-", " ")


def _refused(data: Data) -> str:
    reasons = "; ".join(
        f"{each['explanation']} ({each['citation']})" for each in data["objections"]
    )
    until = data.get("earliest_permitted_at")
    again = f" Permitted from {until}." if until else ""
    channel = data["request"]["channel"]
    return f"Contact by {channel} was vetoed ({data['verdict']}): {reasons}.{again}"


def _act_refused(data: Data) -> str:
    reasons = "; ".join(
        f"{each['explanation']} ({each['citation']})" for each in data["objections"]
    )
    until = data.get("earliest_permitted_at")
    again = f" Permitted from {until}." if until else ""
    act = _spaced(data["request"]["act"]["kind"])
    return f"An act was vetoed ({act}, {data['verdict']}): {reasons}.{again}"


def _payment(data: Data) -> str:
    return (
        f"Payment of {money(data['amount'])} received by the {data['received_by']};"
        f" balance {money(data['balance'])}."
    )


def _attempt(data: Data) -> str:
    spoke = " A conversation took place." if data.get("conversation") else ""
    return f"The attempt ended: {_spaced(data['outcome'])}.{spoke}"


WORDS: dict[str, Say] = {
    "forbear.ledger.account-placed.v1": lambda d: (
        f"The creditor placed the account with a balance of {money(d['balance'])}."
    ),
    "forbear.ledger.account-activated.v1": lambda d: "Work on the account may begin.",
    "forbear.ledger.hold-placed.v1": lambda d: f"A hold was placed: {_spaced(d['reason'])}.",
    "forbear.ledger.hold-lifted.v1": lambda d: f"The hold was lifted: {_spaced(d['reason'])}.",
    "forbear.ledger.payment-recorded.v1": _payment,
    "forbear.ledger.payment-reversed.v1": lambda d: (
        f"Payment of {money(d['amount'])} was reversed ({d['reason']});"
        f" balance {money(d['balance'])}."
    ),
    "forbear.ledger.account-recalled.v1": lambda d: (
        f"The creditor recalled the account: {_spaced(d['reason'])}."
    ),
    "forbear.ledger.account-closed.v1": lambda d: (
        f"The account was closed: {_spaced(d['reason'])}."
    ),
    "forbear.ledger.account-reopened.v1": lambda d: (
        f"The account is open again: {_spaced(d['reason'])}."
    ),
    "forbear.ledger.plan-agreed.v1": lambda d: (
        f"A plan of {len(d['instalments'])} instalments over {money(d['total'])} was agreed."
    ),
    "forbear.ledger.instalment-fell-due.v1": lambda d: (
        f"Instalment {d['number']} of {money(d['amount'])} fell due."
    ),
    "forbear.ledger.instalment-paid.v1": lambda d: f"Instalment {d['number']} is paid.",
    "forbear.ledger.instalment-missed.v1": lambda d: (
        f"Instalment {d['number']} was missed; {money(d['outstanding'])} is outstanding."
    ),
    "forbear.ledger.instalment-reopened.v1": lambda d: (
        f"Instalment {d['number']} is open again; {money(d['outstanding'])} is outstanding."
    ),
    "forbear.ledger.plan-completed.v1": lambda d: "The plan is completed.",
    "forbear.ledger.plan-reopened.v1": lambda d: "The plan is open again.",
    "forbear.ledger.plan-cancelled.v1": lambda d: (
        f"The plan was cancelled: {_spaced(d['reason'])}."
    ),
    "forbear.contact.attempt-permitted.v1": lambda d: (
        f"An attempt by {d['channel']} was permitted."
    ),
    "forbear.contact.dispatch-started.v1": lambda d: "The attempt is being made.",
    "forbear.contact.dispatch-refused.v1": lambda d: (
        "The attempt was stopped at the last moment by the rules."
    ),
    "forbear.contact.attempt-concluded.v1": _attempt,
    "forbear.contact.attempt-cancelled.v1": lambda d: "The attempt was cancelled before it began.",
    "forbear.contact.cease-requested.v1": lambda d: (
        "The consumer asked "
        + ("in writing" if d["in_writing"] else "orally")
        + " that contact stop."
    ),
    "forbear.contact.attorney-retained.v1": lambda d: "An attorney represents the consumer.",
    "forbear.contact.bankruptcy-reported.v1": lambda d: (
        "A bankruptcy was reported"
        + (f" under chapter {d['chapter']}" if d["chapter"] else "")
        + (f", filed on {d['filed_on']}." if d["filed_on"] else ".")
    ),
    "forbear.contact.identity-theft-reported.v1": lambda d: (
        "The debt was reported as identity theft."
    ),
    "forbear.contact.reporting-dispute-noticed.v1": lambda d: (
        "A reporting agency gave notice that the debt is disputed."
    ),
    "forbear.contact.initial-communication-reported.v1": lambda d: (
        "The debt was first communicated about "
        + ("orally" if d["is_oral"] else "in writing")
        + f", on {d['happened_at'][:10]}."
    ),
    "forbear.contact.debt-position-stated.v1": lambda d: (
        f"The person said of the debt: {_spaced(d['position'])}."
    ),
    "forbear.disputes.dispute-opened.v1": lambda d: (
        "The debt was disputed "
        + ("in writing" if d["in_writing"] else "orally")
        + (f", {money(d['disputed_amount'])} of it." if d.get("disputed_amount") else ".")
    ),
    "forbear.disputes.dispute-acknowledged.v1": lambda d: "The dispute was acknowledged.",
    "forbear.disputes.dispute-answered.v1": lambda d: (
        f"The dispute was answered: {_spaced(d['answer'])}."
    ),
    "forbear.disputes.dispute-resolved.v1": lambda d: (
        f"The dispute was resolved: {_spaced(d['resolution'])}."
    ),
    "forbear.compliance.permit-refused.v1": _refused,
    "forbear.compliance.act-refused.v1": _act_refused,
    "forbear.compliance.act-cleared.v1": lambda d: (
        f"An act was cleared: {_spaced(d['request']['act']['kind'])}."
    ),
    "forbear.compliance.permit-revoked.v1": lambda d: "A permit was revoked by a protective fact.",
    "forbear.compliance.unpermitted-attempt-reported.v1": lambda d: (
        "An attempt was made without a permit. It counts, and it was alarmed."
    ),
}
