"""The oracle: reads only the event logs and recounts every window, balance and hold.

It shares no code with what it judges: it imports nothing of services or shared, parses the stored
bytes itself and counts the naive way. A contact is judged by what was known when its permit was
redeemed, in the order of the gate's own stream. Ask it with `examine` or `examine_events`, or on
a live installation with `python -m tests.oracle`.
"""

from tests.oracle.examination import examine_events
from tests.oracle.log import LoggedEvent, from_store_log
from tests.oracle.reading import examine
from tests.oracle.report import Report, Violation

__all__ = [
    "LoggedEvent",
    "Report",
    "Violation",
    "examine",
    "examine_events",
    "from_store_log",
]
