"""A run as its readers need it: events in canonical order, what is known of how it was played, and whose view it is.

Reads a run's folder or an export and writes nothing. A seat's record comes through `roleplay.views` alone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from pydantic_core import from_json

from ..errors import DamagedRun, UsageError
from ..events import ADJUDICATOR, ADVISER, PUBLIC, Adjudication, AnyEvent, Event, Run, everyone
from ..journal import FILE, Journal, ReplyKey, StoredReply
from ..views import SeatView, latest, view
from . import jsonl
from .names import Names, tag

OMNISCIENT = "omniscient"


@dataclass(frozen=True)
class Played:
    """What is known of how a run was played besides its events; a seat's record knows only `words`."""

    name: str = ""
    """The run's folder or file, without its ending."""
    setup: Mapping[str, Any] | None = None
    """The whole resolved set-up."""
    words: str = ""
    """'moves: policy, words: model (135M)' where a policy chose what a model worded."""
    models: tuple[str, ...] = ()
    calls: int = 0
    refused: Mapping[str, int] | None = None
    """Seat -> replies of its model that were a refusal; null where an export does not tell."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    """Null where the price of some call is not known."""
    model_seconds: float | None = None
    """Sum over calls."""
    seconds: float | None = None
    """From the first phase's start to the last one's end."""

    @cached_property
    def plans(self) -> dict[str, Mapping[str, Any]]:
        """Seat -> its driver, model and strategy in the set-up; empty where the set-up is not known."""
        return plans_of(self.setup or {})


@dataclass(frozen=True)
class RunRecord:
    """A run in one view: `omniscient`, a seat's id, or `public`."""

    events: tuple[AnyEvent, ...]
    view: str = OMNISCIENT
    played: Played = field(default_factory=Played)

    @cached_property
    def run(self) -> Run:
        """The set-up event."""
        found = next((e for e in self.events if isinstance(e, Run)), None)
        if found is None:
            raise DamagedRun(f"{self.played.name or 'this run'}: the set-up event is missing")
        return found

    @cached_property
    def names(self) -> Names:
        """Display names, as far as this view knows them."""
        names = Names.of(self.events)
        names.add_vocabulary(self.crisis)
        return names

    @cached_property
    def crisis(self) -> Mapping[str, Any]:
        """The crisis as data, for an omniscient reader; empty where it is not known."""
        data = (self.played.setup or {}).get("crisis")
        return data if isinstance(data, Mapping) else {}

    @cached_property
    def rings(self) -> tuple[str, ...]:
        """Rings in which something readable happened, in the run's order."""
        phases = groupby(self.events, key=lambda e: (e.round, e.phase))
        return tuple(
            in_order([[e.ring for e in group] for (_, phase), group in phases if phase in ("talks", "council")])
        )

    @property
    def seats(self) -> tuple[str, ...]:
        return tuple(self.run.seats)

    @property
    def view_title(self) -> str:
        """'Omniscient view', 'As US', 'As the public'."""
        if self.view == OMNISCIENT:
            return "Omniscient view"
        return "As the public" if self.view == PUBLIC else f"As {tag(self.view)}"

    def as_seat(self, seat: str) -> RunRecord:
        """The same run as one seat (or `public`) may know it after its last closed phase; raises UsageError."""
        wanted = seat.lower()
        if wanted == self.view:
            return self
        if self.view != OMNISCIENT:
            raise UsageError(
                f"this export holds only what {self.view} may know", hint="take the run itself or an omniscient export"
            )
        if wanted not in everyone(self.seats):
            raise UsageError(
                f"seat {seat!r} does not play in this run", hint=f"it has {', '.join(everyone(self.seats))}"
            )
        return seen_record(view(self.events, wanted, latest(self.events)), self.played.words)

    def find(self, text: str) -> AnyEvent:
        """The event with this id, or the only one whose id starts with it; raises UsageError."""
        found = [e for e in self.events if e.id.startswith(text.lower())] if text else []
        if len(found) != 1:
            what = "several events of this run have" if found else "no event of this run has"
            raise UsageError(f"{what} an id that starts with {text!r}", hint="see: roleplay export RUN")
        return found[0]


