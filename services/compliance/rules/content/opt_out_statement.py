"""Every electronic message says how to stop more of them: simply, free, and asking nothing else."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message, OptOutOffer
from services.compliance.rules.pack import Terms

ELECTRONIC = frozenset({"text", "email", "social", "other_electronic"})

_DEMANDS = "Opting out costs something, or needs more than the wish and the address."


def opt_out_statement(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to an electronic message without a clear and simple way to opt out."""
    if message.channel not in ELECTRONIC or not (message.is_said or message.opt_out):
        return
    if message.opt_out is not None:
        yield from _of_offer(terms, message.opt_out)
        return
    offers = list(wording.said(message, terms.names["methods"]))
    if not offers:
        yield terms.finding("require", "The message does not say how to stop further ones.")
    demands = {
        each.passage for each in wording.said(message, terms.names["demanding"], _excused(terms))
    }
    for each in offers:
        if each.passage in demands:
            yield terms.finding("deny", _DEMANDS, each.passage)


def _of_offer(terms: Terms, offer: OptOutOffer) -> Iterator[Finding]:
    if not wording.has(terms.names["methods"], offer.statement):
        if not offer.statement.strip():
            yield terms.finding("require", "The message does not say how to stop further ones.")
        else:
            yield terms.finding(
                "require", "The statement names no reasonable and simple way to opt out."
            )
    if offer.is_conspicuous is False:
        yield terms.finding("require", "The opt-out statement is not clear and conspicuous.")
    more = [each for each in offer.asks_for if each not in terms.names["may_ask_for"]]
    stated = Message(channel="text", text=offer.statement)
    if (
        offer.is_free is False
        or more
        or any(wording.said(stated, terms.names["demanding"], _excused(terms)))
    ):
        yield terms.finding("deny", _DEMANDS)


def _excused(terms: Terms) -> tuple[str, ...]:
    return terms.names.get("excused", ())


def has_statement(terms: Terms, message: Message) -> bool:
    """Tell whether a message says how to opt out."""
    statement = message.opt_out.statement if message.opt_out else message.text
    return wording.has(terms.names["methods"], statement)
