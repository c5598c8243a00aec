"""The words of worked examples: media, acts, outcomes, purposes, roles and kinds of debt."""

import re
from typing import Any

from services.compliance.rules.facts import Channel
from services.compliance.rules.message import MessageChannel
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.request import Act

_CHANNELS: dict[str, Channel] = {
    "call": "call", "calls": "call", "phone": "call", "telephone": "call", "dial": "call",
    "calling": "call", "voice": "call", "mobile": "call", "telephoning": "call",
    "voicemail": "voicemail", "voicemails": "voicemail", "ringless": "voicemail",
    "text": "text", "texts": "text", "sms": "text", "texting": "text", "message": "text",
    "emailed": "email", "texted": "text",
    "email": "email", "emails": "email", "e-mail": "email", "emailing": "email",
    "mail": "letter", "letter": "letter", "letters": "letter", "mailing": "letter",
    "paper": "letter", "postal": "letter",
    "social": "social", "dm": "social",
    "visit": "in_person", "visits": "in_person", "in_person": "in_person", "door": "in_person",
    "app": "portal", "site": "portal",
    "portal": "portal", "display": "portal", "website": "portal", "show": "portal",
}  # fmt: skip

_TALKS = frozenset({"conversation", "spoke", "spoken", "talk", "talked", "speaks", "spoken_with"})
_REPLIES = frozenset({"reply", "respond", "response", "responds", "answer", "replies"})

_OUTCOME_WORDS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"busy"}), "busy"),
    (frozenset({"service"}), "disconnected_or_out_of_service"),
    (frozenset({"disconnected"}), "disconnected_or_out_of_service"),
    (frozenset({"intercept"}), "disconnected_or_out_of_service"),
    (_TALKS, "right_party_contact"),
    (frozenset({"dropped", "drops", "drop"}), "dropped_after_answer"),
    (frozenset({"hung", "hangs"}), "hung_up_before_verification"),
    (frozenset({"full", "cannot"}), "voicemail_full"),
    (frozenset({"limited"}), "voicemail_left_limited_content"),
    (frozenset({"voicemail", "recorded", "recording", "machine", "ringless"}), "voicemail_left"),
    (frozenset({"wrong"}), "wrong_number"),
)

PURPOSES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("1024.39", "1024.37", "1026.20", "1026.41", "early intervention"),
     "mortgage_servicing_notice"),
    (("postjudgment", "post-judgment", "post_judgment", "garnish", "levy"),
     "postjudgment_judicial_remedy"),
    (("terminat",), "notice_of_termination_of_efforts"),
    (("ordinarily",), "invoke_specified_remedy_ordinarily_invoked"),
    (("remedy", "remedies"), "intends_to_invoke_specified_remedy"),
    (("original_creditor", "original creditor"), "original_creditor_name_and_address"),
    (("duplicative",), "duplicative_dispute_notice"),
    (("same_creditor", "same creditor"), "original_creditor_name_and_address"),
    (("validation",), "validation_notice"),
    (("verification",), "dispute_verification"),
    (("copy_of_judgment", "judgment_copy"), "dispute_judgment_copy"),
    (("estate",), "estate_representative_information"),
    (("location",), "location_information"),
    (("required by", "required_by", "legally required", "legally_required", "law requires",
      "law_requires", "required_disclosure"),
     "required_by_law"),
    (("settlement", "offer", "demand", "reminder"), "payment_demand"),
)  # fmt: skip

STRANGERS = (
    "neighbor", "neighbour", "roommate", "coworker", "colleague", "friend", "landlord", "relative",
    "sibling", "brother", "sister", "cousin", "child_of", "adult_child", "employer", "stranger",
)  # fmt: skip
"""Persons who are third parties, whatever they know of the debt."""

_ROLES: tuple[tuple[str, str], ...] = (
    *((each, "third_party") for each in STRANGERS),
    ("spouse", "spouse"),
    ("collectors_attorney", "collector_attorney"),
    ("collector_attorney", "collector_attorney"),
    ("creditors_attorney", "creditor_attorney"),
    ("creditor_attorney", "creditor_attorney"),
    ("attorney", "attorney"),
    ("creditor", "creditor"),
    ("universal_successor", "estate_representative"),
    ("extrajudicial", "estate_representative"),
    ("personal_representative", "estate_representative"),
    ("representative", "estate_representative"),
    ("executor", "estate_representative"),
    ("executrix", "estate_representative"),
    ("administrator", "estate_representative"),
    ("acting_for", "estate_representative"),
    ("acts_for", "estate_representative"),
    ("on_behalf_of", "estate_representative"),
    ("for_the_estate", "estate_representative"),
    ("for_estate", "estate_representative"),
    ("affidavit", "estate_representative"),
    ("guardian", "guardian"),
    ("parent", "parent"),
    ("mother", "parent"),
    ("father", "parent"),
    ("successor", "successor_in_interest"),
    ("reporting", "consumer_reporting_agency"),
    ("cra", "consumer_reporting_agency"),
    ("guarantor", "guarantor"),
    ("borrower", "co_debtor"),
    ("signer", "co_debtor"),
    ("obligor", "co_debtor"),
    ("joint", "co_debtor"),
    ("co_", "co_debtor"),
)


