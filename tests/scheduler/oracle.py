"""What the rules of push demand, written a second time, as plainly as possible.

It shares nothing with the planner but keys: it knows days, not moments, counts on its fingers,
and looks at everything again each time. Where the two disagree, one of them is wrong.
"""

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

BERLIN = ZoneInfo("Europe/Berlin")
CLOSED = holidays.country_holidays("DE", subdiv="TH")
DAY = timedelta(days=1)

Place = tuple[int, str]
"""A chat and a key."""

SAYS = {
    "milestone_coming": {"due"},
    "milestone_missed": {"due"},
    "milestone_moved": {"due"},
    "status_changed": {"phase"},
    "milestone_done": {"due", "phase"},
    "milestone_cancelled": {"due", "phase"},
    "correction": {"due", "phase"},
}
"""From which notices a chat learns what."""


@dataclass(frozen=True)
class Facts:
    """What is known of a milestone: a date as ISO text, a phase, and how many facts besides."""

    due: str | None
    phase: str | None = None
    further: int = 0


@dataclass(frozen=True)
class Step:
    """A revision: one milestone became something else."""

    number: int
    at: datetime
    entry: str
    before: Facts
    after: Facts
    undoes: int | None = None


@dataclass
class Subscriber:
    chat: int
    since: datetime
    revision: int
    entries: frozenset[str]
    interests: frozenset[str]


