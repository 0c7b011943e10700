"""/rolle and /einladen: who may change the knowledge base, and how somebody gets to."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from telegram import Bot, InlineKeyboardButton, Message, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import BaseHandler
from telegram.helpers import create_deep_linked_url

from handlers.buttons import Action, Press, button, rows
from handlers.menu import show_menu
from handlers.messages import PHRASES, Reply, edit, plain, render, send
from handlers.presses import acknowledge
from handlers.rights import command_for, press_for, refused_press
from handlers.services import Services
from knowledge.people import Invitation, Member, PeopleError, Refusal, Role

log = structlog.get_logger(__name__)

_RELABEL = re.compile(r"(\d{1,15})\s+(.+)", re.DOTALL)
"""A person's number and the new label: labels may have spaces, and several people the same."""

_ASK, _DO = "ask", "do"


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The two commands and their buttons."""
    return [
        command_for(Role.EDITOR, services, "rolle", partial(_roles, services)),
        press_for(
            Role.EDITOR,
            services,
            Action.MEMBER,
            partial(_press_member, services),
            settled=_resigned,
        ),
        command_for(Role.ADMIN, services, "einladen", partial(_invite, services)),
        press_for(Role.ADMIN, services, Action.INVITATION, partial(_revoke, services)),
    ]


async def _roles(services: Services, member: Member, message: Message, text: str) -> None:
    relabel = _RELABEL.fullmatch(text)
    if relabel is not None:
        try:
            await services.people.set_label(
                int(relabel[1]), relabel[2], by=member.user_id, now=services.clock()
            )
        except PeopleError as exc:
            await send(message, refused("/rolle", exc.why))
            return
        log.info("label changed", by=member.label)
        text = relabel[1]
    page = _wanted(await services.people.members(), text, viewer=member, zone=services.zone)
    await send(message, page)


def _wanted(members: list[Member], name: str, *, viewer: Member, zone: ZoneInfo) -> Reply:
    """The member with a number or label; everybody where that is nobody or several."""
    if viewer.role is not Role.ADMIN:
        return member_page(viewer, viewer=viewer, zone=zone)
    named = [m for m in members if name.casefold() in {str(m.user_id), m.label.casefold()}]
    if len(named) == 1:
        return member_page(named[0], viewer=viewer, zone=zone)
    return members_page(members, zone=zone, unknown="" if named else name)


async def _press_member(
    services: Services, member: Member, press: Press, message: Message
) -> str | None:
    """Show all members, one of them, a question before a change; or change a role."""
    who, (role, step) = press.key, _step(press.detail)
    if who != str(member.user_id) and member.role is not Role.ADMIN:
        return refused_press(press, "not_allowed", role=Role.ADMIN)
    listed = await services.people.members()
    if not who:
        await edit(message, members_page(listed, zone=services.zone))
        return None
    other = next((m for m in listed if str(m.user_id) == who), None)
    if other is None:
        await edit(message, members_page(listed, zone=services.zone))
        if role is Role.READER and step == _DO and who.isdecimal():
            # The role may have ended by this press, and what is said of it not have arrived.
            await _tell(message.get_bot(), int(who), role, by=member)
        return refused("button MEMBER", Refusal.NO_MEMBER)
    if role is None:
        await edit(message, member_page(other, viewer=member, zone=services.zone))
        return None
    if step == _ASK:
        await edit(message, _question(other, role, own=other.user_id == member.user_id))
        return None
    try:
        await services.people.set_role(
            other.user_id, role, by=member.user_id, now=services.clock()
        )
    except PeopleError as exc:
        await edit(message, member_page(other, viewer=member, zone=services.zone))
        return refused("button MEMBER", exc.why)
    log.info("role changed", by=member.label, whose=other.label, role=role)
    await show_menu(message.get_bot(), other.user_id, role)
    if other.user_id == member.user_id:
        await edit(message, render("role_changed", member=other, role=role, own=True))
        return None
    await edit(message, members_page(await services.people.members(), zone=services.zone))
    await _tell(message.get_bot(), other.user_id, role, by=member)
    return plain(render("role_changed", member=other, role=role, own=False))


async def _tell(bot: Bot, user_id: int, role: Role, *, by: Member) -> None:
    """Tell somebody which role they have now; what does not arrive is taken up again."""
    told = render("role_told", role=role, by=by.label)
    with suppress(BadRequest, Forbidden):  # who never wrote to the bot cannot be told
        await bot.send_message(user_id, told, parse_mode=ParseMode.HTML)


async def _resigned(update: Update) -> bool:
    """Say once more that a role was given up, if what was tapped is that, and the role is gone."""
    query, user = update.callback_query, update.effective_user
    if query is None or user is None or not isinstance(query.message, Message):
        return False
    done = Press(Action.MEMBER, str(user.id), f"{Role.READER}-{_DO}")
    if query.data != done.pack() or query.message.chat.type != ChatType.PRIVATE:
        return False
    await acknowledge(query)
    await edit(query.message, render("role_changed", member=None, role=Role.READER, own=True))
    return True


def _step(detail: str) -> tuple[Role | None, str]:
    """The role that a button is about, if it is about one, and whether it asks or does."""
    name, _, step = detail.partition("-")
    return (Role(name), step) if name in set(Role) and step in {_ASK, _DO} else (None, "")


def members_page(members: list[Member], *, zone: ZoneInfo, unknown: str = "") -> Reply:
    """Everybody with a role, with a button for each.

    Args:
        members: Who has a role.
        zone: The zone in which days are shown.
        unknown: A name that nobody has, if one was looked for.
    """
    buttons = [button(m.label, Action.MEMBER, str(m.user_id)) for m in members]
    return Reply(
        render("members", members=members, zone=zone, unknown=unknown),
        rows(buttons, 2),
    )


def member_page(member: Member, *, viewer: Member, zone: ZoneInfo) -> Reply:
    """One member, with buttons for the roles that the viewer can give them."""
    own = member.user_id == viewer.user_id
    labels = PHRASES["role_button"]
    possible = [
        role
        for role in reversed(Role)
        if role is not member.role
        and not member.by_settings
        and (viewer.role is Role.ADMIN or role is Role.READER)
    ]
    buttons: list[tuple[InlineKeyboardButton, ...]] = [
        (_member_button(labels[role], member, role, _ASK),) for role in possible
    ]
    if viewer.role is Role.ADMIN:
        buttons.append((button(f"‹ {PHRASES['button']['back']}", Action.MEMBER),))
    return Reply(
        render("member", member=member, own=own, viewer=viewer, zone=zone), tuple(buttons)
    )


def _question(member: Member, role: Role, *, own: bool) -> Reply:
    labels = PHRASES["button"]
    return Reply(
        render("role_question", member=member, role=role, own=own),
        (
            (_member_button(labels["confirm"], member, role, _DO),),
            (button(f"‹ {labels['back']}", Action.MEMBER, str(member.user_id)),),
        ),
    )


def _member_button(text: str, member: Member, role: Role, step: str) -> InlineKeyboardButton:
    return button(text, Action.MEMBER, str(member.user_id), f"{role}-{step}")


async def _invite(services: Services, member: Member, message: Message, text: str) -> None:
    word, _, label = text.partition(" ")
    role = PHRASES["role_words"].get(word.casefold())
    if role is None or not label.strip():
        page = await _invitations_page(services, asked=text, role=role)
        await send(message, page)
        return
    try:
        invited = await services.people.invite(
            Role(role), label, by=member.user_id, now=services.clock()
        )
    except PeopleError as exc:
        await send(message, refused("/einladen", exc.why))
        return
    new = invited.invitation
    log.info("invited", by=member.label, whose=new.label, role=new.role)
    link = create_deep_linked_url(message.get_bot().username, invited.token)
    await send(
        message,
        render("invited", invitation=new, link=link, renewed=invited.renewed, zone=services.zone),
        [[button(PHRASES["button"]["revoke"], Action.INVITATION, new.id)]],
    )


async def _revoke(services: Services, member: Member, press: Press, message: Message) -> str:
    try:
        revoked = await services.people.revoke(press.key, by=member.user_id)
    except PeopleError as exc:  # who was admin a moment ago
        return refused("button INVITATION", exc.why)
    await edit(message, await _invitations_page(services))
    if revoked:
        log.info("invitation revoked", by=member.label)
    else:
        log.warning("refused", what="button INVITATION", reason="settled")
    return plain(render("revoked", revoked=revoked))


async def _invitations_page(
    services: Services, *, asked: str = "", role: str | None = None
) -> Reply:
    """How to invite, and the open invitations, with a button to revoke each.

    Args:
        services: Where invitations are.
        asked: What stood behind the command and does not suffice.
        role: The role that it names, if it names one.
    """
    open_ones = await services.people.invitations(services.clock())
    return Reply(
        render("invitations", invitations=open_ones, zone=services.zone, asked=asked, role=role),
        tuple((_revoke_button(invitation),) for invitation in open_ones),
    )


def _revoke_button(invitation: Invitation) -> InlineKeyboardButton:
    text = f"{PHRASES['button']['revoke']}: {invitation.label}"
    return button(text, Action.INVITATION, invitation.id)


def refused(what: str, why: Refusal) -> str:
    """Log that something about people is refused; returns the sentence, as a toast takes it.

    Args:
        what: The command or button.
        why: The reason.
    """
    log.warning("refused", what=what, reason=why)
    return plain(render("people_refused", why=why))
