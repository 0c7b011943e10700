"""Messages that Telegram takes: length in its own units, cut where nothing breaks."""

import html
import re
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from telegram import Bot, Message

from bot.playground import TOKEN, Playground
from handlers.buttons import Action, button
from handlers.messages import announce, edit, keyboard, length, plain, send, send_file, split
from tests.support.in_process import InProcess

LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
SENTENCES = st.text(LETTERS, min_size=1, max_size=30).map(str.strip).filter(bool)


def marked(text: str) -> st.SearchStrategy[str]:
    escaped = html.escape(text)
    return st.sampled_from(
        [
            escaped,
            f"<b>{escaped}</b>",
            f"<i>{escaped}</i> &amp; mehr",
            f'<a href="https://erfurt.de/?a=1&amp;b=2">{escaped}</a>',
            f"<blockquote expandable>{escaped}</blockquote>",
        ]
    )


LINES = SENTENCES.flatmap(marked)
PARAGRAPHS = st.lists(LINES, min_size=1, max_size=4).map("\n".join)
MARKUP = st.lists(PARAGRAPHS, min_size=1, max_size=8).map("\n\n".join)


def is_whole(markup: str) -> bool:
    """Whether every tag is complete, opened and closed in the right order."""
    if re.search(r"<[^>]*$|^[^<]*>", markup):
        return False
    opened: list[str] = []
    for closing, name in re.findall(r"<(/?)([a-z]+)[^>]*>", markup):
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("<b>fett</b> und <i>schräg</i>", "fett und schräg"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ('<a href="https://x/?a&amp;b">hier</a>', "hier"),
        ("<blockquote expandable>a\nb</blockquote>", "a\nb"),
        ("&lt;b&gt;kein Tag&lt;/b&gt;", "<b>kein Tag</b>"),
        ("&quot;so&quot; &#39;und so&#39;", "\"so\" 'und so'"),
    ],
)
def test_plain_text_is_what_people_see(markup: str, text: str) -> None:
    assert plain(markup) == text


@given(st.text(LETTERS))
def test_escaped_text_is_seen_unchanged(text: str) -> None:
    assert plain(html.escape(text)) == text
    assert plain(f"<b>{html.escape(text)}</b>") == text


@pytest.mark.parametrize(
    ("markup", "units"),
    [
        ("", 0),
        ("Maßnahme", 8),
        ("<b>x</b>", 1),
        ("&amp;", 1),
        ("🤷", 2),
        ("👩\u200d👩\u200d👧", 8),
        ("e\u0301", 2),
    ],
)
def test_length_is_counted_in_utf16_units_without_tags(markup: str, units: int) -> None:
    assert length(markup) == units


def test_a_short_text_stays_one_message() -> None:
    markup = "<b>Titel</b>\n\nZeile\nZeile"
    assert split(markup) == [markup]


