"""Entries in YAML: faults named with file, entry and field, nothing executed, nothing lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from knowledge.entries import (
    Aspect,
    Certainty,
    Entry,
    Fact,
    Kind,
    Line,
    Link,
    Mention,
    Phase,
    Relation,
    Rhythm,
    Source,
    Text,
)
from knowledge.partial_date import PartialDate, YearPart
from knowledge.yaml_files import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_EVENTS,
    MAX_SCALAR,
    SHIPPED,
    DataError,
    dump,
    load,
    read,
)
from tests.support.builders import a_fact, an_entry

SOUND = """
sources:
  brief: {title: Antwort des Oberbürgermeisters, reference: DS 2170/24}
entries:
  - key: EF-1
    kind: measure
    title: Sprachkurse
    aliases: [Deutschkurse]
    facts:
      - {id: F-1, aspect: summary, text: Es gibt Kurse., sources: [brief], as_of: 2024,
         certainty: official}
      - {id: F-2, aspect: status, text: Sie laufen., sources: [brief], as_of: 2023-11-21,
         certainty: public, phase: in_progress}
"""


def complaints(folder: Path, **files: str | bytes) -> list[str]:
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.yaml").write_bytes(data)
    with pytest.raises(DataError) as caught:
        load(folder)
    assert str(caught.value) == "\n".join(caught.value.complaints)
    return caught.value.complaints


def test_entries_are_read_with_their_sources(tmp_path: Path) -> None:
    (tmp_path / "erfurt.yaml").write_text(SOUND, encoding="utf-8")
    (entry,) = load(tmp_path)
    assert (entry.key, entry.aliases) == ("EF-1", ("Deutschkurse",))
    assert [fact.sources[0].reference for fact in entry.facts] == ["DS 2170/24", "DS 2170/24"]
    assert [fact.as_of for fact in entry.facts] == [PartialDate(2024), PartialDate(2023, 11, 21)]
    assert entry.facts[1].certainty is Certainty.PUBLIC


def test_files_are_read_by_name_and_share_their_sources(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(
        """
        entries:
          - key: Z
            kind: term
            title: Begriff
            facts:
              - {id: F-9, aspect: summary, text: Text., sources: [brief], certainty: public}
        """,
        encoding="utf-8",
    )
    (tmp_path / "notes.txt").write_text("keine Daten", encoding="utf-8")
    assert [entry.key for entry in load(tmp_path)] == ["Z", "EF-1"]


def test_the_shipped_folder_loads() -> None:
    assert SHIPPED.is_dir()
    entries = load()
    assert entries == load(SHIPPED)
    assert len({entry.key for entry in entries}) == len(entries) > 100


@pytest.mark.parametrize("content", ["", "# nur ein Kommentar", "entries:", "sources: {}"])
def test_an_empty_file_is_no_fault(tmp_path: Path, content: str) -> None:
    (tmp_path / "leer.yaml").write_text(content, encoding="utf-8")
    assert load(tmp_path) == ()


@pytest.mark.parametrize(
    ("faulty", "complaint"),
    [
        ("kind: measure", "x.yaml: EF-1: kind: Input should be"),
        ("title: Sprachkurse", "x.yaml: EF-1: title: "),
        ("certainty: official", "x.yaml: EF-1: facts.0.certainty: Input should be"),
        ("as_of: 2024,", "x.yaml: EF-1: facts.0.as_of: "),
        ("phase: in_progress", "x.yaml: EF-1: facts.1.phase: Input should be"),
        ("aspect: summary", "x.yaml: EF-1: facts.0.aspect: Input should be"),
        ("text: Es gibt Kurse.", "x.yaml: EF-1: facts.0.text: "),
        ("reference: DS 2170/24", "x.yaml: source brief: reference: "),
    ],
)
def test_a_fault_is_named_with_file_entry_and_field(
    tmp_path: Path, faulty: str, complaint: str
) -> None:
    assert SOUND.count(faulty) == 1
    field = faulty.partition(":")[0]
    comma = "," if faulty.endswith(",") else ""
    broken = SOUND.replace(faulty, f"{field}: {{}}{comma}")
    assert complaints(tmp_path, x=broken)[0].startswith(complaint)


@pytest.mark.parametrize("value", ['"30.02.2023"', '"13/2024"', "bald", "[2024]", "1.5"])
def test_an_impossible_date_is_named_with_its_field(tmp_path: Path, value: str) -> None:
    broken = SOUND.replace("as_of: 2023-11-21", f"as_of: {value}")
    (complaint,) = complaints(tmp_path, x=broken)
    assert complaint.startswith("x.yaml: EF-1: facts.1.as_of: ")


def test_an_unknown_field_is_named(tmp_path: Path) -> None:
    broken = SOUND.replace("kind: measure", "kind: measure\n    colour: red")
    assert complaints(tmp_path, x=broken) == [
        "x.yaml: EF-1: colour: Extra inputs are not permitted"
    ]


def test_a_source_that_is_nowhere_defined_is_named_with_its_fact(tmp_path: Path) -> None:
    broken = SOUND.replace("text: Sie laufen., sources: [brief]", "text: x, sources: [brif]")
    assert complaints(tmp_path, x=broken) == ["x.yaml: EF-1: fact F-2: no source brif"]


def test_a_fact_without_a_source_is_named(tmp_path: Path) -> None:
    broken = SOUND.replace("text: Sie laufen., sources: [brief]", "text: x, sources: []")
    (complaint,) = complaints(tmp_path, x=broken)
    assert complaint.startswith("x.yaml: EF-1: facts.1.sources: ")


def test_an_entry_without_a_key_is_named_by_its_place(tmp_path: Path) -> None:
    broken = f"{SOUND}  - {{kind: measure, title: Ohne}}\n"
    assert complaints(tmp_path, x=broken) == ["x.yaml: entry 2: key: Field required"]


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        a="entries:\n  - {key: A, kind: nope, title: ''}\n  - {key: B, kind: nope, title: B}\n",
        b="sources:\n  s: {titel: T}\nentries:\n  - just a text\n",
        c="entries: [",
        d="other: 1",
    )
    for start in (
        "a.yaml: A: kind: ",
        "a.yaml: A: title: ",
        "a.yaml: B: kind: ",
        "b.yaml: source s: title: ",
        "b.yaml: source s: titel: ",
        "b.yaml: entry 1: expected a mapping",
        "c.yaml: not readable as YAML: ",
        "d.yaml: expected the two keys",
    ):
        assert any(line.startswith(start) for line in found), start
    assert all("\n" not in line for line in found)


def test_a_source_id_is_given_once_in_a_folder(tmp_path: Path) -> None:
    found = complaints(tmp_path, a=SOUND, b="sources: {brief: {title: Anderer Brief}}")
    assert found == ["b.yaml: source brief: given twice"]


def test_a_parent_that_does_not_exist_is_named_with_its_file(tmp_path: Path) -> None:
    child = "entries:\n  - {key: EF-2, kind: measure, title: T, parent: EF-9}\n"
    assert complaints(tmp_path, a=SOUND, b=child) == ["b.yaml: EF-2: parent EF-9 does not exist"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        "entries:\n  - {title: Grün}".encode("latin-1"),
        b"entries: [1, 2",
        b"entries: !!python/object/apply:os.system ['false']",
        b"entries: !!python/name:os.system",
        b"entries: !eigenes {a: 1}",
        b"entries:\n  - ? [1]\n    : 2\n",
        b"a: &a\nb: *c\n",
        b"entries: \x00",
        b"- 1\n--- \n- 2\n",
        *(b"entries: !!bool x", b"entries: !!int ''", b"entries: !!float ''"),
        *(b"entries: !!timestamp x", b"entries: !!map [1]", b"entries: !!set [1]"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_the_name_of_the_file(
    tmp_path: Path, content: bytes
) -> None:
    (complaint,) = complaints(tmp_path, x=content)
    assert complaint.startswith("x.yaml: not readable as YAML: ")


def test_a_python_tag_executes_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    hostile = f"entries: !!python/object/apply:pathlib.Path.touch [{trace}]"
    complaints(tmp_path, x=hostile)
    assert not trace.exists()


def nested_aliases(where: str) -> str:
    """A text of some hundred bytes that would be gigabytes if its aliases were written out."""
    levels = ["&a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"&a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return f"entries:\n  - {{key: A, kind: measure, levels: [{', '.join(levels)}], {where}}}\n"


@pytest.mark.parametrize(
    "where",
    ["title: *a11", "title: T, aliases: *a11", "title: T", "<<: *a11, title: T"],
)
def test_aliases_are_refused_before_they_are_written_out(tmp_path: Path, where: str) -> None:
    for text in (nested_aliases(where), nested_aliases(where).replace("key: A", "key: *a11")):
        (complaint,) = complaints(tmp_path, x=text)
        assert complaint == "x.yaml: not readable as YAML: aliases are not supported"


def test_a_list_that_contains_itself_is_refused(tmp_path: Path) -> None:
    (complaint,) = complaints(tmp_path, x="entries: &a [*a]")
    assert complaint.endswith("aliases are not supported")


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_folder_without_files_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError):
        load(tmp_path / name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2023-11-21", "2023-02-30"),
        ("2023-11-21", "yes"),
        ("sources: [brief], as_of: 2024", "sources: 5, as_of: 2024"),
        ("sources: [brief], as_of: 2024", "sources: [{title: x}], as_of: 2024"),
        ("title: Sprachkurse", "title: A\n    title: B"),
        ("entries:", "entries: 5\nx:"),
    ],
)
def test_every_fault_is_a_complaint(tmp_path: Path, old: str, new: str) -> None:
    assert old in SOUND
    assert complaints(tmp_path, x=SOUND.replace(old, new))


def test_a_fault_in_ef_10_does_not_hide_one_in_ef_1(tmp_path: Path) -> None:
    rows = "".join(f"  - {{key: {k}, kind: nope, title: T}}\n" for k in ("EF-10", "EF-1"))
    assert len(complaints(tmp_path, x="entries:\n" + rows)) == 2


def test_very_deep_nesting_is_refused(tmp_path: Path) -> None:
    (complaint,) = complaints(tmp_path, x="[" * 100_000)
    assert complaint.startswith("x.yaml: not readable as YAML")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b" " * (MAX_BYTES + 1), f"larger than {MAX_BYTES} bytes"),
        (b"[" * (MAX_DEPTH + 1), f"nested deeper than {MAX_DEPTH} levels"),
        (b"entries: [" + b"1, " * MAX_EVENTS + b"]", f"more than {MAX_EVENTS} values"),
        (b"a: " + b"1:" * MAX_SCALAR + b"1", f"more than {MAX_SCALAR} characters in one value"),
        (b"entries: []\nentries: []", "entries given twice at line 1"),
        (b"entries: [{key: A, kind: term, key: B}]", "key given twice at line 1"),
    ],
)
def test_what_would_cost_too_much_is_refused(content: bytes, complaint: str) -> None:
    with pytest.raises(DataError) as caught:
        read(content, "x.yaml")
    assert caught.value.complaints[0].endswith(complaint)


def test_a_file_that_is_too_large_is_refused_in_a_folder_too(tmp_path: Path) -> None:
    (complaint,) = complaints(tmp_path, x=b" " * (MAX_BYTES + 1))
    assert complaint == f"x.yaml: larger than {MAX_BYTES} bytes"


def test_a_folder_named_like_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    assert complaints(tmp_path)[0].startswith("x.yaml: ")


def test_a_single_file_may_refer_to_what_stands_elsewhere() -> None:
    entries = (an_entry("A", parent="ELSEWHERE"),)
    assert read(dump(entries), "x.yaml") == entries


def test_the_shipped_entries_survive_being_written() -> None:
    entries = load()
    written = dump(entries)
    assert read(written, "x.yaml") == entries
    assert dump(read(written, "x.yaml")) == written


def test_what_is_written_looks_like_the_shipped_files() -> None:
    fact = a_fact("Zwei\nZeilen.", id="F-1", as_of="2024")
    assert dump(
        [an_entry("A-1", title="Straße", aliases=("no", "2024"), facts=(fact,))]
    ).decode() == (
        """\
