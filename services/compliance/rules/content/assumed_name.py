"""An employee may use an assumed name, if always the same one and the employer knows whose."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def assumed_name(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to an assumed name that changes, or that leads to nobody."""
    caller = message.caller
    if caller is None or not caller.is_assumed:
        return
    if caller.is_used_consistently is False or caller.is_traceable is False:
        yield terms.finding(
            "deny", "The assumed name is not used consistently, or its user cannot be identified."
        )
    elif caller.is_used_consistently is None or caller.is_traceable is None:
        yield terms.finding(
            "require",
            "An assumed name needs to be used consistently and to identify the employee readily.",
        )
