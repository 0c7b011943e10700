"""/import and files sent by editors: measures and entries from a file, step by step."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import structlog
from telegram import Document, Message, Update
from telegram.error import BadRequest, InvalidToken
from telegram.ext import BaseHandler, MessageHandler, filters

from handlers.buttons import Action, Press
from handlers.commands import arguments
from handlers.editing.drafts import is_for_buttons
from handlers.history import undo_button
from handlers.importing.choices import (
    Decision,
    ForgedError,
    awaited,
    caption,
    source_named,
    unpacked,
)
from handlers.importing.dialogue import Dialogue
from handlers.importing.wording import refusal
from handlers.messages import PHRASES, announce, edit, render, send
from handlers.presses import Context
from handlers.questions import ASKED_BELOW, WRITTEN_BELOW, respond_to, written_in
from handlers.rights import Restricted, command_for, press_for
from handlers.services import Services
from handlers.typed.dates import written_on
from handlers.typed.unfit import Problem, UnfitError
from handlers.typed.words import UNKNOWN, recognise
from knowledge.editing.uploads import Upload, UploadError
from knowledge.entries import LONGEST_LINE
from knowledge.exchange import Choices, Finding, Reason, holds_entries
from knowledge.exchange.limits import MAX_BYTES
from knowledge.people import Member, Role

_COMMAND = r"^/import\b"


log = structlog.get_logger(__name__)


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command, files, and the buttons."""
    document = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.Document.ALL
    commanded = Restricted(services, Role.EDITOR, "/import", partial(_sent, services))
    return [
        command_for(Role.EDITOR, services, "import", partial(_command, services)),
        MessageHandler(document & filters.CaptionRegex(_COMMAND), commanded),
        MessageHandler(document, partial(_sent_by_anybody, services)),
        press_for(
            Role.EDITOR, services, Action.IMPORT, partial(_press, services), takes_long=True
        ),
    ]


async def _command(services: Services, member: Member, message: Message, words: str) -> None:
    """Take the file that the command replies to; without one, go on or say how it is done."""
    answered = message.reply_to_message
    former = await services.uploads.open(member.user_id, now=services.clock())
    if answered is not None and answered.document is not None:
        await _receive(services, member, message, answered.document, words)
    elif answered is not None:
        await send(message, render("import", step="no_file"))
    elif former is None:
        lapsed = await services.uploads.lapsed(member.user_id, now=services.clock())
        await send(message, render("import", step="how", lapsed=lapsed))
    else:
        below = await announce(message, render("import", step="reading", name=former.name))
        await Dialogue(services, member, below).decide(former, former.choices)


async def _sent(services: Services, member: Member, update: Update, _: Context) -> None:
    message = update.effective_message
    if message is not None and message.document is not None:
        words = arguments(message) if (message.caption or "").startswith("/import") else ""
        await _receive(services, member, message, message.document, words)


async def _sent_by_anybody(services: Services, update: Update, context: Context) -> None:
    """Take a file without the command: editors mean an import, others what they write below.

    Under another command it is none: who writes one below a file means that.
    """
    user, message = update.effective_user, update.effective_message
    member = await services.people.member(user.id if user else None)
    is_commanded = message is not None and (message.caption or "").startswith("/")
    if member is not None and member.role.includes(Role.EDITOR) and not is_commanded:
        await _sent(services, member, update, context)
    elif message is not None and (ASKED_BELOW | WRITTEN_BELOW).check_update(update):
        await respond_to(services, message, written_in(message))
    elif message is not None:
        await send(message, render("problem", problem="not_text"))


async def _receive(
    services: Services, member: Member, message: Message, document: Document, words: str
) -> None:
    """Download a file and begin its import, unless it is too large already by what is said."""
    name = document.file_name or PHRASES["exchange_button"]["own_file"]
    if (document.file_size or 0) > MAX_BYTES:
        await send(message, refusal(name, [Finding(Reason.TOO_MANY_BYTES, limit=MAX_BYTES)]))
        return
    said = await asyncio.to_thread(caption, words, services.basis)
    if message.caption and not words and not message.caption.startswith("/import"):
        await send(message, render("import", step="unread", caption=message.caption))
    if said.misread or said.to_come:
        await send(message, render("import", step="misread", said=said))
    below = await announce(message, render("import", step="loading", name=name))
    try:
        file = await document.get_file()
        content = bytes(await file.download_as_bytearray())
    except (BadRequest, InvalidToken):  # so PTB calls a file that is gone
        await edit(below, render("import", step="not_downloaded"))
        return
    await Dialogue(services, member, below).begin(name, content, said.choices)


async def open_for_words(services: Services, user_id: int, text: str) -> Upload | None:
    """The upload of an editor that waits for the source or the date of what it says.

    A question is no source: who asks one wants to know it.
    """
    upload = await services.uploads.open(user_id, now=services.clock())
    if upload is None or holds_entries(upload.name):
        return None
    match awaited(upload.choices, services.snapshot):
        case Decision.SOURCE:
            return None if text.rstrip().endswith("?") else upload
        case Decision.AS_OF:
            return upload
    return None


async def take_words(services: Services, member: Member, upload: Upload, message: Message) -> None:
    """Take what is typed as what an import waits for, and show what comes next."""
    choices = upload.choices
    try:
        choices = _filled(services, upload, written_in(message))
    except UnfitError as exc:
        await send(message, render("unfit", problem=exc.problem, limit=exc.limit))
    below = await announce(message, render("import", step="reading", name=upload.name))
    dialogue = Dialogue(services, member, below)
    try:
        await dialogue.decide(upload, choices)
    except UploadError:  # decided with a button at the same moment
        await edit(below, render("import", step="closed"))


def _filled(services: Services, upload: Upload, text: str) -> Choices:
    """The choices with what a text says of the part that is asked for.

    Raises:
        UnfitError: if it is nothing that can stand there.
    """
    if awaited(upload.choices, services.snapshot) is Decision.SOURCE:
        if recognise(text, UNKNOWN) or is_for_buttons(text):
            raise UnfitError(Problem.NO_SOURCE)
        source = source_named(text, services.snapshot)
        if source is None:
            raise UnfitError(Problem.TOO_LONG, limit=LONGEST_LINE)
        return upload.choices.model_copy(update={"source": source})
    date = written_on(text, services.today)
    return upload.choices.model_copy(update={"as_of": date, "is_dated": True})


async def _press(services: Services, member: Member, press: Press, message: Message) -> str | None:
    try:
        number, version, decision, value = unpacked(press)
        upload = await services.uploads.load(
            number, member.user_id, version=version, now=services.clock()
        )
        await Dialogue(services, member, message).follow(upload, decision, value)
    except (ForgedError, UploadError) as exc:
        log.warning("refused", what="button of an import", reason=type(exc).__name__)
        if isinstance(exc, UploadError) and exc.revision is not None:
            # Also where it was published, but the confirmation could not be delivered.
            said = render("import", step="published_already", revision=exc.revision)
            await edit(message, said, [[undo_button(exc.revision)]])
            return None
        return render("import", step="closed")
    return None