def seen_record(view: SeatView, words: str = "") -> RunRecord:
    """The record of what one reader has before them."""
    return RunRecord(_viewed(view.events, view.seat), view.seat, Played(words=words))


def load_record(path: Path) -> RunRecord:
    """Read a run's folder, or a JSONL export; raises UsageError, DamagedRun or DiskError."""
    if not (path / FILE).is_file():
        return _from_export(path)
    with Journal.open(path) as journal:
        return record_of(journal)


def record_of(journal: Journal, *, setup: Mapping[str, Any] | None = None) -> RunRecord:
    """The record of a journal that is open already; without `setup` it is looked up among the journal's blobs."""
    events = cast("tuple[AnyEvent, ...]", tuple(journal.events))
    run = next((e for e in events if isinstance(e, Run)), None)
    if run is None:
        raise DamagedRun(f"{journal.folder.name}: the set-up event is missing", hint="the run may not have begun")
    data = setup if setup is not None else _setup(journal, run)
    return RunRecord(events, OMNISCIENT, _played(journal, data))


def _from_export(path: Path) -> RunRecord:
    events, extra = jsonl.parse(jsonl.read_export(path), path.name)
    seen = next(e for e in events if isinstance(e, Run)).view
    usage = extra.get("usage") or {}
    tokens = usage.get("tokens", {})
    played = Played(
        name=path.stem, setup=extra.get("setup_data"), words=str(extra.get("words", "")),
        models=tuple(usage.get("models", ())), calls=usage.get("calls", 0), refused=usage.get("refused"),
        prompt_tokens=tokens.get("prompt", 0), cached_tokens=tokens.get("cached", 0),
        completion_tokens=tokens.get("completion", 0), cost_usd=usage.get("cost_usd"),
    )  # fmt: skip
    return RunRecord(events, seen, played)


def _setup(journal: Journal, run: Run) -> Mapping[str, Any]:
    data = from_json(journal.blob(run.setup))
    if not isinstance(data, dict):
        raise DamagedRun(f"{journal.folder.name}: the set-up is not a mapping")
    return data


def _played(journal: Journal, setup: Mapping[str, Any]) -> Played:
    replies = list(journal.replies.values())
    priced = [r.cost_usd for r in replies if r.cost_usd is not None]
    models = tuple(sorted({r.model for r in replies}))
    return Played(
        name=journal.folder.name, setup=setup, words=words_note(setup, models),
        models=models, calls=sum(not key.seat.startswith((ADJUDICATOR, ADVISER)) for key in journal.replies),
        refused=Counter(key.seat for key, reply in journal.replies.items() if reply.outcome == "refused"),
        prompt_tokens=sum(r.prompt_tokens for r in replies), cached_tokens=sum(r.cached_tokens for r in replies),
        completion_tokens=sum(r.completion_tokens for r in replies),
        cost_usd=sum(priced) if len(priced) == len(replies) else None,
        model_seconds=sum(r.seconds for r in replies) if replies else None,
        seconds=float(journal.meta["seconds"]) if "seconds" in journal.meta else None,
    )  # fmt: skip


