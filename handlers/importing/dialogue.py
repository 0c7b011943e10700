"""The message in which an import goes on: what is asked next, the preview, the publication.

What is shown follows from the file, what was decided and the newest snapshot alone. Reading,
comparing and writing lists is done in threads: others get their answers meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from openpyxl.utils import get_column_letter
from telegram import Message
from telegram.error import TelegramError

from handlers.buttons import label, rows
from handlers.history import undo_button
from handlers.importing.choices import (
    NOTHING,
    OWN,
    Decision,
    ForgedError,
    awaited,
    chosen,
    deciding,
    source_tag,
    tag,
)
from handlers.importing.wording import PARTS, full_list, preview, refusal
from handlers.messages import PHRASES, Buttons, edit, render, send_file
from handlers.services import Services
from knowledge.consistency import InconsistentError
from knowledge.editing.proposals import Proposal
from knowledge.editing.uploads import Upload
from knowledge.entries import Certainty, Entry, Kind, Phase, Source
from knowledge.exchange import (
    Choices,
    Column,
    EntryFile,
    FileRefusedError,
    Finding,
    Former,
    Heading,
    ImportPlan,
    Reason,
    StatusQuestion,
    TableFile,
    about,
    read_file,
)
from knowledge.notification.audience import chats_told
from knowledge.notification.interests import Subscription
from knowledge.partial_date import PartialDate
from knowledge.people import Member, PeopleError, Role
from knowledge.revisions import Origin
from knowledge.snapshot import Snapshot
from knowledge.storage.store import ConflictError, UnchangedError
from knowledge.undoing import rewound

LARGE = 200_000
"""Bytes from which reading takes so long that a person is told that it goes on."""

MOST_TARGETS, MOST_SOURCES, MOST_HEADINGS = 10, 3, 24
"""Buttons for plans, for sources used before, and for columns; more find no room on a phone."""

_LABELS = PHRASES["exchange_button"]

File = TableFile | EntryFile


@dataclass(frozen=True, slots=True)
class Dialogue:
    """An editor's import, below one message.

    Attributes:
        services: What it works with.
        member: The editor.
        message: The message that is edited from step to step.
    """

    services: Services
    member: Member
    message: Message

    async def begin(self, name: str, content: bytes, choices: Choices) -> None:
        """Read a file, keep it, and show what is to be decided first."""
        await self.progress("reading", name=name)
        snapshot = self.services.snapshot
        try:
            file = await asyncio.to_thread(
                read_file, content, name, choices, today=self.services.today
            )
        except FileRefusedError as exc:
            await edit(self.message, refusal(name, exc.findings))
            return
        if isinstance(file, TableFile) and file.is_no_list:
            missing = [Finding(Reason.COLUMN_MISSING, text=PARTS[c]) for c in file.layout.missing]
            await edit(self.message, refusal(name, missing))
            return
        upload = await self.services.uploads.begin(
            self.member.user_id,
            name,
            content,
            choices,
            base=snapshot.revision,
            now=self.services.clock(),
        )
        await self._show(upload, file, snapshot)

    async def decide(self, former: Upload, choices: Choices) -> None:
        """Show what is to be decided after some choices, be they those of before.

        Raises:
            UploadError: if it is gone, or was changed since it was loaded.
        """
        await self._keep(former, choices)

    async def follow(self, upload: Upload, decision: Decision, value: str) -> None:
        """Do what a button says.

        Raises:
            UploadError: if it is gone, or was changed since it was loaded.
            ForgedError: if the value was not offered.
        """
        if decision is Decision.DISCARD:
            await self.services.uploads.discard(upload)
            await self._say("discarded")
            return
        if len(upload.content) > LARGE:
            await self.progress("reading", name=upload.name)
        if decision is Decision.PUBLISH:
            await self._publish(upload)
            return
        snapshot = self.services.snapshot
        file = await self._read(upload)
        if file is None:
            return
        if decision is Decision.COLUMN and isinstance(file, TableFile):
            await self._ask_meaning(upload, file, value)
        elif decision is Decision.BACK:
            await self._show(upload, file, snapshot)
        else:
            sources = await self._sources()
            try:
                choices = await asyncio.to_thread(
                    chosen,
                    upload,
                    file,
                    snapshot,
                    decision,
                    value,
                    sources=sources,
                    former=await self._former(upload, snapshot),
                )
            except ValueError as exc:
                raise ForgedError from exc
            await self._keep(upload, choices)

    async def progress(self, step: str, **values: object) -> None:
        """Say what is going on; where Telegram does not take that, it goes on all the same."""
        with suppress(TelegramError):
            await self._say(step, **values)

    async def _keep(self, former: Upload, choices: Choices, *, conflict: bool = False) -> None:
        """Keep what was decided, and show what comes next."""
        snapshot = self.services.snapshot
        upload = await self.services.uploads.save(
            former, choices, base=snapshot.revision, now=self.services.clock()
        )
        file = await self._read(upload)
        if file is not None:
            await self._show(upload, file, snapshot, conflict=conflict)

    async def _read(self, upload: Upload) -> File | None:
        """Read an upload; None, and its end, if it cannot be read in the way decided."""
        try:
            return await asyncio.to_thread(
                read_file,
                upload.content,
                upload.name,
                upload.choices,
                today=self.services.today,
            )
        except FileRefusedError as exc:
            await self.services.uploads.discard(upload)
            await edit(self.message, refusal(upload.name, exc.findings))
            return None

    async def _show(
        self, upload: Upload, file: File, snapshot: Snapshot, *, conflict: bool = False
    ) -> None:
        """Ask for what is not decided yet, one thing at a time; then show the preview."""
        if isinstance(file, TableFile) and await self._asked(upload, file, snapshot):
            return
        if isinstance(file, TableFile) and len(upload.content) > LARGE:
            await self.progress("comparing", name=upload.name, rows=len(file.table.rows))
        plan = await self._planned(upload, file, snapshot)
        if plan.questions:
            await self._ask_status(upload, plan.questions[0])
        else:
            await self._preview(upload, plan, snapshot, conflict=conflict)

    async def _planned(self, upload: Upload, file: File, snapshot: Snapshot) -> ImportPlan:
        """What publishing an upload would do to the entries of a snapshot."""
        former = await self._former(upload, snapshot)
        return await asyncio.to_thread(file.plan, upload.choices, snapshot, former)

    async def _former(self, upload: Upload, snapshot: Snapshot) -> Former:
        """How the entries that a file may be about stood before."""
        return await self.services.store.former(
            about(upload.choices, snapshot), until=snapshot.revision
        )

    async def _asked(self, upload: Upload, file: TableFile, snapshot: Snapshot) -> bool:
        """Ask what a table needs and is not decided; whether there was anything."""
        match awaited(upload.choices, snapshot):
            case Decision.TARGET:
                await self._ask_target(upload, snapshot)
            case Decision.SOURCE:
                await self._ask_source(upload)
            case Decision.AS_OF:
                await self._ask_date(upload)
            case Decision.CERTAINTY:
                await self._ask_certainty(upload)
            case _ if not upload.choices.columns_confirmed or file.layout.missing:
                await self._ask_columns(upload, file)
            case _:
                return False
        return True

    async def _ask_target(self, upload: Upload, snapshot: Snapshot) -> None:
        listed = _targets(snapshot, self.services.home)[:MOST_TARGETS]
        buttons = [[deciding(label(e), upload, Decision.TARGET, e.key)] for e in listed]
        await self._ask("target", upload, buttons, unfit=upload.choices.target)

    async def _ask_source(self, upload: Upload) -> None:
        buttons = [
            [
                deciding(
                    source.reference or source.title, upload, Decision.SOURCE, source_tag(source)
                )
            ]
            for source in await self._sources()
        ]
        own = deciding(_LABELS["own_file"], upload, Decision.SOURCE, OWN)
        await self._ask("source", upload, [*buttons, [own]])

    async def _ask_date(self, upload: Upload) -> None:
        today = PartialDate.of(self.services.today)
        month = PartialDate(today.year, today.month)
        offered = [
            deciding(_LABELS["today"], upload, Decision.AS_OF, today.iso()),
            *(
                deciding(date.german(), upload, Decision.AS_OF, date.iso())
                for date in (month, PartialDate(today.year), PartialDate(today.year - 1))
            ),
            deciding(_LABELS["undated"], upload, Decision.AS_OF, NOTHING),
        ]
        await self._ask("as_of", upload, rows(offered, 2))

    async def _ask_certainty(self, upload: Upload) -> None:
        buttons = [
            [deciding(PHRASES["certainty"][c], upload, Decision.CERTAINTY, c)] for c in Certainty
        ]
        await self._ask("certainty", upload, buttons)

    async def _ask_columns(self, upload: Upload, file: TableFile) -> None:
        layout = file.layout
        unsure = [*layout.doubtful, *layout.not_understood]
        asked = [
            deciding(f"{_letter(h)}: {h.text}", upload, Decision.COLUMN, str(h.position))
            for h in unsure[:MOST_HEADINGS]
        ]
        sheets = [
            [deciding(f"{_LABELS['sheet']} {sheet}", upload, Decision.SHEET, tag(sheet))]
            for sheet in file.table.other_sheets[:MOST_SOURCES]
        ]
        confirm = deciding(_LABELS["confirm"], upload, Decision.CONFIRM)
        confirming = [] if layout.missing else [[confirm]]
        await self._ask(
            "columns",
            upload,
            [*confirming, *rows(asked, 2), *sheets],
            table=file.table,
            layout=layout,
        )

    async def _ask_meaning(self, upload: Upload, file: TableFile, position: str) -> None:
        """Ask what a column means.

        Raises:
            ForgedError: if there is no such column.
        """
        heading = next((h for h in file.layout.headings if str(h.position) == position), None)
        if heading is None:
            raise ForgedError
        meanings = [
            deciding(PARTS[column], upload, Decision.MEANING, f"{position}-{column}")
            for column in Column
        ]
        none = deciding(_LABELS["not_imported"], upload, Decision.MEANING, f"{position}-{NOTHING}")
        back = deciding(_LABELS["back"], upload, Decision.BACK)
        await self._ask("meaning", upload, [*rows(meanings, 3), [none, back]], heading=heading)

    async def _ask_status(self, upload: Upload, question: StatusQuestion) -> None:
        word = tag(question.word)
        phases = [
            deciding(_phase(phase, question), upload, Decision.PHASE, f"{word}-{phase}")
            for phase in Phase
        ]
        none = deciding(_LABELS["no_phase"], upload, Decision.PHASE, f"{word}-{NOTHING}")
        await self._ask("status", upload, [*rows(phases, 2), [none]], question=question)

    async def _ask(self, step: str, upload: Upload, buttons: Buttons, **values: object) -> None:
        """Show a question with its buttons, and one to give up."""
        discard = deciding(_LABELS["discard"], upload, Decision.DISCARD)
        text = _worded(step, name=upload.name, **values)
        await edit(self.message, text, [*buttons, [discard]])

    async def _preview(
        self, upload: Upload, plan: ImportPlan, snapshot: Snapshot, *, conflict: bool
    ) -> None:
        """Show what would change; what does not fit comes as a file above."""
        choices = upload.choices
        target = snapshot.entries.get(choices.target or "")
        told = await asyncio.to_thread(
            _told, plan, snapshot, await self.services.subscriptions.listed()
        )
        worded = await asyncio.to_thread(
            preview, plan, upload.name, choices, target, conflict=conflict, told=told
        )
        if not worded.is_whole:
            listed = await asyncio.to_thread(full_list, plan)
            await send_file(self.message, listed.encode("utf-8-sig"), PHRASES["file"]["preview"])
        buttons = []
        if plan.is_ready and not plan.changes_nothing:
            buttons.append([deciding(_LABELS["publish"], upload, Decision.PUBLISH)])
        if plan.missing and choices.withdraw_missing:
            buttons.append([deciding(_LABELS["keep"], upload, Decision.KEEP)])
        # Of a file that is about everything, nobody means that all else is withdrawn; and from
        # one that is faulty nothing can be published, withdrawals neither.
        elif plan.missing and target is not None and plan.is_ready:
            buttons.append([deciding(_LABELS["withdraw"], upload, Decision.WITHDRAW)])
        buttons.append([deciding(_LABELS["discard"], upload, Decision.DISCARD)])
        await edit(self.message, worded.markup, buttons)

    async def _publish(self, upload: Upload) -> None:
        """Publish what was shown, or show what is different now."""
        await self.progress("publishing", name=upload.name)
        services, snapshot = self.services, self.services.snapshot
        file = await self._read(upload)
        if file is None:
            return
        plan = await self._planned(upload, file, snapshot)
        is_done = plan.changes_nothing and not plan.leaves_out  # by somebody else, meanwhile
        if not plan.is_ready or (
            not is_done and plan.effect != await self._effect_shown(upload, file, snapshot)
        ):
            await self._keep(upload, upload.choices, conflict=True)
            return
        now = services.clock()
        try:
            number = await services.store.publish(
                plan.entries,
                withdrawn=plan.withdrawn,
                base=upload.base,
                author=self.member.label,
                reason=reason(upload.name),
                now=now,
                origin=Origin.IMPORTED,
                source=upload.choices.source,
                guards=[
                    services.people.requires(self.member.user_id, Role.EDITOR),
                    services.uploads.publishing(upload, now=now),
                ],
            )
        except PeopleError:
            await edit(self.message, render("problem", problem="not_allowed", role=Role.EDITOR))
        except (ConflictError, InconsistentError):
            await services.store.refresh()
            await self._keep(upload, upload.choices, conflict=True)
        except UnchangedError:
            await services.uploads.discard(upload)
            await self._say("unchanged")
        else:
            said = _worded("published", revision=number, plan=plan)
            await edit(self.message, said, [[undo_button(number)]])

    async def _effect_shown(self, upload: Upload, file: File, snapshot: Snapshot) -> object:
        """What an upload would have done to the entries as they were when it was shown."""
        changes = await self.services.store.changes_between(upload.base, snapshot.revision)
        before = rewound(snapshot, changes, upload.base)
        return (await self._planned(upload, file, before)).effect

    async def _sources(self) -> list[Source]:
        return await self.services.store.recent_sources(self.member.label, limit=MOST_SOURCES)

    async def _say(self, step: str, **values: object) -> None:
        await edit(self.message, _worded(step, **values))


def reason(name: str) -> str:
    """What the history says about an import."""
    return f"{PHRASES['imported']} {name}"


def _worded(step: str, **values: object) -> str:
    return render("import", step=step, parts=PARTS, letter=get_column_letter, **values)


def _told(plan: ImportPlan, snapshot: Snapshot, subscriptions: Sequence[Subscription]) -> int:
    """How many chats would be told of what an import changes, by what they have subscribed."""
    if not subscriptions:
        return 0
    proposal = Proposal(
        before=snapshot,
        after=snapshot.updated(plan.entries, [entry.key for entry in plan.withdrawn]),
        changed=plan.entries,
        withdrawn=plan.withdrawn,
        base=snapshot.revision,
        source=None,
        overruled=(),
    )
    return len(chats_told(proposal, subscriptions))


def _targets(snapshot: Snapshot, home: str | None) -> list[Entry]:
    """Plans and bodies, those of the body that the bot serves first."""
    body = snapshot.get(home or "")
    own = [e for e in snapshot.below(body.key) if e.kind is Kind.PLAN] if body else []
    listed = [
        *own,
        *([body] if body else []),
        *snapshot.of_kind(Kind.PLAN),
        *snapshot.of_kind(Kind.BODY),
    ]
    return list({entry.key: entry for entry in listed}.values())


def _letter(heading: Heading) -> str:
    return get_column_letter(heading.position)


def _phase(phase: Phase, question: StatusQuestion) -> str:
    text: str = PHRASES["phase"][phase]
    return f"{text} {_LABELS['suggested']}" if phase is question.suggestion else text
