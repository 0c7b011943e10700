"""HTML is read as Telegram reads it, or refused as Telegram refuses it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.entities import Entity, Formatted, detected, utf16_length
from bot.playground.markup import parse_html, to_html
from bot.playground.wire import ApiError


def test_every_tag_of_telegram_becomes_its_entity() -> None:
    tags = {
        "<b>x</b>": "bold",
        "<strong>x</strong>": "bold",
        "<i>x</i>": "italic",
        "<em>x</em>": "italic",
        "<u>x</u>": "underline",
        "<ins>x</ins>": "underline",
        "<s>x</s>": "strikethrough",
        "<strike>x</strike>": "strikethrough",
        "<del>x</del>": "strikethrough",
        '<span class="tg-spoiler">x</span>': "spoiler",
        "<tg-spoiler>x</tg-spoiler>": "spoiler",
        '<a href="https://example.org/">x</a>': "text_link",
        "<code>x</code>": "code",
        "<pre>x</pre>": "pre",
        "<blockquote>x</blockquote>": "blockquote",
        "<blockquote expandable>x</blockquote>": "expandable_blockquote",
        '<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>': "custom_emoji",
        '<tg-time unix="1790000000" format="wDT">x</tg-time>': "date_time",
    }
    assert {source: parse_html(source).entities[0].type for source in tags} == tags


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("ä <br>", 'Unsupported start tag "br" at byte offset 3'),
        ("2 < 3", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ("<a =x>y</a>", 'Empty attribute name in the tag "a"'),
        ("<a href=a_b>y</a>", "Unexpected end of name token"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier"),
        ("<tg-time>x</tg-time>", "Invalid date-time unix time"),
        ('<tg-time unix="1" format="q">x</tg-time>', "Invalid date-time format"),
    ],
)
def test_html_telegram_cannot_read_is_refused_with_its_place(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.description.startswith("Bad Request: can't parse entities: ")
    assert reason in caught.value.description


def test_offsets_count_utf16_units() -> None:
    parsed = parse_html("📌 <b>Maß📌</b> <i>x</i>")
    assert [(e.type, e.offset, e.length) for e in parsed.entities] == [
        ("bold", 3, 5),
        ("italic", 9, 1),
    ]
    assert parsed.stretch(parsed.entities[0]) == "Maß📌"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;b&gt; &amp; &quot;", '<b> & "'),
        ("&#252;&#xFC;", "üü"),
        ("&auml; & &#xD800; &", "&auml; & &#xD800; &"),
        ("  \n<b>x</b> y \n", "x y"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_references_are_resolved_and_ends_trimmed(source: str, text: str) -> None:
    assert parse_html(source).text == text


def test_preformatted_code_knows_its_language() -> None:
    (entity,) = parse_html('<pre><code class="language-python">x</code></pre>').entities
    assert (entity.type, entity.language) == ("pre", "python")


def test_nothing_nests_in_code_and_no_quote_in_a_quote() -> None:
    assert [e.type for e in parse_html("<code><b>x</b></code>").entities] == ["code"]
    nested = "<blockquote>a<blockquote expandable>b</blockquote></blockquote>"
    assert [e.type for e in parse_html(nested).entities] == ["blockquote"]


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://example.org/a?b&amp;c", "https://example.org/a?b&c"),
        ("example.org", "http://example.org/"),
        ("example.org/a", "http://example.org/a"),
        ("tg://user?id=1", "tg://user?id=1"),
    ],
)
def test_links_get_a_full_address(target: str, url: str) -> None:
    assert parse_html(f'<a href="{target}">x</a>').entities[0].url == url


def test_a_link_to_nowhere_keeps_only_its_text() -> None:
    assert parse_html('<a href="javascript:alert(1)">x</a>') == Formatted("x")


def test_what_telegram_finds_by_itself_is_marked() -> None:
    text = "/frage@massnahmenbot @amt #Sprache2025 #12 https://example.org/a. amt@example.org a/b"
    found = detected(Formatted(text))
    assert [(e.type, found.stretch(e)) for e in found.entities] == [
        ("bot_command", "/frage@massnahmenbot"),
        ("mention", "@amt"),
        ("hashtag", "#Sprache2025"),
        ("url", "https://example.org/a"),
        ("email", "amt@example.org"),
    ]


def test_nothing_is_looked_for_in_code_and_links() -> None:
    source = '<code>/start</code> <a href="https://example.org/">@amt</a>'
    assert [e.type for e in detected(parse_html(source)).entities] == ["code", "text_link"]


plain = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"]) | st.sampled_from("<>&\"'"), min_size=1
)
pieces = st.recursive(
    plain.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.tuples(
        st.sampled_from(["b", "i", "u", "s", "tg-spoiler"]), st.lists(inner, min_size=1)
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
    max_leaves=6,
)


@given(pieces)
def test_what_was_read_is_written_back_and_read_the_same(source: str) -> None:
    parsed = parse_html(source)
    again = parse_html(to_html(parsed))
    assert again.text == parsed.text
    assert set(again.entities) == set(parsed.entities)


@given(plain)
def test_escaped_text_comes_through_unchanged(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    assert parse_html(escaped).text == text


@given(st.text())
def test_html_is_read_or_refused_but_never_breaks(source: str) -> None:
    try:
        parsed = parse_html(source)
    except ApiError:
        return
    size = utf16_length(parsed.text)
    assert all(0 <= e.offset < e.end <= size for e in parsed.entities)


def test_entities_speak_json() -> None:
    entity = Entity("text_link", 0, 4, url="https://example.org/")
    assert entity.as_json() == {
        "type": "text_link",
        "offset": 0,
        "length": 4,
        "url": "https://example.org/",
    }