@pytest.mark.parametrize("letter", ["x", "ß", "🤷"])
def test_the_limit_is_4096_units(letter: str) -> None:
    fitting = letter * (4096 // length(letter))
    assert split(fitting) == [fitting]
    assert [length(part) for part in split(fitting + letter)] == [4096, length(letter)]


def test_an_emoji_is_never_cut_in_two() -> None:
    parts = split("x" + "🤷" * 4096)
    assert [length(part) for part in parts] == [4095, 4096, 2]
    assert "".join(parts) == "x" + "🤷" * 4096


def test_a_text_is_cut_between_paragraphs() -> None:
    paragraphs = ["<b>" + "a" * 2000 + "</b>", "b" * 2000, "c" * 2000]
    assert split("\n\n".join(paragraphs)) == [
        f"{paragraphs[0]}\n\n{paragraphs[1]}",
        paragraphs[2],
    ]


def test_a_paragraph_over_the_limit_is_cut_between_lines() -> None:
    lines = ["<b>" + "a" * 3000 + "</b>", "<i>" + "b" * 3000 + "</i>"]
    assert split("\n".join(lines)) == lines


def test_a_line_over_the_limit_loses_its_markup_but_no_letter() -> None:
    parts = split("<b>" + "a &amp; b " * 1000 + "</b>")
    assert all(length(part) <= 4096 and "<" not in part for part in parts)
    assert "".join(plain(part) for part in parts) == "a & b " * 1000


def test_tags_do_not_count() -> None:
    markup = '<a href="https://erfurt.de/' + "x" * 500 + '">' + "y" * 4096 + "</a>"
    assert split(markup) == [markup]


@given(MARKUP, st.integers(5, 80))
def test_no_message_is_too_long_or_broken_and_nothing_is_lost(markup: str, limit: int) -> None:
    parts = split(markup, limit)
    assert all(length(part) <= limit for part in parts)
    assert all(is_whole(part) for part in parts)
    seen = "".join("".join(plain(part).split()) for part in parts)
    assert seen == "".join(plain(markup).split())


@given(st.text(LETTERS, min_size=1), st.integers(2, 50))
def test_a_single_line_keeps_every_character(text: str, limit: int) -> None:
    parts = split(html.escape(text), limit)
    assert "".join(plain(part) for part in parts) == text
    assert all(0 < length(part) <= limit for part in parts)


@given(MARKUP)
def test_what_fits_is_left_as_it_is(markup: str) -> None:
    assert split(markup, length(markup)) == [markup]


def test_a_keyboard_has_no_empty_rows() -> None:
    known = button("Quellen", Action.SOURCES)
    made = keyboard([[], [known], []])
    assert made is not None
    assert [list(row) for row in made.inline_keyboard] == [[known]]


@pytest.mark.parametrize("buttons", [None, [], [[]], [[], []]])
def test_without_buttons_there_is_no_keyboard(buttons: list[list[None]] | None) -> None:
    assert keyboard(buttons) is None  # type: ignore[arg-type]  # the lists are empty


def test_an_empty_line_within_a_tag_is_no_place_to_cut() -> None:
    quote = f"<blockquote expandable>{'b' * 200}\n\n{'c' * 200}</blockquote>"
    assert split("a" * 3900 + "\n\n" + quote) == ["a" * 3900, quote]


def test_splitting_keeps_tags_whole_lines_together_and_sends_nothing_empty() -> None:
    parts = split("<b>" + "a" * 3000 + "\n" + "b" * 3000 + "</b>")
    assert all(is_whole(part) for part in parts)
    lines = ["a" * 2000, "b" * 1000, "c" * 2000]
    assert split("\n".join(lines)) == ["\n".join(lines[:2]), lines[2]]
    assert "" not in split("\n\n" + "x" * 4096)


async def edited_to(text: str, *, deleted: bool = False) -> list[str]:
    """What stands in a chat after the bot's message "Alt" was edited."""
    playground = Playground(limits=None)
    playground.core.world.users[1001].started = True
    async with Bot(TOKEN, request=InProcess(playground)) as bot:
        message = await bot.send_message(chat_id=1001, text="Alt")
        chat = playground.core.world.chats[1001]
        if deleted:
            del chat.messages[message.message_id]
        await edit(message, text)
    return [message.body.text for message in chat.messages.values()]


async def test_a_message_is_edited() -> None:
    assert await edited_to("Neu") == ["Neu"]


@pytest.mark.parametrize("way", [send, edit])
async def test_what_telegram_cannot_read_is_shown_without_its_markup(
    way: Callable[[Message, str], Awaitable[None]],
) -> None:
    playground = Playground(limits=None)
    playground.core.world.users[1001].started = True
    async with Bot(TOKEN, request=InProcess(playground)) as bot:
        message = await bot.send_message(chat_id=1001, text="Alt")
        with capture_logs() as logs:
            await way(message, "<u>Neu</b> &amp; kurz")
    shown = list(playground.core.world.chats[1001].messages.values())[-1]
    assert shown.body.text == "Neu & kurz"
    assert [log["event"] for log in logs] == ["Telegram cannot read our markup"]


async def test_what_does_not_fit_when_editing_follows() -> None:
    long = "\n\n".join(["a" * 4000, "b" * 4000, "c"])
    assert await edited_to(long) == ["a" * 4000, "b" * 4000 + "\n\nc"]


async def test_the_same_text_again_is_no_error() -> None:
    assert await edited_to("Alt") == ["Alt"]


async def test_a_message_that_was_deleted_meanwhile_is_followed_by_a_new_one() -> None:
    assert await edited_to("Neu", deleted=True) == ["Neu"]


async def test_whoever_deletes_their_question_in_a_group_is_answered_all_the_same() -> None:
    playground = Playground(limits=None)
    world = playground.core.world
    chat = world.add_group("Beratung", members=[1001, world.bot.id])
    async with Bot(TOKEN, request=InProcess(playground)) as bot:
        question = await bot.send_message(chat_id=chat.id, text="Frage")
        del chat.messages[question.message_id]
        await announce(question, "Gleich.")
        await send(question, "Antwort", quote=True)
        await send_file(question, b"Nr;Titel", "Liste.csv")
    assert [message.body.text for message in chat.messages.values()] == ["Gleich.", "Antwort", ""]
