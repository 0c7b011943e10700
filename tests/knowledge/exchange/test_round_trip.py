"""Export followed by import changes nothing, and neither does a second import."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from knowledge.entries import Aspect, Certainty, Entry, Fact, Kind, Phase, Source
from knowledge.exchange import HEADINGS, Column
from knowledge.exchange.cells import FACT_COLUMNS, imported_id
from knowledge.exchange.table_export import to_csv, to_xlsx
from knowledge.exchange.texts import clean, one_line
from knowledge.partial_date import PartialDate, YearPart
from knowledge.snapshot import Snapshot
from tests.knowledge.exchange.files import a_snapshot, csv_file, planned, published

NASTY = st.sampled_from(
    [
        *("=1+1", "+49 361", "-5 %", "@import", "＝1+1", "'=1", "''@", "'s Amt", "a;b", 'so "ja"'),
        *(
            "a\nb",
            "a\r\nb",
            "x\n\n\n\ny",
            "a\tb",
            "\x00x",
            "\x07",
            "#NV",
            "#REF!",
            "1.2",
            "12/2025",
        ),
        *(
            "31.12.2025",
            "1e5",
            "TRUE",
            "ja",
            "no",
            "-",
            "k. A.",
            "\u202eabc",
            "a\u00a0b",
            "e\u0301",
        ),
        *(
            "👩\u200d👧",
            "\u2028",
            "x\x85y",
            "Status: geplant",
            "Summe",
            "Gesamt",
            "Nr.",
            "5.000,- €",
        ),
        *("Handlungsfeld 1", "bis Ende 2025", "31.02.2025", "sep=;", "1", "2"),
    ]
)
UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # no entry takes them
TEXTS = (
    (NASTY | st.text(min_size=1, max_size=60))
    .map(lambda text: UNSTORABLE.sub("", text))
    .filter(lambda text: clean(text) != "")
)
TITLES = TEXTS.map(clean).map(lambda text: one_line(text)[:200].strip()).filter(bool)
DATES = st.one_of(
    st.builds(PartialDate, st.integers(2015, 2027)),
    st.builds(PartialDate, st.integers(2015, 2027), st.integers(1, 12)),
    st.builds(PartialDate, st.integers(2015, 2027), st.integers(1, 12), st.integers(1, 28)),
    st.builds(PartialDate, st.integers(2015, 2027), quarter=st.integers(1, 4)),
    st.builds(PartialDate, st.integers(2015, 2027), part=st.sampled_from(YearPart)),
)
SOURCES = st.builds(
    Source, title=TITLES, reference=st.none() | st.sampled_from(["DS 1/25", "DS 2/25"])
)


@st.composite
def facts(draw: st.DrawFn, key: str, number: int) -> Fact:
    """A fact that an import wrote, or somebody else."""
    column = draw(st.none() | st.sampled_from(FACT_COLUMNS))
    aspect = draw(st.sampled_from(Aspect))
    text = draw(TEXTS)
    return Fact(
        id=imported_id(key, column) if column else f"X-{key}-{number}",
        aspect=aspect,
        text=f"{HEADINGS[column]}: {text}" if column and draw(st.booleans()) else text,
        sources=tuple(draw(st.lists(SOURCES, min_size=1, max_size=2))),
        as_of=draw(st.none() | DATES),
        occurred=draw(st.none() | DATES),
        certainty=draw(st.sampled_from(Certainty)),
        known=draw(st.booleans()),
        phase=draw(st.none() | st.sampled_from(Phase)) if aspect is Aspect.STATUS else None,
        due=draw(st.none() | DATES) if aspect is Aspect.DUE else None,
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A plan with fields and measures about which anything may be known."""
    fields = [
        Entry(key=f"PLAN-F{n}", kind=Kind.FIELD, title=draw(TITLES), parent="PLAN")
        for n in range(draw(st.integers(0, 3)))
    ]
    measures = []
    for n in range(draw(st.integers(1, 4))):
        key = f"PLAN-{n}"
        listed = [draw(facts(key, number)) for number in range(draw(st.integers(0, 5)))]
        measures.append(
            Entry(
                key=key,
                kind=Kind.MEASURE,
                title=draw(TITLES),
                parent=draw(st.sampled_from(["PLAN", *(field.key for field in fields)])),
                facts=tuple({fact.id: fact for fact in listed}.values()),
            )
        )
    return a_snapshot(*fields, *measures)


@pytest.mark.parametrize("export", [to_csv, to_xlsx])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(snapshot=snapshots())
def test_an_exported_table_changes_nothing(
    export: Callable[[Snapshot, str], bytes], snapshot: Snapshot
) -> None:
    content = export(snapshot, "PLAN")
    plan = planned(content, snapshot, withdraw_missing=True)
    assert [change.differences for change in (*plan.new, *plan.changed)] == []
    assert not plan.withdrawn
    assert not plan.errors
    assert not plan.notices
    assert not plan.questions
    assert len(plan.unchanged) == len(
        [k for k in snapshot.entries if k.startswith("PLAN-")]
    ) - len([k for k in snapshot.entries if k.startswith("PLAN-F")])


CELLS = st.one_of(
    TEXTS,
    st.just(""),
    st.sampled_from(["geplant", "umgesetzt", "in Bearbeitung", "unklar", "31.12.2025", "2024"]),
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows in which dates are dates, and everything else may be anything."""
    rows = [[HEADINGS[column] for column in Column]]
    for _ in range(draw(st.integers(1, 4))):
        cells = {column: draw(CELLS) for column in Column}
        cells[Column.NUMBER] = draw(st.sampled_from(["", "0", "1", "PLAN-2", "7.1", "x"]))
        cells[Column.MEASURE] = draw(TITLES)
        cells[Column.SOURCE] = cells[Column.SOURCE][:150]
        cells[Column.AS_OF] = draw(st.just("") | DATES.map(PartialDate.german))
        cells[Column.DEADLINE] = draw(st.sampled_from(["", "fortlaufend"]) | DATES.map(str))
        rows.append([cells[column].replace("\0", "") for column in Column])
    return rows


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(snapshot=snapshots(), rows=tables(), as_of=st.none() | DATES)
def test_a_second_import_of_a_table_changes_nothing(
    snapshot: Snapshot, rows: list[list[str]], as_of: PartialDate | None
) -> None:
    content = csv_file(rows)
    first = planned(content, snapshot, as_of=as_of)
    assume(not first.errors)
    second = planned(content, published(first, snapshot), as_of=as_of)
    assert not second.new
    assert not second.changed, second.changed[0].differences
