"""Flags numerous messages a day over several days in a row: messages have no limit but this."""

from datetime import datetime

from services.compliance.rules import exceptions, pattern
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def messages_day_after_day(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a message of our own accord that carries on such a run (comment 14(a)-1.i)."""
    request, numbers = gate.request, terms.numbers
    channels = terms.names["channels"]
    if request.channel not in channels or request.act != "contact":
        return None
    if exceptions.reply_to(gate, at) is not None:
        return None
    found = pattern.messages(gate, at, channels)
    days = pattern.days_running(gate, found, at, numbers["messages_on_date"])
    if days < numbers["days_running"]:
        return None
    return terms.flag(
        "The person has been written to several times a day for days, which may harass.",
        {"days_running": days, "messages_on_date": numbers["messages_on_date"]},
    )
