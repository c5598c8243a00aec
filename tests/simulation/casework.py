"""A desk at work on somebody whom many laws protect.

Mostly it asks for what is plainly allowed, so that a law that is not kept shows; then it changes
one thing about it. It asks around the instants at which something becomes known.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.simulation.acting import some_act
from tests.simulation.contacting import Agent
from tests.simulation.desk import Desk
from tests.simulation.messages import OPTING_OUT, Draft, some_draft
from tests.simulation.simulation import Simulation
from tests.simulation.subject import Subject
from tests.simulation.traits import OF_STATES, TRAITS, Told, basis

CHANNELS = (
    *(("call", 8), ("text", 5), ("email", 5), ("letter", 3), ("voicemail", 2), ("portal", 1)),
    *(("in_person", 2), ("social", 2)),
)
KINDS = {
    "call": "phone",
    "voicemail": "phone",
    "text": "phone",
    "email": "email",
    "letter": "address",
    "in_person": "address",
}
WITHOUT_POINT = ("portal", "social")
PURPOSES = (
    "validation_notice",
    "location_information",
    "location_information",
    "estate_representative_information",
    "required_by_law",
    "required_by_law",
    "mortgage_servicing_notice",
    "requested_information",
    "dispute_verification",
    "original_creditor_name_and_address",
    "notice_of_termination_of_efforts",
    "consent_request",
    "telephone_solicitation",
    "bankruptcy_notice",
    "substantiation",
)
TO_OTHERS = (*("location_information",) * 4, "postjudgment_judicial_remedy")
NOTICES = (
    "tx_time_barred",
    "ca_time_barred_may_report",
    "nv_medical",
    "ny_time_barred",
    "nyc_time_barred",
    "ca_rights",
)
REVIEWED = (
    "required_by_law",
    "mortgage_servicing_notice",
    "requested_information",
)
UNCHECKED = "0" * 64
RUSHED, PRESSED = 3, 6


class Casework:
    """Plans everything that a desk does to one person, and that becomes known of them."""

    def __init__(self, simulation: Simulation, subject: Subject) -> None:
        self._simulation = simulation
        self._chance = simulation.chance
        self._subject = subject
        self._desk = Desk(simulation)
        self._checked: dict[str, list[str]] = {}
        """The digests of what was checked, by channel."""
        self._habit = self._some_habit() if self._chance.happens(0.35) else None
        """What this desk does again and again."""

    def plan(self, rushes: Iterable[datetime]) -> None:
        """Plan it, crowded around what becomes known, and at instants when every desk asks."""
        chance = self._chance
        turns = [self._daytime(chance.one_of((1, 1, 2, 3, 4, 6)))]
        for _ in range(chance.one_of((3, 5, 7))):
            self._at(self._daytime(chance.one_of((0, 1, 2))), self._check_content)
        for told in self._basis():
            self._at(told.at, partial(self._tell, told))
        turns += list(self._learn())
        for turn in turns:
            for _ in range(chance.one_of((3, 5))):
                self._plan_contact(turn + timedelta(seconds=chance.between(-60, 600)))
        for day in (0, 1, 2, 5, 6, 7, 8):
            for _ in range(chance.one_of((1, 2, 4))):
                self._plan_contact(self._daytime(day))
        for rush in rushes:
            for _ in range(RUSHED):
                self._plan_contact(rush)
        for _ in range(chance.one_of((4, 8, 12))):
            self._at(self._daytime(chance.one_of((1, 3, 5, 8))), self._act)

    def press(self) -> None:
        """Ask within the minute."""
        for _ in range(PRESSED):
            soon = timedelta(seconds=self._chance.between(0, 40))
            self._plan_contact(self._simulation.loop.now() + soon)

    def _learn(self) -> Iterator[datetime]:
        """Plan what becomes known, and yield when."""
        chance = self._chance
        traits = {chance.one_of(TRAITS): None for _ in range(chance.one_of((1, 2, 2, 3)))}
        lives = self._subject.person.lives
        for place in (lives.state, lives.locality):
            if chance.happens(0.4) and place in OF_STATES:
                traits[chance.one_of(OF_STATES[place])] = None
        for trait in traits:
            at = self._daytime(chance.one_of((1, 1, 2, 3, 4, 6)))
            yield at
            for told in trait(self._subject, at):
                self._at(told.at, partial(self._tell, told))

    def _daytime(self, day: int) -> datetime:
        """Return an instant of a day, mostly one that is allowed everywhere."""
        person, chance = self._subject.person, self._chance
        opens = person.opens((self._subject.begins + timedelta(days=day)).date())
        closes = person.closes((self._subject.begins + timedelta(days=day)).date())
        if chance.happens(0.12):
            edge = chance.one_of((opens, closes - timedelta(seconds=30)))
            return edge + timedelta(seconds=chance.between(-1800, 30))
        return opens + (closes - opens) * chance.between(0.0, 1.0)

    def _at(self, instant: datetime, work: Callable[[], Awaitable[None]]) -> None:
        self._simulation.later(work, max(0.0, self._simulation.loop.seconds_until(instant)))

    async def _tell(self, told: Told) -> None:
        consumer_id = self._subject.consumer_id
        if told.path:
            if told.path.endswith("/payments"):
                self._simulation.history.paid_at_most += 1
            answer = await self._desk.say(told.path, told.body)
            if answer and self._chance.happens(0.5):
                self._follow_up(told.path, answer)
        elif told.fact is None:
            await self._desk.withdraw(consumer_id, told.key)
        else:
            await self._desk.file(consumer_id, told.key, told.fact)

    def _follow_up(self, path: str, answer: dict[str, Any]) -> None:
        """Answer a dispute, or take a consent back."""
        body: dict[str, Any]
        match path:
            case "/v1/disputes":
                then, body = "answer", {"answer": "verification"}
            case "/v1/consents":
                then, body = "withdraw", {"consumer_id": self._subject.consumer_id}
            case _:
                return
        self._at(
            self._simulation.loop.now() + timedelta(days=self._chance.between(0.1, 3)),
            partial(self._desk.say, f"{path}/{answer['id']}/{then}", body),
        )

    def _basis(self) -> Iterable[Told]:
        """Yield what makes contact with the person lawful to begin with."""
        chance = self._chance
        procedure = chance.one_of(("direct_consent", "direct_consent", "consumer_used"))
        return basis(self._subject, procedure if chance.happens(0.75) else None)

    # -------------------------------------------------------------- contacts

    def _plan_contact(self, at: datetime) -> None:
        self._at(at, self._contact)

    async def _contact(self) -> None:
        body = self._plain()
        if self._habit is not None and self._chance.happens(0.5):
            self._habit(body)
        elif self._chance.happens(0.4):
            self._changed(body)
        asked = await self._desk.contact(body)
        if asked is None or asked.decision != "review" or self._chance.happens(0.3):
            return
        await self._desk.review(
            {
                "consumer_id": body["consumer_id"],
                "account_ids": body["account_ids"],
                "factor": body["purpose"] if body["purpose"] in REVIEWED else "required_by_law",
                "decision": self._chance.one_of(("approved", "approved", "refused")),
                "valid_hours": self._chance.one_of((1, 24)),
            }
        )
        await self._desk.contact(body)
        await self._desk.contact(body)  # one review is for one call

    def _plain(self) -> dict[str, Any]:
        subject, chance = self._subject, self._chance
        channel = chance.one_of([name for name, weight in CHANNELS for _ in range(weight)])
        body = {
            "consumer_id": subject.consumer_id,
            "account_ids": [subject.account_id],
            "party_id": subject.consumer_id,
            "channel": channel,
            "purpose": "collection",
            "content_digest": UNCHECKED if chance.happens(0.6) else self._some_content(channel),
        }
        label = "mobile" if channel == "text" else ""
        self._through(body, label)
        return body

    def _some_content(self, channel: str) -> str:
        """Return what was checked for a channel, now and then for another."""
        chance = self._chance
        own = self._checked.get(channel, [])
        known = (
            own if chance.happens(0.8) else [it for each in self._checked.values() for it in each]
        )
        return chance.one_of(known) if known else UNCHECKED

    def _through(self, body: dict[str, Any], label: str) -> None:
        if body["channel"] in WITHOUT_POINT:
            body.pop("contact_point_id", None)
        else:
            kind = KINDS[body["channel"]]
            body["contact_point_id"] = self._subject.point(kind, label, body["party_id"])

    def _changed(self, body: dict[str, Any]) -> None:
        """Change something about a plain request."""
        chance = self._chance
        match chance.one_of(
            "purpose purpose purpose party party party technology technology technology reply"
            " confirmation confirmation notices notices point undisputed accounts says".split()
        ):
            case "purpose":
                body["purpose"] = chance.one_of(PURPOSES)
            case "party":
                self._to_another(body)
            case "technology":
                self._by_machine(body)
            case "reply":
                body["act"] = "reply"
            case "confirmation":
                self._confirming(body)
            case "notices":
                body["disclosures"] = list(NOTICES)
            case _:
                self._otherwise(body)

    def _some_habit(self) -> Callable[[dict[str, Any]], None]:
        return self._chance.one_of(
            (
                self._at_work,
                self._to_another,
                self._by_recording,
                self._confirming,
                self._by_text,
                self._changed,
            )
        )

    def _at_work(self, body: dict[str, Any]) -> None:
        body["channel"] = self._chance.one_of(("call", "voicemail", "email", "in_person"))
        self._through(body, "work")

    def _by_recording(self, body: dict[str, Any]) -> None:
        body["channel"], body["technology"] = "voicemail", "prerecorded"
        home = self._subject.point("phone", "home") or self._subject.point("phone", "landline")
        body["contact_point_id"] = home

    def _by_text(self, body: dict[str, Any]) -> None:
        body["channel"] = "text"
        self._through(body, "mobile")

    def _otherwise(self, body: dict[str, Any]) -> None:
        subject, chance = self._subject, self._chance
        match chance.one_of(("point", "undisputed", "accounts", "says")):
            case "point":
                body["contact_point_id"] = chance.one_of(list(subject.points.values()))
            case "undisputed":
                body["portion"] = "undisputed"
            case "accounts":
                body["account_ids"] = subject.account_ids
            case "says":
                body["purpose"], body["says"] = "location_information", ["debt_owed"]

    def _to_another(self, body: dict[str, Any]) -> None:
        subject, chance = self._subject, self._chance
        if not subject.parties:
            return
        body["party_id"] = chance.one_of(list(subject.parties.values()))
        body["channel"] = "call"
        if chance.happens(0.6):
            body["purpose"] = chance.one_of(TO_OTHERS)
        self._through(body, "")

    def _by_machine(self, body: dict[str, Any]) -> None:
        chance = self._chance
        body["channel"] = chance.one_of(("call", "call", "text", "voicemail"))
        body["technology"] = chance.one_of(("prerecorded", "prerecorded", "autodialed"))
        is_text = body["channel"] == "text"
        self._through(body, "mobile" if is_text else chance.one_of(("mobile", "home", "landline")))

    def _confirming(self, body: dict[str, Any]) -> None:
        chance = self._chance
        body["act"] = "opt_out_confirmation"
        body["channel"] = chance.one_of(("text", "text", "email", "email", "social"))
        if chance.happens(0.4):
            body["technology"] = "autodialed"
        self._through(body, "mobile" if body["channel"] == "text" else "")

    # -------------------------------------------------------------- acts and content

    async def _act(self) -> None:
        chance = self._chance
        if chance.happens(0.2):
            await self._check_content()
            return
        subject = self._subject
        act = some_act(subject, self._simulation.loop.now().date())
        is_payment = act["kind"] == "allocate-payment"  # it names every account that it may go to
        await self._desk.clear(
            {
                "consumer_id": subject.consumer_id,
                "account_ids": subject.account_ids if is_payment else [subject.account_id],
                "act": act,
            }
        )

    async def _check_content(self) -> None:
        """Have a message checked, and send it whatever is said of it."""
        draft = some_draft(self._chance)
        digest = await self._desk.check_content(draft)
        if digest is None:
            return
        self._checked.setdefault(draft.channel, []).append(digest)
        if draft.denied == {OPTING_OUT} and draft.channel in ("text", "email"):
            await self._desk.check_content(draft.as_letter())  # which clears nothing of the other
        body = self._plain()
        if draft.channel in KINDS or draft.channel in WITHOUT_POINT:
            body |= {"channel": draft.channel, "content_digest": digest}
            self._through(body, "mobile" if draft.channel == "text" else "")
            await self._desk.contact(body)
        if draft.channel == "email":
            await self._mail(draft)

    async def _mail(self, draft: Draft) -> None:
        """Have contact send what was checked."""
        placed = self._chance.one_of(self._subject.accounts)
        owned = (each for each in placed.contact_points if each.kind == "email")
        agent = Agent(self._simulation, "agent-writing")
        await agent.mail(placed.account_id, next(owned), draft.words)
