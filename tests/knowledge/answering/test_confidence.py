"""How sure the bot is: it answers, asks back, or says that nothing is known."""

from datetime import date

from knowledge.answering.basis import Basis
from knowledge.answering.confidence import Band, meant
from knowledge.answering.questions import understand
from knowledge.answering.ranking import candidates
from knowledge.entries import Aspect, Entry, Kind
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2026, 11, 23)


def band(text: str, *entries: Entry) -> Band:
    snapshot = Snapshot(entries)
    question = understand(text, snapshot)
    basis = Basis(snapshot, TODAY)
    return meant(question, candidates(question, basis), basis)[0]


def test_a_similar_name_never_answers_for_another() -> None:
    hesse = an_entry(
        "HE", kind=Kind.PLAN, title="Konzept Hessen", facts=[a_fact("Hessen hat ein Konzept.")]
    )
    snapshot = Snapshot([hesse])
    assert understand("essen", snapshot).corrected is None
    assert band("essen", hesse) is not Band.ANSWER


def test_a_thing_that_is_written_nowhere_is_not_answered_by_its_town() -> None:
    town = an_entry("ERFURT", kind=Kind.BODY, title="Erfurt", facts=[a_fact("Erfurt ist Stadt.")])
    plan = an_entry("EF-MP", kind=Kind.PLAN, title="Maßnahmenplan", parent="ERFURT")
    assert band("Willkommenslotse in Erfurt", town, plan) is Band.NONE
    assert band("wie wird das wetter in erfurt", town, plan) is Band.NONE
    assert band("erfurt", town) is Band.ANSWER


def test_what_is_known_of_one_town_is_no_answer_about_another() -> None:
    plan = an_entry("EF-IK", kind=Kind.PLAN, title="Integrationskonzept")
    assert band("Stand Integrationskonzept", plan) is Band.ANSWER
    assert band("Wie weit ist das Integrationskonzept der Stadt Gotha?", plan) is Band.NONE


def test_a_town_answers_whatever_is_said_of_it_besides_things() -> None:
    town = an_entry("ERFURT", kind=Kind.BODY, title="Erfurt", facts=[a_fact("Erfurt ist Stadt.")])
    plan = an_entry("EF-MP", kind=Kind.PLAN, title="Maßnahmenplan", parent="ERFURT")
    assert band("Ist Erfurt verlässlich?", town, plan) is Band.ANSWER
    assert band("Ist Wetter in Erfurt?", town, plan) is Band.NONE


def test_of_a_plan_and_a_part_of_it_the_nearer_one_is_told() -> None:
    plan = an_entry("A", title="Sprachkurse Osten", facts=[a_fact("Am Abend.", id="F-1")])
    part = an_entry("A-1", title="Sprachkurse Mitte", facts=[a_fact("Am Mittag.", id="F-2")])
    others = [an_entry(f"B-{n}", title=f"Vorhaben {n}") for n in range(9)]
    asked = "sprachkurse vorgezogen"
    assert band(asked, plan, part, *others) is Band.SUGGEST
    part = part.model_copy(update={"parent": "A"})
    assert band(asked, plan, part, *others) is Band.ANSWER


def test_the_name_of_a_town_alone_does_not_decide() -> None:
    town = an_entry("ERFURT", kind=Kind.BODY, title="Erfurt", facts=[a_fact("Erfurt ist Stadt.")])
    learning = [a_fact("Abends lernen Mütter mit Kindern.", id="F-1")]
    course = an_entry("EF-1", title="Kurse", facts=learning)
    others = [an_entry(f"EF-{n}", title=f"Vorhaben {n}", parent="ERFURT") for n in range(2, 9)]
    snapshot = Snapshot([town, course, *others])
    question = understand("wo lernen mütter abends in erfurt", snapshot)
    basis = Basis(snapshot, TODAY)
    ranked = candidates(question, basis)
    assert [(c.key, c.named) for c in ranked[:2]] == [("EF-1", False), ("ERFURT", True)]
    _, (chosen,) = meant(question, ranked, basis)
    assert chosen.key == "EF-1"


def test_two_equally_good_entries_are_offered_instead_of_guessing() -> None:
    entries = [
        an_entry(f"EF-{n}", title=f"Sprachkurs {place}", facts=[a_fact(f"Kurs {n}.", id=f"F-{n}")])
        for n, place in ((1, "Nord"), (2, "Sued"))
    ]
    assert band("sprachkurs termine ausserhalb ferien", *entries) is not Band.ANSWER


def test_an_entry_that_is_named_wins_over_one_that_never_mentions_the_name() -> None:
    named = an_entry("TH-IK", title="Landeskonzept", facts=[a_fact("Gilt im Land.", id="F-1")])
    decided = a_fact(
        "Im Ausschuss beraten, neu gefasst.", id="F-2", aspect=Aspect.DUE, as_of="2018"
    )
    decision = an_entry("EF-B", title="Beschluss zum Konzept", facts=[decided])
    snapshot = Snapshot([named, decision])
    question = understand(
        "wann wurde das landeskonzept im ausschuss beraten und neu gefasst", snapshot
    )
    assert [c.key for c in candidates(question, Basis(snapshot, TODAY))] == ["EF-B", "TH-IK"]
    _, (chosen,) = meant(
        question, candidates(question, Basis(snapshot, TODAY)), Basis(snapshot, TODAY)
    )
    assert chosen.key == "TH-IK"
