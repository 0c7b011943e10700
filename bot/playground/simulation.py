"""The simulation interface under `/sim/`: what tests and the chat page do to the world."""

from __future__ import annotations

import functools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.playground import membership, people
from bot.playground.botapi import error_response, file_response
from bot.playground.core import Core, Query
from bot.playground.faults import fault_from_json
from bot.playground.forms import read_parameters
from bot.playground.limits import Limits
from bot.playground.parameters import Parameters
from bot.playground.wire import ApiError, Json, bad_request
from bot.playground.world import Chat, Message

MAX_WAIT: Final = 60.0
HEARTBEAT: Final = 15.0

ClockListener = Callable[[datetime], Awaitable[None]]
"""Told the new present after the clock was set, so that the bot can follow."""

Endpoint = Callable[[Request, Parameters], Awaitable[object]]


class Simulation:
    """Lets people act and tests look.

    Args:
        core: The state.
        clock_listener: Told when the clock is set; its presence shows the page's button.
    """

    def __init__(self, core: Core, clock_listener: ClockListener | None) -> None:
        self._core = core
        self._clock_listener = clock_listener

    def routes(self) -> list[BaseRoute]:
        """All routes."""
        chat = "/sim/chats/{chat}"
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/sim/state", self.state),
            ("GET", "/sim/users", self.users),
            ("POST", "/sim/users", self.create_user),
            ("POST", "/sim/users/{user}/block", self.block),
            ("POST", "/sim/users/{user}/unblock", self.unblock),
            ("GET", "/sim/chats", self.chats),
            ("POST", "/sim/chats", self.create_group),
            ("POST", f"{chat}/members", self.add_member),
            ("DELETE", f"{chat}/members/{{user}}", self.remove_member),
            ("POST", f"{chat}/bot", self.set_bot_status),
            ("POST", f"{chat}/migrate", self.migrate),
            ("GET", f"{chat}/messages", self.messages),
            ("POST", f"{chat}/messages", self.write),
            ("PATCH", f"{chat}/messages/{{message}}", self.edit),
            ("POST", f"{chat}/messages/{{message}}/press", self.press),
            ("POST", f"{chat}/files", self.upload),
            ("GET", f"{chat}/commands", self.commands),
            ("GET", "/sim/queries/{query}", self.query),
            ("GET", "/sim/events", self.events),
            ("GET", "/sim/calls", self.calls),
            ("GET", "/sim/updates", self.updates),
            ("GET", "/sim/faults", self.faults),
            ("POST", "/sim/faults", self.schedule_fault),
            ("DELETE", "/sim/faults", self.clear_faults),
            ("GET", "/sim/limits", self.limits),
            ("PUT", "/sim/limits", self.set_limits),
            ("GET", "/sim/clock", self.clock),
            ("POST", "/sim/clock", self.set_clock),
        ]
        return [
            *(Route(path, _answering(handler), methods=[verb]) for verb, path, handler in table),
            Route("/sim/files/{file_id}", self.file, methods=["GET"]),
            Route("/sim/stream", self.stream, methods=["GET"]),
        ]

    # Looking

    async def state(self, _request: Request, _parameters: Parameters) -> Json:
        """Everything the page needs to start."""
        core = self._core
        return {
            "bot": {
                **core.world.bot.as_json(),
                "description": core.profile.text("description", "de"),
                "short_description": core.profile.text("short_description", "de"),
            },
            "users": self._users(),
            "chats": self._chats(),
            "clock": self._clock(),
            "last_event_id": core.events.last_id,
            "last_call_id": core.calls.last_id,
        }

    async def users(self, _request: Request, _parameters: Parameters) -> Json:
        """All people."""
        return {"users": self._users()}

    async def chats(self, _request: Request, _parameters: Parameters) -> Json:
        """All chats."""
        return {"chats": self._chats()}

    async def messages(self, request: Request, parameters: Parameters) -> Json:
        """The messages of a chat, those after the id `after` if given."""
        chat = self._chat(request)
        after = parameters.number("after") or 0
        shown = [message for message in chat.messages.values() if message.id > after]
        return {"messages": [self._core.world.message_view(message) for message in shown]}

    async def commands(self, request: Request, parameters: Parameters) -> Json:
        """The command menu a person sees in a chat."""
        user = self._core.world.users.get(parameters.number("user_id") or 0)
        if user is None:
            raise ApiError(404, "Not Found: no such person")
        menu = self._core.profile.menu(self._chat(request), user.id, user.language_code)
        return {"commands": menu}

    async def events(self, _request: Request, parameters: Parameters) -> Json:
        """Events after `since`, waiting up to `timeout` seconds for the first one."""
        kinds = set(filter(None, parameters.text("type").split(",")))
        chat_id = parameters.number("chat_id")
        from_bot = parameters.flag("from_bot") if parameters.has("from_bot") else None

        def wanted(event: Json) -> bool:
            return (
                (not kinds or event["type"] in kinds)
                and chat_id in {None, event.get("chat_id")}
                and from_bot in {None, event.get("from_bot")}
            )

        since = parameters.number("since") or 0
        found = await self._core.signal.until(
            lambda: self._core.events.since(since, wanted) or None, _timeout(parameters)
        )
        return {"events": found or [], "last_id": self._core.events.last_id}

    async def calls(self, _request: Request, parameters: Parameters) -> Json:
        """Bot API calls after `since`, waiting up to `timeout` seconds for the first one."""
        method = parameters.text("method").lower()
        since = parameters.number("since") or 0
        found = await self._core.signal.until(
            lambda: (
                self._core.calls.since(
                    since, lambda call: method in {"", str(call["method"]).lower()}
                )
                or None
            ),
            _timeout(parameters),
        )
        return {"calls": found or [], "last_id": self._core.calls.last_id}

    async def updates(self, _request: Request, _parameters: Parameters) -> Json:
        """Updates that wait for the bot."""
        updates = self._core.updates
        return {"pending": len(updates), "updates": updates.peek(), "allowed": updates.allowed}

    async def query(self, request: Request, parameters: Parameters) -> Json:
        """A tapped button and the bot's answer to it."""
        query = self._core.queries.get(request.path_params["query"])
        if query is None:
            raise ApiError(404, "Not Found: no such query")
        return await self._query(query, parameters)

    async def file(self, request: Request) -> Response:
        """A file as the page shows or downloads it."""
        stored = self._core.world.files.get(request.path_params["file_id"])
        if stored is None:
            return error_response(ApiError(404, "Not Found"))
        return file_response(stored, inline="download" not in request.query_params)

    async def stream(self, request: Request) -> Response:
        """All events as Server-Sent Events."""
        last = request.headers.get("last-event-id") or request.query_params.get("since")
        newest = self._core.events.last_id
        # A number from before a restart would otherwise hide everything that comes now.
        since = min(int(last), newest) if last and last.isdecimal() else newest
        return StreamingResponse(
            self._stream(since),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def _stream(self, since: int) -> AsyncIterator[str]:
        yield "retry: 1000\n\n"
        while not self._core.signal.closed:
            events = await self._core.signal.until(self._events_after(since), HEARTBEAT)
            for event in events or []:
                since = event["id"]
                yield f"id: {since}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
            if not events:
                yield ": still here\n\n"

    def _events_after(self, number: int) -> Callable[[], list[Json] | None]:
        return lambda: self._core.events.since(number) or None

    # Acting

    async def create_user(self, _request: Request, parameters: Parameters) -> Json:
        """Add a person, one who has written to the bot before if `started`."""
        user = self._core.world.add_user(
            _required(parameters, "first_name"),
            user_id=parameters.number("id"),
            username=parameters.text("username"),
        )
        user.started = parameters.flag("started")
        self._core.emit("chat", chat_id=user.id)
        return user.as_json()

    async def create_group(self, _request: Request, parameters: Parameters) -> Json:
        """Add a group and, unless told otherwise, the bot to it."""
        members = parameters.decoded("members")
        if not isinstance(members, list) or not members:
            raise bad_request("members must be a list of user ids, the owner first")
        chat = self._core.world.add_group(
            _required(parameters, "title"),
            members=members,
            supergroup=parameters.text("type") == "supergroup",
            chat_id=parameters.number("id"),
        )
        if parameters.text("bot") != "false":
            membership.set_bot_status(self._core, chat, "member", by=members[0])
        self._core.emit("chat", chat_id=chat.id)
        return self._chat_view(chat)

    async def add_member(self, request: Request, parameters: Parameters) -> Json:
        """Add a person to a group."""
        chat = self._group(request)
        user_id = self._user_id(parameters)
        status = parameters.text("status") or "member"
        membership.add_member(self._core, chat, user_id, status=status)
        return self._chat_view(chat)

    async def remove_member(self, request: Request, _parameters: Parameters) -> Json:
        """Take a person out of a group."""
        chat = self._group(request)
        membership.remove_member(self._core, chat, _number(request, "user"))
        return self._chat_view(chat)

    async def set_bot_status(self, request: Request, parameters: Parameters) -> Json:
        """Add, promote or remove the bot."""
        chat = self._group(request)
        by = parameters.number("by") or next(iter(chat.members))
        membership.set_bot_status(self._core, chat, _required(parameters, "status"), by=by)
        return self._chat_view(chat)

    async def migrate(self, request: Request, _parameters: Parameters) -> Json:
        """Make a group a supergroup."""
        return self._chat_view(membership.migrate(self._core, self._group(request)))

    async def block(self, request: Request, _parameters: Parameters) -> Json:
        """Let a person block the bot."""
        return self._set_blocked(request, blocked=True)

    async def unblock(self, request: Request, _parameters: Parameters) -> Json:
        """Let a person unblock the bot."""
        return self._set_blocked(request, blocked=False)

    async def write(self, request: Request, parameters: Parameters) -> Json:
        """Send a text as a person."""
        return self._view(
            people.write(
                self._core,
                self._user_id(parameters),
                _number(request, "chat"),
                parameters.text("text"),
                reply_to=parameters.number("reply_to"),
            )
        )

    async def edit(self, request: Request, parameters: Parameters) -> Json:
        """Edit a person's text."""
        chat_id, message_id = _number(request, "chat"), _number(request, "message")
        return self._view(people.edit(self._core, chat_id, message_id, parameters.text("text")))

    async def upload(self, request: Request, parameters: Parameters) -> Json:
        """Send a file as a person."""
        file = parameters.upload("file")
        if file is None:
            raise bad_request("there is no file in the request")
        return self._view(
            people.upload(
                self._core,
                self._user_id(parameters),
                _number(request, "chat"),
                file,
                caption=parameters.text("caption"),
                photo=parameters.flag("photo"),
            )
        )

    async def press(self, request: Request, parameters: Parameters) -> Json:
        """Tap a button and, with `timeout`, wait for the bot's answer.

        With `forged` the message need not have the button, as with an altered client.
        """
        query = people.press(
            self._core,
            self._user_id(parameters),
            _number(request, "chat"),
            _number(request, "message"),
            _required(parameters, "callback_data"),
            forged=parameters.flag("forged"),
        )
        return await self._query(query, parameters)

    # Rules and troubles

    async def faults(self, _request: Request, _parameters: Parameters) -> Json:
        """The faults on order."""
        return {"faults": self._core.faults.as_json()}

    async def schedule_fault(self, _request: Request, parameters: Parameters) -> Json:
        """Order a fault."""
        return {"id": self._core.faults.schedule(fault_from_json(parameters.values))}

    async def clear_faults(self, _request: Request, _parameters: Parameters) -> Json:
        """Cancel all faults."""
        self._core.faults.clear()
        return {"faults": []}

    async def limits(self, _request: Request, _parameters: Parameters) -> Json:
        """The sending limits."""
        limits = self._core.limiter.limits
        return {"enabled": limits is not None, **asdict(limits or Limits())}

    async def set_limits(self, request: Request, parameters: Parameters) -> Json:
        """Change the sending limits; what was counted is forgotten."""
        values: Json = dict(parameters.values)
        enabled = values.pop("enabled", True)
        try:
            limits = replace(self._core.limiter.limits or Limits(), **values)
        except TypeError as error:
            raise bad_request("unknown limit") from error
        self._core.limiter.set(limits if enabled else None)
        return await self.limits(request, parameters)

    async def clock(self, _request: Request, _parameters: Parameters) -> Json:
        """The playground's present."""
        return self._clock()

    async def set_clock(self, _request: Request, parameters: Parameters) -> Json:
        """Set the clock, to `now` or `advance_seconds` further, and tell the bot's side."""
        clock = self._core.clock
        try:
            moment = float(parameters.text("now") or clock.now())
            moment += float(parameters.text("advance_seconds") or 0)
        except ValueError as error:
            raise bad_request("now and advance_seconds must be numbers") from error
        clock.set(moment)
        self._core.limiter.forget()
        if self._clock_listener is not None:
            await self._clock_listener(datetime.fromtimestamp(moment, UTC))
        self._core.emit("clock", now=moment)
        return self._clock()

    # Shapes

    def _clock(self) -> Json:
        return {"now": self._core.clock.now(), "button": self._clock_listener is not None}

    def _users(self) -> list[Json]:
        return [
            {**user.as_json(), "started": user.started, "blocked": user.blocked}
            for user in self._core.world.people()
        ]

    def _chats(self) -> list[Json]:
        return [self._chat_view(chat) for chat in self._core.world.chats.values()]

    def _chat_view(self, chat: Chat) -> Json:
        return {
            "id": chat.id,
            "type": chat.type,
            "title": chat.title,
            "members": {
                str(user): status
                for user, status in chat.members.items()
                if user != self._core.bot_id
            },
            "bot": chat.status(self._core.bot_id) if chat.is_group else "member",
            "migrated_to": chat.migrated_to,
        }

    def _view(self, message: Message) -> Json:
        return self._core.world.message_view(message)

    async def _query(self, query: Query, parameters: Parameters) -> Json:
        answer = await self._core.signal.until(lambda: query.answer, _timeout(parameters))
        return {"query_id": query.id, "answer": answer}

    def _set_blocked(self, request: Request, *, blocked: bool) -> Json:
        user_id = _number(request, "user")
        if self._core.chat(user_id).is_group:
            raise bad_request("only a person can block the bot")
        membership.set_blocked(self._core, user_id, blocked=blocked)
        return self._core.world.users[user_id].as_json() | {"blocked": blocked}

    def _chat(self, request: Request) -> Chat:
        return self._core.chat(_number(request, "chat"))

    def _group(self, request: Request) -> Chat:
        chat = self._chat(request)
        if not chat.is_group:
            raise bad_request("not a group")
        return chat

    def _user_id(self, parameters: Parameters) -> int:
        user_id = parameters.number("user_id")
        if user_id is None or user_id not in self._core.world.users:
            raise bad_request("user_id is missing or unknown")
        return user_id


def _answering(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Read the parameters before and write the JSON after an endpoint."""

    @functools.wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            parameters = await read_parameters(request)
            return JSONResponse(await endpoint(request, parameters))
        except ApiError as error:
            return error_response(error)
        except ValueError as error:
            return error_response(bad_request(str(error)))

    return answer


def _number(request: Request, name: str) -> int:
    """Read an id from the path; Starlette's own converter knows no negative numbers."""
    try:
        return int(request.path_params[name])
    except ValueError as error:
        raise ApiError(404, f"Not Found: no such {name}") from error


def _timeout(parameters: Parameters) -> float:
    try:
        return max(0.0, min(float(parameters.text("timeout") or 0), MAX_WAIT))
    except ValueError as error:
        raise bad_request("timeout must be a number of seconds") from error


def _required(parameters: Parameters, name: str) -> str:
    value = parameters.text(name)
    if not value:
        raise bad_request(f"{name} is missing")
    return value
