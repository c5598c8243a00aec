"""What is said to have happened already, of an act that is asked about, lies in no future.

It is held to the calendar that is furthest ahead: whoever asks may be anywhere.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.compliance.permits.domain.refusals import EndsBeforeItStarts, InFuture
from services.compliance.rules import act_request
from services.compliance.rules.act_request import Act

_FIRST_ON_EARTH = timedelta(hours=14)

_PAST: Mapping[type, tuple[str, ...]] = {
    act_request.DepositInstrument: ("received_on", "notice_sent_on"),
    act_request.AddCharge: ("from_on",),
    act_request.Purge: ("recorded_on", "last_activity_on"),
}


def require_past(act: Act, now: datetime) -> None:
    """Refuse an act that names a past day which has not come, or a period that runs backwards.

    Raises:
        InFuture, EndsBeforeItStarts: naming the field.
    """
    today = (now + _FIRST_ON_EARTH).date()
    for name in _PAST.get(type(act), ()):
        day = getattr(act, name)
        if day is not None and day > today:
            raise InFuture(
                "this day lies in the future; give the day on which it was", pointer=f"/act/{name}"
            )
    if isinstance(act, act_request.AddCharge) and act.from_on and act.until_on:
        if act.until_on < act.from_on:
            raise EndsBeforeItStarts(
                "the period ends before it starts; give a day from from_on on",
                pointer="/act/until_on",
            )
