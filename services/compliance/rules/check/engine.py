"""Asks the rules' own counting about an example: what is counted here is what decisions count."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.compliance.rules import counting, facts, local_time, slots
from services.compliance.rules.book import Book
from services.compliance.rules.check.acts import Ask
from services.compliance.rules.check.driver import DeciderDriver, Made
from services.compliance.rules.check.running import Run
from services.compliance.rules.check.story import CONSUMER
from services.compliance.rules.contact import permitted_hours
from services.compliance.rules.contact.call_frequency import calls_in_window
from services.compliance.rules.gate import Gate
from services.compliance.rules.request import Circumstances, ContactRequest


class Engine:
    """An example's story, told to the decider until its end or until an instant."""

    def __init__(self, given: dict[str, Any], when: dict[str, Any], book: Book) -> None:
        self.book = book
        self.driver = DeciderDriver(book, "none")
        self.run = Run(given, when, self.driver, book)
        self.story = self.run.story

    def tell(self, at: datetime | None = None) -> None:
        """Tell the story up to and at an instant, or all of it."""
        self.run.tell_until(at)

    def make(self, ask: Ask) -> None:
        """Let an act that was asked for have been made."""
        made = Made(request=ask.request, outcome=ask.outcome, started_at=ask.at, ended_at=ask.at)
        self.driver.made(ask.at, made)

    def labels(self) -> list[str]:
        """Return the debts of the example."""
        return list(self.story.debts)

    def end(self) -> datetime:
        """Return an instant after everything told."""
        return max(each.at for each in self.story.steps) + timedelta(minutes=1)

    def gate(self, request: ContactRequest) -> Gate:
        """Return the gate as the rules see it for a request."""
        return Gate(
            facts=((kept.fact_key, kept.fact) for kept in self._facts() if kept.fact),
            slots=self.driver.state.slots.values(),
            request=request,
            circumstances=Circumstances(),
        )

    def call(self, person: str = CONSUMER, debt: str | None = None) -> ContactRequest:
        """Return a call to a person about a debt."""
        accounts = self.story.accounts(debt) if debt else ()
        return self.story.request(person, "call", accounts)

    def has_attempt(self) -> bool:
        """Tell whether anything told was an attempt of ours to communicate (12 CFR 1006.2(b))."""
        return any(slots.is_taken(slot, self.end()) for slot in self.driver.state.slots.values())

    def calls(self, debt: str, person: str = CONSUMER) -> int:
        """Count the calls toward one debt at the end of the story."""
        request = self.call(person, debt)
        gate = self.gate(request)
        (particular,) = gate.debts
        return len(
            counting.calls_toward(
                gate,
                request.party_id,
                particular,
                self.end(),
                self._consent_days,
                with_raised=self.is_raised_counted,
            )
        )

    def made(self) -> int:
        """Return how many calls were made, whether or not they count."""
        return sum(
            counting.is_telephone(self.gate(slot.request)) and slots.is_taken(slot, self.end())
            for slot in self.driver.state.slots.values()
        )

    def conversations(self, debt: str, person: str = CONSUMER) -> int:
        """Count the conversations about one debt."""
        request = self.call(person, debt)
        gate = self.gate(request)
        (particular,) = gate.debts
        return len(
            counting.conversations(
                gate, request.party_id, particular, with_raised=self.is_raised_counted
            )
        )

    @property
    def is_raised_counted(self) -> bool:
        """Tell whether a debt that the collector brought up counts as talked of."""
        return counting.is_raised_counted(self.book.federal("call-cooldown"))

    def count_with(self, request: ContactRequest, at: datetime) -> int:
        """Count the calls of the window that ends with a call at that instant, itself included."""
        gate = self.gate(request)
        terms = self.book.federal("call-frequency")
        return 1 + max(
            len(calls_in_window(terms, gate, request.party_id, debt, at)) for debt in gate.debts
        )

    def limited_calls(self) -> int:
        """Count the calls told to persons whose calls are limited at all."""
        return sum(
            slots.is_counted_call(slot, self.end())
            and counting.is_telephone(self.gate(slot.request))
            for slot in self.driver.state.slots.values()
        )

    def consent_holds(self, at: datetime) -> bool:
        """Tell whether consent lifts the call limits at an instant."""
        request = self.call()
        gate = self.gate(request)
        spans = counting.consent_spans(
            gate,
            request.party_id,
            gate.debts[0],
            self._consent_days,
            with_raised=self.is_raised_counted,
        )
        return counting.is_lifted(spans, at, counting.bound(gate))

    def consent_last_date(self) -> str:
        """Return the last local date on which consent lifts the limits."""
        gate = self.gate(self.call())
        _, consent = gate.of(facts.ExtraCallsConsent)[0]
        ends = counting.consent_end(consent, gate.counting_zones, self._consent_days)
        return self.story.today(ends - timedelta(seconds=1)).isoformat()

    def window_from(self, at: datetime) -> tuple[datetime, datetime]:
        """Return the bounds of the convenient hours that next begin at or after an instant."""
        request = self.story.request(CONSUMER, "letter", ())
        gate = self.gate(request)
        bars = permitted_hours.bars(self.book.federal("permitted-hours"), gate, at)
        first = local_time.first_clear(bars, at, timedelta(seconds=1))
        if first is None:
            raise ValueError("there is no such window")
        last = min(local_time.clear_until(where, bar, first) for where, bar in bars)
        return (first - timedelta(seconds=1)).astimezone(UTC), last.astimezone(UTC)

    @property
    def _consent_days(self) -> int:
        return self.book.federal("call-frequency").numbers["consent_days"]

    def _facts(self) -> Any:
        return self.driver.state.facts.values()
