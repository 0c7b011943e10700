"""What people read of what happened: from the change over the planner to the words."""

from handlers.messages import plain
from handlers.planned_notices import planned_words
from knowledge.entries import Entry, Kind
from knowledge.notification.interests import ChatSettings, Pace, Target
from knowledge.notification.notices import Obsolete
from knowledge.revisions import Origin
from scheduler.validity import still_true
from tests.scheduler.stage import Stage, a_plan
from tests.support.builders import a_fact, an_entry


async def read(stage: Stage, chat_id: int | None = None) -> list[str]:
    """The words of what waits in the outbox, or was sent, as the dispatcher would send it now."""
    await stage.store.refresh()
    snapshot, now = stage.store.snapshot, stage.clock()
    true = (
        still_true(notice, snapshot, now=now, rules=stage.rules)
        for notice in await stage.notices(chat_id)
    )
    today = stage.rules.today(now)
    return [
        plain(planned_words(one, snapshot, today)) for one in true if not isinstance(one, Obsolete)
    ]


async def test_a_correction_of_a_part_that_is_withdrawn_with_its_plan_is_told(
    stage: Stage,
) -> None:
    plan = a_plan("EF-A", title="Konzept")
    part = an_entry("EF-A1", parent="EF-A", title="Maßnahme 1")
    await stage.begin(plan, part)
    await stage.subscribe()
    told = await stage.publish(part.model_copy(update={"facts": (a_fact("Neues."),)}))
    await stage.plan()
    await stage.send_all()
    stage.at("2025-10-20T19:00")
    await stage.undo(told)
    await stage.plan()
    await stage.publish(withdrawn=[plan, part])
    await stage.plan()
    stage.at("2025-10-21T08:01")
    await stage.plan()
    (words,) = await read(stage)
    assert "gilt nicht mehr, ebenso:\n– Maßnahme 1 (EF-A1)\n\n" in words
    assert "(EF-A1)\nBerichtigung: " in words


async def test_new_entries_are_told_beside_that_the_first_of_them_is_withdrawn(
    stage: Stage,
) -> None:
    one, other = a_plan("EF-A", title="Konzept"), a_plan("EF-B")
    await stage.begin(one, other)
    await stage.subscribe()
    await stage.subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=stage.clock())
    part = an_entry("EF-A1", parent="EF-A", title="Maßnahme 1")
    await stage.publish(part, an_entry("EF-B1", parent="EF-B"), origin=Origin.IMPORTED)
    await stage.plan()
    await stage.publish(withdrawn=[one, part])
    await stage.plan()
    stage.at("2025-10-21T08:01")
    await stage.plan()
    (words,) = await read(stage)
    assert "gilt nicht mehr, ebenso:\n– Maßnahme 1 (EF-A1)\n\n" in words
    assert "\n– Eintrag EF-B1 (EF-B1)\n" in words


async def test_a_large_plan_that_is_withdrawn_is_told_in_one_message(stage: Stage) -> None:
    plan = a_plan("EF-P", title="Konzept")
    parts = [an_entry(f"EF-{n}", parent="EF-P", title=f"Maßnahme {n}") for n in range(1, 31)]
    await stage.begin(plan, *parts)
    await stage.subscribe()
    await stage.publish(withdrawn=[plan, *parts])
    await stage.plan()
    assert len(await stage.keys()) == 31
    (words,) = await read(stage)
    listed = "".join(f"– Maßnahme {n} (EF-{n})\n" for n in range(1, 9))
    assert f"gilt nicht mehr, ebenso:\n{listed}– und 22 weitere\n" in words


async def test_a_date_that_the_same_words_name_otherwise_is_told(stage: Stage) -> None:
    def due_on(day: str) -> Entry:
        fact = a_fact("Der Bericht kommt in den Rat.", id="M-D", aspect="due", due=day)
        return an_entry("EF-M", kind=Kind.MILESTONE, parent="EF-P", title="Bericht", facts=(fact,))

    plan = a_plan(facts=(a_fact("Es gilt.", id="P-1", aspect="status", phase="in_progress"),))
    await stage.begin(plan, due_on("2025-11-30"))
    await stage.subscribe(1, Target.of_button(plan, None))
    await stage.publish(due_on("2026-03-31"))
    await stage.plan()
    (words,) = await read(stage)
    assert "Bericht (EF-M)\nDer Bericht kommt in den Rat.\n" in words
    assert "\nEs gilt: Termin 31.03.2026.\n" in words
