"""What the names of event fields mean: their form on the wire, a sample, and how personal they are.

A name means the same in every event; where it does not, it is listed under its record. Writing an
example fails on a text field that is not listed, and so asks for it.
"""

from collections.abc import Mapping
from typing import Literal

from shared.kernel.ids import PREFIXES
from shared.kernel.records import record

Personal = Literal["sealed", "digest", "pseudonym"]

ID_SUFFIX = "[0-7][0-9a-hjkmnp-tv-z]{25}"
_SAMPLE_SUFFIX = "01h455vb4pex5vsknk084sn02q"
_DIGEST = "[0-9a-f]{64}"
_RATE = r"(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,6})?"
_CODE = "[a-z][a-z0-9_]*"
_SLUG = "[a-z][a-z0-9-]*"


@record
class Field:
    """A text field; every text under the name matches `pattern` as a whole."""

    sample: str
    says: str = ""
    pattern: str = ""
    personal: Personal | None = None


def _id(*prefixes: str, says: str = "", personal: Personal | None = None) -> Field:
    first = prefixes[0]
    alternatives = first if len(prefixes) == 1 else f"(?:{'|'.join(prefixes)})"
    return Field(
        sample=f"{first}_{_SAMPLE_SUFFIX}",
        says=says or f"Id of the {PREFIXES[first]}.",
        pattern=f"{alternatives}_{ID_SUFFIX}",
        personal=personal,
    )


def _digest(says: str, *, may_be_empty: bool = False) -> Field:
    pattern = f"(?:{_DIGEST})?" if may_be_empty else _DIGEST
    return Field(sample="5e" * 32, says=says, pattern=pattern, personal="digest")


def _code(sample: str, says: str = "") -> Field:
    return Field(sample=sample, says=says, pattern=_CODE)


def _slug(sample: str, says: str = "") -> Field:
    return Field(sample=sample, says=says, pattern=_SLUG)


def _rate(says: str) -> Field:
    return Field(sample="0.25", says=says, pattern=_RATE)


_ACTOR = Field(sample="agent-7", says="Who did it: a name the caller gave, or a process of ours.")
_ACCOUNTS = _id("acct", says="Ids of accounts.")
_PARTY = _id("cns", "pty", says="The consumer, or another party.", personal="pseudonym")
_MESSAGE = _id("inb", says="Id of the message it answers.")
_ZONE = Field(sample="America/Chicago", says="A time zone, by its IANA name.")
_STATE = Field(sample="IL", says="A US state, by its two letters.", pattern="[A-Z]{2}")
_DISTRICT = Field(
    sample="IL-cook", says="A judicial district, by the agency's code.", pattern="[A-Za-z0-9_-]+"
)
_SUBSCRIPTION = _slug("compliance-facts-from-ledger", "Names of subscriptions.")
_STREAM = Field(
    sample=f"account-acct_{_SAMPLE_SUFFIX}",
    says="The stream whose event states it.",
    pattern="[a-z]+-[0-9a-z_]+",
)

_PACK = Field(
    sample='{"jurisdiction":"US","pack":"us-federal","rules":[],"version":"2026.1"}',
    says="Documents of rule packs, as canonical JSON.",
)
_TYPE = Field(sample="forbear.ledger.account-placed.v1", says="Type of the parked event.")