sources:
  ds-2170-24:
    title: Antwort des Oberbürgermeisters
    reference: DS 2170/24
entries:
- key: A-1
  kind: measure
  title: Straße
  aliases:
  - 'no'
  - '2024'
  facts:
  - id: F-1
    aspect: summary
    text: |-
      Zwei
      Zeilen.
    sources:
    - ds-2170-24
    as_of: '2024'
    certainty: official
"""
    )


def test_sources_have_ids_of_their_own_even_if_they_are_called_alike() -> None:
    sources = [Source(title="Bericht"), Source(title="Bericht", note="2"), Source(title="?!")]
    entry = an_entry("A", facts=[a_fact(sources=[*sources, sources[0]])])
    written = dump([entry])
    assert list(yaml.safe_load(written)["sources"]) == ["bericht", "bericht-2", "quelle"]
    assert read(written, "x.yaml") == (entry,)


def test_no_entries_are_written_as_none() -> None:
    assert read(dump([]), "x.yaml") == ()


NASTY = st.sampled_from(
    [
        *("no", "on", "~", "null", "=", "<<", "1e3", "0x1f", "12:30", "2024-01-01", "- a", "a: b"),
        *("#x", "x #y", "'x", 'a "b"', "a\nb", "a\n\n b", "\nx", "x\n ", "a\tb", "\x00", "\x07"),
        *("\x7f", "x\x85y", "x\u2028y", "\ufeffx", "x\u200by", "👩\u200d👧", "e\u0301", "\u202e"),
        *("x\ufffey", "\\n", "? x", "| x", "> x", "%x", "@x", "`x", "&x", "*x", "!x", "{x", "[x"),
        *("x:", "---", "...", "a\r\nb", "wort " * 40),
    ]
)


def fits(kind: Any) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            TypeAdapter(kind).validate_python(text)
        except ValidationError:
            return False
        return text.strip() != ""

    return check


def as_read(line: str) -> str:
    """What makes two aliases one: without invisible signs, which are not kept, and in any case."""
    kept: str = TypeAdapter(Line).validate_python(line)
    return kept.casefold()


ANYTHING = NASTY | st.text(min_size=1, max_size=80)
LINES, TEXTS = ANYTHING.filter(fits(Line)), ANYTHING.filter(fits(Text))
NAMES = st.none() | LINES
KEYS = st.from_regex(r"[A-Z0-9]{1,6}(-[A-Z0-9]{1,6}){0,2}", fullmatch=True)
DATES = st.one_of(
    st.builds(PartialDate, st.integers(1, 9999)),
    st.dates().map(PartialDate.of),
    st.builds(PartialDate, st.integers(1000, 9999), st.integers(1, 12)),
    st.builds(PartialDate, st.integers(1000, 9999), quarter=st.integers(1, 4)),
    st.builds(PartialDate, st.integers(1000, 9999), part=st.sampled_from(YearPart)),
)
SOURCES = st.builds(
    Source,
    title=LINES,
    reference=NAMES,
    url=st.none() | st.just("https://example.org/?a=b#c"),
    note=NAMES,
)


@st.composite
def facts(draw: st.DrawFn, number: int) -> Fact:
    aspect = draw(st.sampled_from(Aspect))
    return Fact(
        id=f"F-{number}",
        aspect=aspect,
        text=draw(TEXTS),
        sources=draw(st.lists(SOURCES, min_size=1, max_size=3)),
        as_of=draw(st.none() | DATES),
        occurred=draw(st.none() | DATES),
        dating=draw(NAMES),
        certainty=draw(st.sampled_from(Certainty)),
        known=draw(st.booleans()),
        disputed=draw(st.booleans()),
        phase=draw(st.none() | st.sampled_from(Phase)) if aspect is Aspect.STATUS else None,
        due=draw(st.none() | DATES) if aspect is Aspect.DUE else None,
        also=draw(st.lists(st.builds(Mention, entry=KEYS, aspect=st.sampled_from(Aspect)))),
    )


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    links = st.builds(
        Link, relation=st.sampled_from(Relation), target=KEYS.map("L-{}".format), note=NAMES
    )
    return Entry(
        key=draw(KEYS),
        kind=draw(st.sampled_from(Kind)),
        title=draw(LINES),
        number=draw(NAMES),
        aliases=draw(st.lists(LINES, unique_by=as_read, max_size=3)),
        parent=draw(st.none() | KEYS.map("P-{}".format)),
        rhythm=draw(st.none() | st.builds(Rhythm, months=st.integers(1, 240), since=DATES)),
        links=draw(st.lists(links, max_size=2)),
        facts=[draw(facts(number)) for number in range(draw(st.integers(0, 3)))],
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(entries(), max_size=3))
def test_any_entries_survive_being_written_byte_for_byte(listed: list[Entry]) -> None:
    written = dump(listed)
    back = read(written, "x.yaml")
    assert back == tuple(listed)
    assert dump(back) == written
    # And without libyaml, which some installations lack.
    assert yaml.load(written, yaml.SafeLoader) == yaml.load(written, yaml.CSafeLoader)