@dataclass(frozen=True)
class Clock:
    """How a chat wants to be told, as far as windows of time go."""

    quiet_from: time
    quiet_until: time
    working_days: bool
    paused_until: date | None
    zone: ZoneInfo

    def allows(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        if self.paused_until is not None and local.date() < self.paused_until:
            return False
        if self.working_days and closed(local.date()):
            return False
        if self.quiet_from == self.quiet_until:
            return True
        return self.quiet_until <= local.time() < self.quiet_from


def closed(day: date) -> bool:
    is_eve = day.month == 12 and day.day in {24, 31}
    return day.weekday() in {5, 6} or is_eve or day in CLOSED


def last_day(due: str) -> date:
    if len(due) == 10:
        return date.fromisoformat(due)
    year, month = int(due[:4]), int(due[5:7])
    return date(year, month, calendar.monthrange(year, month)[1])


def latest(due: date, today: date) -> tuple[str, int, date] | None:
    """The reminder that was passed last, with the day on which it was."""
    if today > due:
        late = (today - due).days
        step = next(n for n in range(late, 0, -1) if n in {1, 7} or n % 30 == 0)
        return "missed", step, due + step * DAY
    found = None
    for step in (30, 7, 1, 0):
        day = due - step * DAY
        while closed(day):
            day -= DAY
        if day <= today:
            found = "coming", -step, day
    return found


@dataclass
class Oracle:
    """Follows what happens, and says what must have been planned."""

    milestones: dict[str, Facts]
    rhythms: dict[str, tuple[int, date]]
    first_day: date
    demanded: set[Place] = field(default_factory=set)
    known: dict[str, date] = field(default_factory=dict)
    known_before: dict[int, date] = field(default_factory=dict)
    """By revision: since when the date was known that its milestone had until then."""

    subscribers: dict[str, list[Subscriber]] = field(default_factory=dict)
    alive: set[int] = field(default_factory=set)
    of_revision: dict[int, set[Place]] = field(default_factory=dict)
    speaking: dict[Place, list[tuple[datetime, str, Step | None]]] = field(default_factory=dict)
    """By chat and entry: since when which notices are to be told, and what of."""

    struck: set[Place] = field(default_factory=set)
    """What is undone before it was planned."""

    def subscribe(self, one: Subscriber) -> None:
        self.alive.add(one.chat)
        for entry in one.entries:
            self.subscribers.setdefault(entry, []).append(one)

    def plan(
        self, now: datetime, steps: list[Step], told: set[Place], waiting: set[Place]
    ) -> None:
        """A planner runs.

        Args:
            now: The moment on its clock.
            steps: The revisions since it ran last.
            told: What was sent by now.
            waiting: What waits to be sent, also in a digest.
        """
        earlier = set(self.demanded)
        for step in steps:
            self._revision(step, earlier, told, waiting)
            self.milestones[step.entry] = step.after
            self.known_before[step.number] = self.known.get(step.entry, self.first_day)
            if step.undoes is not None:
                self.known[step.entry] = self.known_before[step.undoes]
            elif step.before.due != step.after.due:
                self.known[step.entry] = step.at.astimezone(BERLIN).date()
        self._dates(now)
        for chat, key in self.struck:
            place = (chat, key.split(":")[1])
            self.speaking[place] = [one for one in self.speaking[place] if one[1] != key]
        self.struck = set()

    def _revision(
        self, step: Step, earlier: set[Place], told: set[Place], waiting: set[Place]
    ) -> None:
        concerned, corrected = self._correct(step, earlier, told, waiting)
        before, after = step.before, step.after
        happened: list[tuple[str, set[str]]] = []
        if before.phase != after.phase:
            kind, wanted = {
                "done": ("milestone_done", {"changed", "status"}),
                "dropped": ("milestone_cancelled", {"changed", "status"}),
            }.get(after.phase or "", ("status_changed", {"status"}))
            stopped = {"done", "dropped", "postponed"} & {before.phase, after.phase}
            if kind == "status_changed" and stopped and before.due == after.due is not None:
                wanted = {"changed", "status"}
            happened.append((kind, wanted))
        if before.due != after.due and not (happened and happened[0][0] != "status_changed"):
            happened.append(("milestone_moved", {"changed"}))
        if after.further > before.further:
            happened.append(("fact_added", {"facts"}))
        for kind, wanted in happened:
            for one in self.subscribers.get(step.entry, ()):
                settled = concerned if kind == "fact_added" else corrected
                if one.chat not in self.alive or one.chat in settled:
                    continue
                news = one.revision < step.number and bool(one.interests & wanted)
                was_reminded = any(
                    (one.chat, key) in earlier
                    for key in self._reminders(earlier, one.chat, step.entry, before.due)
                )
                settles = "changed" in wanted and "coming" in one.interests
                place = (one.chat, f"{kind}:{step.entry}:r{step.number}")
                if (news or (settles and was_reminded)) and place not in self.demanded:
                    still = waiting | (self.demanded - earlier)
                    if self._is_new(one.chat, kind, step, told - waiting, still):
                        self._demand(*place, step)

    def _correct(
        self, step: Step, earlier: set[Place], told: set[Place], waiting: set[Place]
    ) -> tuple[set[int], set[int]]:
        """Which chats were to be told of what a step undoes, and which of them were."""
        concerned: set[int] = set()
        corrected: set[int] = set()
        undone = self.of_revision.pop(step.undoes, set()) if step.undoes else set[Place]()
        for chat, key in undone:
            concerned.add(chat)
            if (chat, key) not in earlier:
                self.demanded.discard((chat, key))
                self.struck.add((chat, key))
            elif (chat, key) in told:
                corrected.add(chat)
                if chat in self.alive:
                    self._demand(chat, f"correction:{step.entry}:r{step.number}", step)
            else:
                waiting.discard((chat, key))
        return concerned, corrected

    def _is_new(
        self, chat: int, kind: str, step: Step, heard: set[Place], waiting: set[Place]
    ) -> bool:
        """Whether a step brings what a chat has not heard, nor will hear, of date or phase."""
        tells = {"milestone_moved": ["due"], "fact_added": []}.get(kind, ["phase"])
        if kind in {"milestone_done", "milestone_cancelled"} and step.before.due != step.after.due:
            tells = ["phase", "due"]
        return not tells or any(
            self._has_not_heard(chat, part, step, heard, waiting) for part in tells
        )

    def _has_not_heard(
        self, chat: int, part: str, step: Step, heard: set[Place], waiting: set[Place]
    ) -> bool:
        missed: list[tuple[str, Step]] = []
        listed = self.speaking.get((chat, step.entry), [])
        for _, key, of in sorted(listed, key=lambda item: item[0]):
            if part not in SAYS.get(key.split(":")[0], ()):
                continue
            if (chat, key) in heard:
                missed = []
            elif of is not None:
                missed.append((key, of))
        stood = {getattr(facts, part) for _, of in missed for facts in (of.before, of.after)}
        if getattr(step.before, part) not in stood:
            missed = []  # something in between was not for the chat
        now = getattr(step.after, part)
        for key, of in missed:
            is_told = (chat, key) in waiting and not key.startswith("correction")
            if is_told and getattr(of.after, part) == now:
                return False
        return not missed or bool(getattr(missed[0][1].before, part) != now)

    def _reminders(self, earlier: set[Place], chat: int, entry: str, due: str | None) -> list[str]:
        steps = [*(-n for n in (30, 7, 1, 0)), 1, 7, *range(30, 1200, 30)]
        return [
            f"milestone_{'missed' if step > 0 else 'coming'}:{entry}:{due}:{step}"
            for step in steps
        ]

    def _demand(
        self, chat: int, key: str, step: Step | None = None, at: datetime | None = None
    ) -> None:
        if (chat, key) in self.demanded:
            return
        self.demanded.add((chat, key))
        moment = step.at if step else at
        assert moment is not None
        self.speaking.setdefault((chat, key.split(":")[1]), []).append((moment, key, step))
        if step is not None:
            self.of_revision.setdefault(step.number, set()).add((chat, key))

    def dates(self, today: date) -> list[tuple[str, str, date]]:
        """What can be reminded of, with the day since when it is known."""
        found = [
            (entry, facts.due, self.known.get(entry, self.first_day))
            for entry, facts in self.milestones.items()
            if facts.due is not None
            and facts.phase not in {"done", "dropped"}
            and not (facts.phase in {"postponed", "unknown"} and last_day(facts.due) < today)
        ]
        for entry, (months, since) in self.rhythms.items():
            passed, number = None, 0
            while True:
                number += 1
                year, month = divmod(since.year * 12 + since.month - 1 + number * months, 12)
                due = f"{year}-{month + 1:02}"
                if last_day(due) >= today:
                    break
                passed = due
            found += [(entry, d, self.first_day) for d in (passed, due) if d]
        return found

    def true_now(self, key: str, today: date) -> bool:
        """Whether a reminder that was planned is still to be sent."""
        _, entry, due, step = key.split(":")
        if (entry, due) not in {(e, d) for e, d, _ in self.dates(today)}:
            return False
        found = latest(last_day(due), today)
        return found is not None and found[1] == int(step)

    def _dates(self, now: datetime) -> None:
        today = now.astimezone(BERLIN).date()
        morning = min(datetime.combine(today, time(0), BERLIN), now)
        for entry, due, known in self.dates(today):
            found = latest(last_day(due), today)
            if found is None or found[2] <= known or last_day(due) < known:
                continue
            kind, step, day = found
            wanted = "coming" if kind == "coming" else "changed"
            for one in self.subscribers.get(entry, ()):
                if (
                    one.chat in self.alive
                    and wanted in one.interests
                    and one.since.astimezone(BERLIN).date() < day
                ):
                    self._demand(one.chat, f"milestone_{kind}:{entry}:{due}:{step}", at=morning)