FIELDS: Mapping[str, Field] = {
    # ids
    "account_id": _id("acct"),
    "account_ids": _ACCOUNTS,
    "answers": _id("inb", says="Id of the message whose one reply this takes."),
    "attempt_id": _id("att"),
    "check_id": _id("dec", says="Id of this one check."),
    "clearance_id": _id("clr"),
    "consent_id": _id("cst"),
    "consumer_id": _id("cns", personal="pseudonym"),
    "consumer_ids": _id("cns", says="Ids of the consumers concerned.", personal="pseudonym"),
    "contact_point_id": _id("cp"),
    "creditor_id": _id("crd"),
    "discussed": _id("acct", says="Ids of the accounts spoken of."),
    "dispatch_id": _id("req", says="Id of this one try to dispatch."),
    "dispute_id": _id("dsp"),
    "disputed_by": _id("cns", says="The consumer who disputes.", personal="pseudonym"),
    "hold_id": _id("hold"),
    "in_reply_to": _MESSAGE,
    "message_id": _id("inb"),
    "party_id": _PARTY,
    "third_parties": _id(
        "pty", says="Ids of those who may be told of the debt.", personal="pseudonym"
    ),
    "payment_id": _id("pay"),
    "payment_ids": _id("pay", says="Ids of payments."),
    "pack_id": _id("rpk"),
    "permit_id": _id("prm"),
    "placement_id": _id("plc"),
    "plan_id": _id("plan"),
    "raised": _id("acct", says="Ids of the accounts that the agent brought up."),
    "postpetition": _id("acct", says="Ids of accounts that arose after the filing."),
    "reaffirmed": _id("acct", says="Ids of accounts that bind again."),
    "stay_lifted": _id("acct", says="Ids of accounts that the stay covers no more."),
    "pack_ids": _id("rpk", says="Ids of the packs put beside the book."),
    "replay_id": _id("rpl"),
    "redemption_id": _id("dec", says="Id of this one redemption."),
    "reversal_id": _id("rev"),
    "agreed_with": _PARTY,
    "fact_id": _id("fact"),
    # names of things that are no ids of ours alone
    "by_fact": Field(sample=f"fact_{_SAMPLE_SUFFIX}", says="Key of the fact that ended it."),
    "confirms": Field(sample=f"fact_{_SAMPLE_SUFFIX}", says="Keys of the opt-outs it confirms."),
    "fact_key": Field(sample=f"fact_{_SAMPLE_SUFFIX}", says="Key of the fact in its source."),
    "parked": Field(sample=f"evt_{_SAMPLE_SUFFIX}", says="Ids of events that were set aside."),
    "report_id": Field(sample=f"req_{_SAMPLE_SUFFIX}", says="Id of this one report."),
    "source_id": Field(sample=f"dsp_{_SAMPLE_SUFFIX}", says="Id of the thing it came from."),
    "source_stream": _STREAM,
    "unapplied": Field(
        sample=f"contact-cns_{_SAMPLE_SUFFIX}", says="Streams that the gate is behind on."
    ),
    "error": Field(sample="UnreadableEvent", says="What it failed with."),
    "ParkedEventDiscarded.type": _TYPE,
    "ParkedEventRetried.type": _TYPE,
    "debt_key": Field(sample="5e" * 32, says="The same for accounts that are one debt."),
    # Not held to a form: what was parked may be what nobody could read.
    "event_id": Field(sample=f"evt_{_SAMPLE_SUFFIX}", says="Id of the parked event."),
    "stream": Field(sample=_STREAM.sample, says="Stream of the parked event."),
    "subscription": _slug(_SUBSCRIPTION.sample, "Name of the subscription."),
    # who
    "acknowledged_by": _ACTOR,
    "approved_by": _ACTOR,
    "author": _ACTOR,
    "by": _ACTOR,
    "agent": _ACTOR,
    "answered_by": _ACTOR,
    "cancelled_by": _ACTOR,
    "opened_by": _ACTOR,
    "released_by": _ACTOR,
    "reported_by": _ACTOR,
    "requested_by": _ACTOR,
    "resolved_by": _ACTOR,
    "withdrawn_by": _ACTOR,
    # digests
    "account_number_digest": _digest("Keyed digest of the account number."),
    "content_digest": _digest("Keyed digest of what is said.", may_be_empty=True),
    "message_digest": _digest(
        "Keyed digest of the words and of all that was said of them.", may_be_empty=True
    ),
    "digest": _digest("Keyed digest of the value, equal for equal values of a tenant."),
    "external_ref": _digest("Keyed digest of the payer's or bank's reference."),
    "row_digest": _digest("Keyed digest of the row as it was sent.", may_be_empty=True),
    # codes
    "behind": _SUBSCRIPTION,
    "code": _slug("required", "What is wrong, as a stable code."),
    "content_unfit_by": _slug("forbidden-wording", "Rules that found the content unlawful."),
    "currency": Field(sample="USD", says="ISO 4217 code.", pattern="[A-Z]{3}"),
    "disclosures": _code("debt_collector_initial", "What it discloses, or the notices it carries."),
    "evidence": _code("stated_zone"),
    "authority": Field(sample="clause 12", says="The clause or provision that says so."),
    "district": _DISTRICT,
    "flag": _slug("many-calls-to-person"),
    "flags": _slug("many-calls-to-person", "What someone should look at."),
    "forum_district": _DISTRICT,
    "forum_state": _STATE,
    "governing_law_state": _STATE,
    "governing_state": _STATE,
    "insurance_status": _code("billed"),
    "irregularities": _code("time_out_of_bounds", "What is to be alarmed."),
    "label": _code("mobile", "What kind of point it is."),
    "language": Field(
        sample="en", says="A language tag (RFC 5646).", pattern="[a-z]{2}(?:-[A-Z]{2})?"
    ),
    "law": Field(sample="REGF-CALL-FREQUENCY", says="Id in the rule catalogue."),
    "media": _code("statements", "Documents at hand."),
    "medium": _code("letter"),
    "outcome": _code("no_answer", "What came of it."),
    "preferred_channel": _code("email"),
    "product_type": _code("credit_card"),
    "purpose": _code("collection"),
    "reason": Field(sample="recorded_in_error", says="Why."),
    "rule": _slug("call-frequency", "Name of the rule."),
    "rule_pack": Field(
        sample="rulebook@5e5e5e5e5e5e5e5e", says="Label of the rule book that it was decided by."
    ),
    "RuleBookRecorded.label": Field(
        sample="rulebook@5e5e5e5e5e5e5e5e",
        says="Names it by what is in it.",
        pattern="rulebook@[0-9a-f]{16}",
    ),
    "RuleBookRecorded.packs": _PACK,
    "RuleBookRecorded.observed": _PACK,
    "Scope.packs": _PACK,
    "Scope.rule_book": Field(
        sample="as_decided",
        says="Label of the book that decides again; or each decision's own.",
        pattern="as_decided|rulebook@[0-9a-f]{16}",
    ),
    "Progress.after": Field(
        sample=f"gate-cns_{_SAMPLE_SUFFIX}",
        says="The last stream gone through; empty: none yet.",
        pattern="(?:[a-z]+-[0-9a-z_]+)?",
    ),
    "document": _PACK,
    "jurisdiction": Field(
        sample="US", says="US, a state, or a city of ours.", pattern="[A-Z][A-Z0-9-]{1,15}"
    ),
    "Observation.pack": Field(sample="us-federal@2026.1", says="Rule pack and its version."),
    "Observation.failed_with": Field(
        sample="KeyError", says="Kind of the error that the pack raised instead; empty: none."
    ),
    "unusable_packs": Field(
        sample="toy@2", says="Rule packs, by name and version or by id, that cannot be enforced."
    ),
    "pack": _slug("us-federal", "Name of the rule pack."),
    "version": Field(sample="2026.1", says="Version of the pack.", pattern="[0-9]+(\\.[0-9]+)*"),
    "rules": _slug("call-frequency", "Names of the rules that object."),
    "ContactPointKnown.source": Field(
        sample="creditor", says="Where it came from; empty: unknown.", pattern=f"(?:{_CODE})?"
    ),
    "property_district": _DISTRICT,
    "signed_in_district": _DISTRICT,
    "source": _code("creditor", "Where it came from."),
    "stale": _SUBSCRIPTION,
    "states": _STATE,
    "localities": Field(
        sample="NYC", says="A city with rules of its own, by its code.", pattern="[A-Z]{3}"
    ),
    "LicenceRecorded.authority": Field(
        sample="IL", says="The state or city that licenses.", pattern="[A-Z]{2,3}"
    ),
    "LicenceEnded.authority": Field(
        sample="IL", says="The state or city that licenses.", pattern="[A-Z]{2,3}"
    ),
    "LicenceRecorded.number": Field(sample="CA-10001", says="The number the authority gave."),
    "licences": Field(sample="IL", says="Where the agency is licensed.", pattern="[A-Z]{2,3}"),
    "notice": _code("ca_time_barred_may_report", "What was disclosed."),
    "used_for": _code("billing_statement", "What the creditor wrote to the address of, by name."),
    "confirmed_by": _code("reassigned_numbers_database", "The database that confirmed it."),
    "opt_out_methods": _code("link", "The ways to opt out that the notice offers, by name."),
    "conduct": _code("obscene_language", "What was done."),
    "factor": _code("required_by_law", "Why the call may be made."),
    "reviewer_id": Field(sample="agent-7", says="Who decided."),
    "time_zone": _ZONE,
    "trace_id": Field(
        sample="4bf92f3577b34da6a3ce929d0e0e4736",
        says="Trace in which it was decided.",
        pattern="(?:[0-9a-f]{32})?",
    ),
    "tz_version": Field(
        sample="2026f", says="Version of the time-zone data.", pattern="[0-9]{4}[a-z]"
    ),
    "zone": _ZONE,
    "zones": _ZONE,
    # texts
    "citation": Field(sample="12 CFR 1006.14(b)(2)(i)(A)", says="Where the law says so."),
    "creditor_name": Field(sample="First Example Bank"),
    "current_creditor_name": Field(sample="Example Receivables"),
    "detail": Field(sample="give this field", says="What to do about it."),
    "explanation": Field(sample="7 calls about this debt in 7 days.", says="In plain words."),
    "name": Field(sample="First Example Bank"),
    "original_creditor_name": Field(sample="First Example Bank"),
    "pointer": Field(sample="/balance", says="JSON Pointer into the row."),
    # rates
    "commission_rate": _rate("A share, as a decimal string."),
    "floor_rate": _rate("A share of the balance, as a decimal string."),
    "post_judgment_rate": _rate("A yearly rate, as a decimal string."),
    "rate": _rate("A yearly rate, as a decimal string."),
    "suit_fee_rate": _rate("A share, as a decimal string."),
    # sealed values
    "Sealed.ciphertext": Field(sample="NCR5OlekgsnAUTutvtGu7U1LPCWxS7aTDYJ6ng==", says="Base64."),
    "Sealed.key_id": Field(
        sample=f"cns_{_SAMPLE_SUFFIX}/1", says="Names the subject's key and the scheme."
    ),
    "Sealed.nonce": Field(sample="7AIehleEBKYk+dsH", says="Base64."),
    # keys of mappings
    "allocation{}": _code("principal", "Minor units by bucket."),
    "buckets{}": _code("principal", "Minor units by bucket."),
    "remainder{}": _code("principal", "Minor units by bucket."),
    "facts{}": Field(sample="count", says="What the rule looked at: ids, numbers, dates."),
    "facts": Field(sample="2026-03-02"),
    "watermarks{}": _slug(_SUBSCRIPTION.sample, "How fresh each subscription was."),
}