def words(text: object) -> list[str]:
    """Return the lower-case words of an identifier or phrase; "e-mail" is one word."""
    return re.findall(r"[a-z0-9]+", str(text).lower().replace("e-mail", "email"))


def channel_of(text: object, default: Channel | None = None) -> Channel | None:
    """Return the first channel named in a text; what an app shows is shown in the portal."""
    named = words(text)
    if "app" in named or {"mobile", "application"} <= set(named):
        return "portal"
    if {"private", "direct"} & set(named) and {"message", "messages", "messaging"} & set(named):
        return "social"
    return next((_CHANNELS[each] for each in words(text) if each in _CHANNELS), default)


def medium_in(text: str) -> Channel | None:
    """Return the medium a person means; the telephone is one medium."""
    channel = channel_of(text)
    return "call" if channel == "voicemail" else channel


_BARE = frozenset(
    {"confirmation", "confirm", "confirms", "confirming", "only", "none", "bare", "request",
     "requested", "opt", "out", "optout", "that", "it", "will", "be", "honored", "honoured", "and",
     "the", "a", "an", "of", "receipt", "received", "consumer", "consumers", "we", "your", "is",
     "statement"}
)  # fmt: skip
"""What the confirmation of an opt-out may say: that it came in and is kept to."""


def act_of(text: object, content: object) -> Act:
    """Return whether an act is a reply, a bare confirmation, or a contact of our own accord."""
    said = set(words(text))
    if said & {"confirmation", "confirm"}:
        extras = set(words(content)) - _BARE
        return "contact" if extras else "opt_out_confirmation"
    if {"on", "call"} <= said and said & {"this", "that", "same"}:
        return "reply"  # in the call that the person placed
    return "reply" if said & (_REPLIES | {"automated"}) else "contact"


def outcome_of(text: object) -> str:
    """Return the outcome code of a telephone result as examples put it."""
    code = str(text)
    if code in OUTCOMES:
        return code
    said = set(words(code))
    return next((found for names, found in _OUTCOME_WORDS if said & names), "no_answer")


def purpose_of(*texts: object) -> str:
    """Return the purpose that the texts of an act name."""
    text = " ".join(str(each).lower() for each in texts if each)
    for needles, purpose in PURPOSES:
        if any(needle in text for needle in needles):
            return purpose
    return "payment_demand"


def role_of(label: str, said: object) -> Any:
    """Return what part a person has: P1 is the consumer, S a spouse, T a third party."""
    text = "_".join(words(said))
    for needle, role in _ROLES:
        if needle in text and not (label == "P1" and role == "co_debtor"):
            return role
    if label.startswith("S"):
        return "spouse"
    if label.startswith("P"):
        return "co_debtor"
    return "third_party"


def product_of(said: object, known: tuple[str, ...]) -> str:
    """Return the product type of a debt; what is not on trial is taken as something known."""
    return str(said) if str(said) in known else "credit_card"


def is_conversation(item: dict[str, Any]) -> bool:
    """Tell whether a telephone event of a timeline was a conversation."""
    if "conversation" in item:
        return bool(item["conversation"])
    return bool(_TALKS & set(words(item.get("outcome", ""))))


def message_channel_of(medium: str) -> MessageChannel | None:
    """Return the channel of a message through a medium, None for none that is known."""
    named = set(words(medium))
    for names, channel in _OTHER_CHANNELS:
        if named & names:
            return channel
    return channel_of(medium)


_OTHER_CHANNELS: tuple[tuple[frozenset[str], MessageChannel], ...] = (
    (frozenset({"person", "face"}), "in_person"),
    (frozenset({"audio", "recording", "prerecorded"}), "voicemail"),
    (frozenset({"social"}), "social"),
    (frozenset({"electronic", "fax", "facsimile", "chat", "internet", "push"}), "other_electronic"),
)
