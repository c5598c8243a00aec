"""Runs one example: tells its story to a driver in the order of time and asks for its acts."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from services.compliance.rules import local_time
from services.compliance.rules.book import Book
from services.compliance.rules.check import (
    acts,
    consents,
    givens,
    moments,
    other_facts,
    outright,
    people,
    provenance,
    questions,
    timeline,
    told_validation,
    trace,
)
from services.compliance.rules.check.acts import Ask
from services.compliance.rules.check.driver import Decision, Driver
from services.compliance.rules.check.story import Past, Story, Told

REMEDY = "postjudgment_judicial_remedy"
DriverFactory = Callable[[], Driver]


class Run:
    """One example told to one driver."""

    def __init__(
        self, given: dict[str, Any], when: dict[str, Any], driver: Driver, book: Book
    ) -> None:
        said_zone = given.get("tz") or given.get("default_tz") or "America/New_York"
        where = local_time.zone(str(said_zone)) or local_time.UNIVERSAL
        anchor = acts.anchor_of(given, when, where)
        self.given, self.when, self.book = given, when, book
        self.driver = driver
        self.story = Story(given, driver.name, book, anchor)
        by = next((each["by"] for each in acts.said_acts(when) if "by" in each), None)
        people.apply(self.story)
        provenance.apply(self.story, _reference(self.story, when), acts.said_acts(when))
        givens.apply(self.story, _reference(self.story, when))
        outright.apply(self.story)
        told_validation.apply(self.story)
        timeline.apply(self.story, by_collector=by)
        consents.outright(self.story)
        consents.apply(self.story, when)
        self.asks = acts.asks(self.story, when)
        givens.tell_left(
            self.story,
            [
                (ask.request, said.get("to"))
                for ask, said in zip(self.asks, acts.said_acts(when), strict=True)
            ],
        )
        if any(each.question for each in self.asks):
            questions.apply(self.story)
        if any(each.request.purpose == REMEDY for each in self.asks):
            other_facts.tell_judgment(self.story)
        self._steps: Sequence[Told | Past] = ()
        self._told = 0

    def decisions(self) -> list[Decision]:
        """Judge the acts in the order of time; what is permitted is carried out before the next.

        The answers come in the order in which the acts are written.
        """
        self._steps = self.story.in_order()
        found: dict[int, Decision] = {}
        for number, ask in sorted(enumerate(self.asks), key=lambda each: each[1].asked_at):
            self.tell_until(ask.asked_at)
            found[number] = self.judge(ask)
        return [found[number] for number in range(len(self.asks))]

    def tell_until(self, at: datetime | None) -> None:
        """Tell the driver all that happened up to and at an instant, or all there is."""
        if not self._steps:
            self._steps = self.story.in_order()
        while self._told < len(self._steps):
            step = self._steps[self._told]
            if at is not None and step.at > at:
                return
            self._told += 1
            if isinstance(step, Past):
                self.driver.made(step.at, step.attempt)
            elif step.fact is None:
                self.driver.release_fact(step.at, step.fact_key)
            else:
                self.driver.apply_fact(step.at, step.fact_key, step.fact)

    def judge(self, ask: Ask) -> Decision:
        """Ask for one act; what is permitted is carried out."""
        driver, request = self.driver, ask.request
        trace.note(ask)
        if ask.question is not None:
            return driver.clear(ask.asked_at, questions.request_of(request, ask.question))
        if ask.message is not None:
            checked = driver.check(ask.asked_at, ask.message)
            if checked.verdict != "permit":
                return checked
        if request.channel == "text" and not self.story.is_on_trial("text"):
            fresh = givens.refresh_texts(self.story, ask.asked_at)
            driver.apply_fact(ask.asked_at, self.story.name("fact", "texts"), fresh)
        decision = driver.ask(ask.asked_at, request)
        if decision.verdict != "permit" and ask.at > ask.asked_at:
            # What was refused when it was queued is asked for again when it is to go out.
            self.tell_until(ask.at)
            decision = driver.ask(ask.at, request)
        if decision.verdict != "permit":
            return decision
        self.tell_until(ask.at)
        redeemed = driver.redeem(ask.at, request, decision)
        if redeemed.verdict != "permit":
            return redeemed
        driver.conclude(ask.at, redeemed, ask.outcome)
        self._answer(ask)
        return redeemed

    def _answer(self, ask: Ask) -> None:
        """Let what was just sent answer the dispute or request it was meant for."""
        before = len(self.story.steps)
        timeline.answers(self.story, ask.at, ask.request.purpose)
        for step in self.story.steps[before:]:
            if isinstance(step, Told) and step.fact is not None:
                self.driver.apply_fact(step.at, step.fact_key, step.fact)


def _reference(story: Story, when: dict[str, Any]) -> datetime:
    for said in acts.said_acts(when):
        for key in ("at", "send_at"):
            if key in said:
                return moments.instant(said[key], story.where, moments.ASKED_AT)
    return moments.instant(moments.UNDATED, story.where, moments.ASKED_AT)
