"""How a seat is asked: what its driver answers, and what a model is sent, answers and costs.

A call is paid for at its worst before it is made. Knows nothing about rules, nor about what comes of an answer.
"""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from .errors import CallFailed, ProviderError
from .events import ADJUDICATOR, ADVISER
from .journal import Journal, ReplyKey, StoredReply
from .models import ChatModel, Reply, Request, Usage
from .models.prices import Price
from .moves import Turn
from .purse import Purse
from .seats import AnySeat, AskingSeat, BadReply
from .seats.adjudicator import Adjudicator, Docket, Finding
from .views import Attempt, SeatView

REPAIRS = 2
"""How often an answer that is not legal is asked for again."""
SILENT_CALLS = 3
"""So many calls in a row whose retries are spent: the endpoint is down, and the run stops, resumable."""


@dataclass(frozen=True)
class Answer:
    """What came of asking a seat once: a turn, a reply that could not be used, or None where the call itself failed."""

    turn: Turn | BadReply | None
    raw: str = ""
    reply: StoredReply | None = None
    key: ReplyKey | None = None
    fresh: bool = False


@dataclass
class Calls:
    """Asks the seats of one game."""

    journal: Journal
    purse: Purse
    prices: Mapping[str, Price] = field(default_factory=dict)
    clock: Callable[[], float] = time.perf_counter
    _silent: int = 0
    _answered: bool = False
    _schemas: dict[int, tuple[Mapping[str, object], str, int]] = field(default_factory=dict)
    """Schemas that were sent, by identity, and hash and length of what was written of them."""

    def __post_init__(self) -> None:
        self._began = self.clock()

    async def ask(self, driver: AnySeat, seen: SeatView) -> Answer:
        """Ask a seat's driver; a reply that the journal holds is not asked for again."""
        if not isinstance(driver, AskingSeat):
            turn = driver.decide(seen)
            return Answer(_as_turn(await turn if inspect.isawaitable(turn) else turn))
        request = driver.ask(seen)
        if request is None:
            return Answer(driver.read(seen, None))
        m = seen.moment
        key = ReplyKey(m.round, m.phase, m.ring or "-", m.turn, seen.seat, len(seen.attempts))
        stored, fresh = await self._reply(key, driver.model, request)
        if stored.error:
            return Answer(None, stored.error, stored, key, fresh)
        return Answer(driver.read(seen, _as_reply(stored)), stored.text, stored, key, fresh)

    async def rule(self, adjudicator: Adjudicator, docket: Docket, turn: int) -> tuple[Finding | None, int]:
        """Ask the adjudicator, with repairs as a seat has them: its finding, None where it FAILED, and the repairs.

        Its last reply goes to the disk with what the caller makes of it.
        """
        attempts: list[Attempt] = []
        while True:
            key = ReplyKey(docket.round, "settle", "-", turn, ADJUDICATOR, len(attempts))
            stored, fresh = await self._reply(key, adjudicator.model, adjudicator.ask(docket, attempts))
            found = adjudicator.read(docket, _as_reply(stored)) if not stored.error else None
            if fresh:
                kind = found.kind if isinstance(found, BadReply) else "ok" if found else "failed"
                self.journal.add_reply(key, replace(stored, outcome=kind))
            if not isinstance(found, BadReply):
                return found, len(attempts)
            if len(attempts) == REPAIRS:
                return None, REPAIRS
            await self.journal.flush()
            attempts.append(Attempt(stored.text, found.problem))

    async def advise(self, adviser: AskingSeat, seen: SeatView) -> Turn | None:
        """Ask a seat's adviser once, beside the game: from the same purse, counted apart; None where none came."""
        request = adviser.ask(seen)
        if request is None:
            found = adviser.read(seen, None)
            return found if isinstance(found, Turn) else None
        stored = await self._call(adviser.model, request)
        read = BadReply("empty", stored.error) if stored.error else adviser.read(seen, _as_reply(stored))
        whose, m = f"{ADVISER}{seen.seat}", seen.moment
        number = sum(key.seat == whose for key in self.journal.replies)
        outcome = read.kind if isinstance(read, BadReply) else "ok"
        self.journal.add_reply(ReplyKey(m.round, m.phase, "-", number, whose, 0), replace(stored, outcome=outcome))
        return read if isinstance(read, Turn) else None

    async def _reply(self, key: ReplyKey, model: ChatModel, request: Request) -> tuple[StoredReply, bool]:
        """The reply that the journal holds, or a fresh one, which is still to be written."""
        stored = self.journal.reply(key)
        return (stored, False) if stored else (await self._call(model, request), True)

    async def _call(self, model: ChatModel, request: Request) -> StoredReply:
        """One call, paid for at its worst beforehand; one whose retries are spent is returned as an error."""
        price = self.prices.get(model.name)
        schema, length = self._schema(request.schema)
        worst = worst_prompt(request, length), request.max_tokens
        reserved = (sum(worst), price.cost(Usage(worst[0], 0, worst[1])) if price else 0.0)
        self.purse.reserve(*reserved)
        put = self.journal.put_blob
        sent = tuple((m["role"], put(m["content"])) for m in request.messages)
        stored = StoredReply(model.name, sent, schema, "", started=self.clock() - self._began)
        spent = reserved  # A call that is cancelled may have been paid for.
        begin = self.clock()
        try:
            reply = await model.complete(request)
            usage = reply.usage
            spent = usage.prompt + usage.completion, price.cost(usage) if price else 0.0
            self._silent, self._answered = 0, True
            return replace(
                stored, text=reply.text, finish=reply.finish, reasoning=reply.reasoning, refusal=reply.refusal,
                prompt_tokens=usage.prompt, cached_tokens=usage.cached, completion_tokens=usage.completion,
                seconds=reply.seconds or self.clock() - begin, cost_usd=spent[1] if price else None,
            )  # fmt: skip
        except ProviderError as error:
            spent = 0, 0.0
            if not isinstance(error, CallFailed):
                raise
            self._silent += 1
            if not self._answered or self._silent >= SILENT_CALLS:
                raise ProviderError(
                    f"{model.name} does not answer: {error.message}", hint="mend the endpoint"
                ) from error
            return replace(stored, error=error.message, outcome="failed", seconds=self.clock() - begin)
        finally:
            self.purse.settle(reserved, *spent)

    def _schema(self, schema: Mapping[str, object]) -> tuple[str, int]:
        """Hash and length of a schema; drivers send the same object again, which is written once."""
        if id(schema) not in self._schemas:
            text = json.dumps(schema, sort_keys=True)
            self._schemas[id(schema)] = schema, self.journal.put_blob(text), len(text)
        return self._schemas[id(schema)][1:]


def worst_prompt(request: Request, schema: int | None = None) -> int:
    """Tokens that a prompt can have at most: one for two bytes, in any script, and its schema's characters."""
    texts = sum(len(m["content"].encode("utf-8", "replace")) for m in request.messages)
    return (texts + (len(str(request.schema)) if schema is None else schema)) // 2 + 64


def _as_turn(turn: object) -> Turn | BadReply:
    if isinstance(turn, Turn):
        return turn
    try:
        return Turn.model_validate(turn)
    except ValidationError as error:
        return BadReply("malformed", f"decide() returned no turn: {error.errors()[0]['msg']}")


def _as_reply(stored: StoredReply) -> Reply:
    usage = Usage(stored.prompt_tokens, stored.cached_tokens, stored.completion_tokens)
    return Reply(stored.text, stored.finish, stored.reasoning, stored.refusal, usage, stored.seconds)