def plans_of(setup: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Seat -> plan in a set-up's data."""
    rows = setup.get("plans")
    return {seat: row for seat, row in rows.items() if isinstance(row, Mapping)} if isinstance(rows, Mapping) else {}


def words_note(setup: Mapping[str, Any], models: Sequence[str] = ()) -> str:
    """Who chose and who worded, where some seat is a voice: 'moves: policy, words: model (135M)'.

    Where there is none but models of a named size decide by themselves: 'moves and words: model (135M)'.
    """
    voices = [plan for plan in plans_of(setup).values() if _kind(plan) == "voice"]
    if not voices:
        return _decided_note(plans_of(setup), models)
    name = next((n for n in (*models, *(str(plan.get("model") or "") for plan in voices)) if n), "")
    what = _size(name) or name
    return f"moves: policy, words: model ({what})" if what else "moves: policy, words: model"


def _decided_note(plans: Mapping[str, Mapping[str, Any]], models: Sequence[str]) -> str:
    """Which seats a model of a named size decides and words for, where nobody else puts words to anything."""
    only = models[0] if len(models) == 1 else ""
    decided = {s: _size(str(p.get("model") or "")) or _size(only) for s, p in plans.items() if _kind(p) == "model"}
    sizes = sorted({size for size in decided.values() if size})
    if not sizes or not all(decided.values()):
        return ""
    whose = "" if len(decided) == len(plans) else f" of {', '.join(seat.upper() for seat in decided)}"
    return f"moves and words{whose}: model ({', '.join(sizes)})"


def _kind(plan: Mapping[str, Any]) -> str:
    return str(plan.get("driver")).split(":")[0]


def _size(name: str) -> str:
    """'135M' of a model's name, or nothing."""
    found = re.search(r"\d+(?:\.\d+)?[MB]\b", name, re.IGNORECASE)
    return found[0].upper() if found else ""


def in_order(sequences: Iterable[Iterable[str | None]]) -> list[str]:
    """Names in an order that agrees with the sequences, each of which may lack some; nulls are left out."""
    merged: list[str] = []
    for sequence in sequences:
        place = 0
        for name in sequence:
            if name is None:
                continue
            if name in merged:
                place = max(place, merged.index(name) + 1)
            else:
                merged.insert(place, name)
                place += 1
    return merged


def _viewed(events: Iterable[Event], seen: str) -> tuple[AnyEvent, ...]:
    """The events, marked as this view's; the set-up's hash goes too, lest strategies be guessed and checked by it."""
    mark = {"view": seen, "setup": ""}
    marked = (e.model_copy(update=mark) if isinstance(e, Run) else e for e in events)
    return cast("tuple[AnyEvent, ...]", tuple(marked))


# --- what models were asked ------------------------------------------------------------------------------------------


def prompt_of(folder: Path, event: Event) -> dict[str, Any]:
    """`messages`, `schema`, `reply` of the last attempt behind an event, and `attempts` with every earlier one."""
    with Journal.open(folder) as journal:
        found = replies_behind(journal, event)
        if not found:
            raise UsageError(
                f"no model was asked for event {event.id}", hint="a policy, a script or the engine made it"
            )
        shown = [_shown(journal, reply) for _, reply in found]
    return {**shown[-1], "attempts": shown[:-1]}


def replies_behind(journal: Journal, event: Event) -> list[tuple[ReplyKey, StoredReply]]:
    """What a model answered for an event, attempt by attempt; on an open floor the first may go by earlier turns."""
    asked = ADJUDICATOR if isinstance(event, Adjudication) else event.seat
    here = (event.round, event.phase, event.ring or "-", asked)
    replies = [(k, r) for k, r in journal.replies.items() if (k.round, k.phase, k.ring, k.seat) == here]
    rows = sorted(row for row in replies if row[0].turn <= event.turn)
    if not rows or rows[-1][0].turn != event.turn:
        return []
    found = [rows.pop()]
    while rows and rows[-1][0].attempt == found[0][0].attempt - 1:
        found.insert(0, rows.pop())
    return found


def _shown(journal: Journal, reply: StoredReply) -> dict[str, Any]:
    return {
        "messages": [{"role": role, "content": journal.blob(hash)} for role, hash in reply.messages],
        "schema": json.loads(journal.blob(reply.schema)),
        "reply": {
            "model": reply.model, "text": reply.text, "finish": reply.finish, "reasoning": reply.reasoning,
            "refusal": reply.refusal, "error": reply.error, "outcome": reply.outcome,
            "tokens": {
                "prompt": reply.prompt_tokens, "cached": reply.cached_tokens, "completion": reply.completion_tokens,
            },
            "seconds": reply.seconds, "cost_usd": reply.cost_usd,
        },
    }  # fmt: skip