_SAYS: Mapping[str, str] = {
    "at": "When it happened, on the tenant's clock.",
    "earliest": "When this rule alone would next allow; absent: not by waiting.",
    "earliest_permitted_at": "When all rules would allow; absent: not by waiting.",
    "expires_at": "Not included.",
    "source_version": "Version of that stream which states it.",
    "balance": "What is owed after it.",
    "Itemization.balance": "Minor units.",
    "Money.amount": "Minor units (cents for USD).",
    "Portion.amount": "Minor units.",
    "Allocation.amount": "Minor units.",
    "rate_basis_points": "Hundredths of a percent a year.",
    "stated_expiry": "The last day to sue, as the creditor gives it.",
    "notice_received_on": "When the written notice with the orders came.",
    "undeliverable_at": "When it was known to have come back.",
    "Judgment.amount": "Minor units.",
    "amount": "How much.",
    "Itemization.credits": "Minor units.",
    "Itemization.fees": "Minor units.",
    "Itemization.interest": "Minor units.",
    "Itemization.payments": "Minor units.",
    "ContentChecked.verdict": "The gravest of all findings.",
    "Finding.verdict": "Never to be sent, only with something more, or to be looked at.",
    "end": "Not included.",
    "findings_left_out": "How many more there were; the gravest are kept.",
    "passage": "The sentence it is about; absent: none.",
    "start": "Number of the character, from 0.",
    "excess": "Minor units that the plan had no room for.",
    "number": "Number of the instalment, from 1.",
    "RowResult.number": "Number of the row.",
    "ReplayAdvanced.number": "Number of the slice to come, from 0.",
    "ReplayCancelled.number": "Number of the slice that was to come, from 0.",
    "Scope.until": "Not included.",
    "opening": "How often the instalment was opened.",
    "outstanding": "What of it is not paid yet.",
    "total": "What the instalments add up to.",
    "disputed_amount": "None means the whole debt.",
    "received_by": "Who has the money.",
    "received_at": "When it was received.",
    "sent_at": "When it was sent.",
    "given_at": "When it was given.",
    "learned_at": "When it became known.",
    "withdrawn_at": "When it was taken back.",
    "effective_at": "When it took effect.",
    "started_at": "When it began.",
    "ended_at": "When it ended.",
    "reported_started_at": "As it was reported.",
    "reported_ended_at": "As it was reported.",
    "due_date": "The day it is due.",
    "due_at": "When that day begins.",
    "missed_at": "When its days of grace are over.",
    "dispatch_before": "Not included.",
    "first_date": "First day it holds; none: no bound.",
    "last_date": "Last day it holds; none: no bound.",
    "ends_on": "The last day.",
    "purpose": "What the contact is for.",
    "product_type": "What kind of debt it is.",
    "verdict": "The most restrictive one of all objections.",
    "Objection.verdict": "What this rule asks for.",
    "Observation.verdict": "What it would have decided.",
    "observed": "What rule packs in shadow would have said.",
    "procedure": "How the consent came about.",
    "in_writing": "Whether it was said in writing.",
    "conversation": "Whether people spoke with each other.",
    "is_conversation": "Whether people spoke with each other.",
    "is_noticed_by_attorney": "Whether the attorney itself said so in writing.",
    "is_permitted": "Whether it was made with a permit.",
    "owes": "Whether anything is owed.",
    "evidence": "What shows it.",
    "flag": "What someone should look at.",
    "statement": "The words.",
    "value": "The number or address itself.",
}

_NUMBERS: Mapping[str, int] = {
    "amount": 12500,
    "from_minute": 480,
    "until_minute": 1200,
    "weekdays": 0,
    "facts": 7,
}


def field_of(owner: str, name: str) -> Field | None:
    """Look a text field up, first under its record."""
    return FIELDS.get(f"{owner}.{name}") or FIELDS.get(name)


def says(owner: str, name: str) -> str:
    """Return what a field means, if its name alone does not say so."""
    known = (field_of(owner, name), field_of(owner, f"{name}{{}}"))
    of_fields = (field.says for field in known if field and field.says)
    return _SAYS.get(f"{owner}.{name}") or _SAYS.get(name) or next(of_fields, "")


def number(name: str) -> int:
    """Return a sample of an integer field."""
    return _NUMBERS.get(name, 1)
