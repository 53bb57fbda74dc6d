"""Promise 3: no text leaves its ring, in random games with joins, leaves, secrets told, crashes and branches.

The program is checked against `reference.py`; planted leaks show that the check can fail. ROLEPLAY_LONG=1 runs more.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from roleplay.branching import branch
from roleplay.errors import LimitReached, ProviderAuthError, RoleplayError
from roleplay.events import PUBLIC, Event
from roleplay.game import Options, Run, create, open_run, play_on
from roleplay.models import Reply, Request, Usage
from roleplay.models.scripted import ScriptedModel
from roleplay.moves import Accept, Announce, Confide, Leak, Leave, Move, Open, Suspend, Table, Turn, Use
from roleplay.purse import Caps
from roleplay.setup import Settings, resolve
from roleplay.transcripts.export import export
from roleplay.transcripts.record import load_record
from roleplay.views import AFTER, SeatView, view
from tests.engine.pond import POND, SEATS, Player, clause

from .playing import drawn, go_on, moment_of, new_run, play_models, seed_of, stored, turn
from .reference import RINGS, Reference

LONG = bool(os.environ.get("ROLEPLAY_LONG"))
WORD = re.compile(r"canary\d{5}x", re.IGNORECASE)


class Crash(Exception):
    """The program dies here."""


class Talker(Player):
    """Says a word that was never said before in every turn, makes the moves of the plan, and dies when told to."""

    def __init__(
        self, seat: str, plan: Mapping[tuple[int, str], tuple[Move, ...]], count: list[int], dies: int
    ) -> None:
        super().__init__()
        self.seat, self.plan, self.count, self.dies = seat, plan, count, dies

    def word(self) -> str:
        self.count[0] += 1
        return f"canary{self.count[0]:05d}x"

    def decide(self, view: SeatView) -> Turn:
        self.seen.append(view)
        self.dies -= 1
        if self.dies == 0:
            raise Crash
        moment = view.moment
        moves = self.plan.get((moment.round, moment.ring or moment.phase), ())
        if any(move.kind == "accept" for move in moves) and not view.ledger.open_in(moment.ring or ""):
            moves = ()
        return Turn(deliberation=self.word(), text=self.word(), moves=moves)


def check(run: Iterable[Event], players: Mapping[str, Player]) -> None:
    """Every view that was shown, and what each reader may read in the end, against the reference."""
    events = list(run)
    reference = Reference(events)
    assert reference.excess == []
    shown = [v for player in players.values() for v in player.seen]
    shown += [view(events, reader, AFTER) for reader in (*SEATS, PUBLIC)]
    for seen in shown:
        allowed = words(e for e in events if reference.may(seen.seat, e, seen.moment))
        assert words(seen.events) <= allowed


def words(events: Iterable[Event]) -> set[str]:
    return set(WORD.findall("".join(e.model_dump_json() for e in events)))


rounds = st.integers(1, 3)


class Games(RuleBasedStateMachine):
    """Plans moves, plays with a crash in the middle, resumes, branches; checks after each game."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.plans: dict[str, dict[tuple[int, str], tuple[Move, ...]]] = {seat: {} for seat in SEATS}
        self.count = [0]
        self.runs: list[Path] = []

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(number=rounds, seat=st.sampled_from(("heron", "newt")))
    def opens(self, number: int, seat: str) -> None:
        self.plans[seat][number, "act"] = (Open(ring="reeds"),)

    @rule(number=rounds)
    def both_open(self, number: int) -> None:
        self.opens(number, "heron")
        self.opens(number, "newt")

    @rule(number=rounds, ring=st.sampled_from(("bank", "all", "reeds")), data=st.data())
    def leaves(self, number: int, ring: str, data: st.DataObject) -> None:
        seat = data.draw(st.sampled_from(sorted(RINGS[ring])))
        self.plans[seat][number, ring] = (Leave(ring=ring),)

    @rule(number=rounds, ring=st.sampled_from(("bank", "all", "reeds")), data=st.data())
    def suspends(self, number: int, ring: str, data: st.DataObject) -> None:
        seat = data.draw(st.sampled_from(sorted(RINGS[ring])))
        self.plans[seat][number, data.draw(st.sampled_from((ring, "act")))] = (Suspend(ring=ring),)

    @rule(number=rounds, ring=st.sampled_from(("bank", "all", "reeds")))
    def confides(self, number: int, ring: str) -> None:
        self.plans["heron"][number, ring] = (Confide(ring="reeds", to="otter"),)

    @rule(number=rounds, ring=st.sampled_from(("bank", "all", "reeds")))
    def agrees(self, number: int, ring: str) -> None:
        first, second = sorted(RINGS[ring])[:2]
        text = clause(f"{first}+{second}", "hotline", "line", note=f"canary9{number}{len(ring):03d}x")
        self.plans[first][number, ring] = (Table(commitments=(text,)),)
        self.plans[second][number, ring] = (Accept(number=1),)

    @rule(number=rounds, seat=st.sampled_from(("heron", "newt")), what=st.integers(0, 1))
    def tells_the_press(self, number: int, seat: str, what: int) -> None:
        self.plans[seat][number, "act"] = (Leak(ring="reeds", number=what),)

    @rule(number=rounds, what=st.integers(0, 1))
    def announces(self, number: int, what: int) -> None:
        self.plans["heron"][number, "speak"] = (Announce(ring="reeds", number=what),)

    @rule(number=rounds, seat=st.sampled_from(("heron", "otter")))
    def goes_out_at_night(self, number: int, seat: str) -> None:
        self.plans[seat][number, "act"] = (Use(instrument="patrol", params={"visible": False}),)

    def play_on(self, folder: Path, dies: int) -> None:
        for crash in (dies, 0):
            players = {seat: Talker(seat, self.plans[seat], self.count, crash) for seat in SEATS}
            try:
                run = asyncio.run(play_on(folder, Options(out=self.folder, seats=players)))
            except Crash:
                check(open_run(folder).events, {})
                continue
            check(run.events, players)
            break
        self.runs.append(folder)

    @rule(dies=st.integers(1, 20))
    def plays(self, dies: int) -> None:
        drivers = dict.fromkeys(SEATS, "object:Talker")
        setup = resolve(Settings(scenario="dam", crisis=str(POND), seats=drivers, rounds=3))
        self.play_on(create(setup, Options(out=self.folder)), dies)

    @precondition(lambda self: self.runs)
    @rule(number=st.integers(1, 3), phase=st.sampled_from(("brief", "talks", "act", "speak", "settle")), data=st.data())
    def branches(self, number: int, phase: str, data: st.DataObject) -> None:
        parent = data.draw(st.sampled_from(self.runs))
        at = f"{number}.{phase}" if phase != "brief" else str(number)
        self.play_on(branch(parent, at, Options(out=self.folder), {}), 0)


TestGames = Games.TestCase
TestGames.settings = settings(
    max_examples=200 if LONG else 4, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip


# --- prompts, logs, errors and exports of seats that models play ------------------------------------------------------


class Canaries:
    """A model that says a new word in every text, deliberation and note, and makes moves that the schema allows."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.own: dict[str, set[str]] = {seat: set() for seat in SEATS}
        self.said = 0

    def word(self, seat: str) -> str:
        self.said += 1
        word = f"canary{self.said:05d}x"
        self.own[seat].add(word)
        return word

    def __call__(self, request: Request) -> dict[str, Any]:
        random = Random(request.seed + self.seed)
        found = drawn(request.schema, request.seed + self.seed)
        kinds = json.dumps(request.schema)
        if request.slot in RINGS["reeds"] and '"use"' in kinds and random.random() < 0.8:
            found = turn("", {"kind": "open", "ring": "reeds"})
        for move in found["moves"]:
            for row in move.get("commitments", ()):
                row["note"] = self.word(request.slot)
        return {**found, "text": self.word(request.slot), "deliberation": self.word(request.slot)}


@pytest.mark.parametrize("seed", range(20 if LONG else 2))
async def test_no_word_comes_into_a_prompt_log_or_export_of_who_may_not_read_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = Canaries(seed)
    model = ScriptedModel(canaries)
    run = await play_models(tmp_path, model)
    assert canaries.said > 100
    reference = Reference(run.events)
    assert reference.excess == []
    moments = {seed_of(key): moment_of(key) for key in stored(run.folder)}
    assert {r.seed for r in model.requests} == set(moments)
    for request in model.requests:
        known = words(e for e in run.events if reference.may(request.slot, e, moments[request.seed]))
        prompt = "".join(m["content"] for m in request.messages)
        assert found_in(prompt) <= known | canaries.own[request.slot]
    record = load_record(run.folder)
    for reader in (*SEATS, PUBLIC):
        known = words(e for e in run.events if reference.may(reader, e, AFTER))
        for format in ("jsonl", "md", "html", "csv"):
            assert found_in(export(record.as_seat(reader), format)) <= known
    assert not found_in("\n".join(r.getMessage() for r in caplog.records))


def found_in(text: str) -> set[str]:
    """Words in a text, as they are, in capitals or backwards."""
    return {w.lower() for w in WORD.findall(text)} | {w[::-1].lower() for w in re.findall(r"x\d{5}yranac", text)}


@pytest.mark.parametrize(
    "error", [ProviderAuthError("the key is refused"), "limit", RuntimeError("a fault of the program")]
)
async def test_no_word_stands_in_an_error(tmp_path: Path, error: Exception | str) -> None:
    canaries = Canaries(1)
    left = 25

    def ask(request: Request) -> Any:
        nonlocal left
        left -= 1
        if left < 0 and isinstance(error, Exception):
            return error
        return Reply(json.dumps(canaries(request)), usage=Usage(2000, 0, 100))

    caps = Caps(tokens=40_000) if error == "limit" else Caps()
    folder = new_run(tmp_path)
    with pytest.raises((RoleplayError, RuntimeError)) as caught:
        await go_on(folder, ScriptedModel(ask), Options(caps=caps))
    assert error != "limit" or isinstance(caught.value, LimitReached)
    assert canaries.said > 8
    told: BaseException | None = caught.value
    while told:
        assert not found_in(f"{told} {told!r} {getattr(told, 'hint', '')} {getattr(told, '__notes__', '')}")
        told = told.__cause__ or told.__context__


# --- the check can fail -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A game in which something of every kind of secret happens."""
    machine = Games()
    machine.begin()
    machine.both_open(1)
    machine.agrees(2, "reeds")
    machine.goes_out_at_night(2, "heron")
    machine.plans["heron"][2, "bank"] = (Confide(ring="reeds", to="otter"),)
    machine.plans["newt"][2, "all"] = (Leave(ring="all"),)
    machine.plans["newt"][3, "act"] = (Leak(ring="reeds", number=0),)
    machine.plays(0)
    run = open_run(machine.runs[0])
    machine.teardown()
    return run


def kind(name: str, /, **fields: Any) -> Any:
    """The first event of this kind with these fields."""

    def find(event: Event) -> bool:
        return event.kind == name and all(getattr(event, k) == v for k, v in fields.items())

    return find


def moved(name: str) -> Any:
    return lambda e: e.kind == "move" and e.move.kind == name


PLANTED: list[tuple[str, Any, str]] = [
    ("a turn in a hidden ring", kind("turn", ring="reeds"), "otter"),
    ("a turn in an open ring", kind("turn", ring="bank"), "newt"),
    ("a turn after one has left", kind("turn", ring="all", round=3), "newt"),
    ("a turn in a government's own room", kind("turn", ring="nest"), "otter"),
    ("a note for the record", kind("turn", phase="act"), PUBLIC),
    ("a deliberation", kind("deliberation", seat="newt"), "heron"),
    ("a text on a hidden table", moved("table"), "otter"),
    ("a deal of a hidden ring", kind("deal", ring="reeds"), PUBLIC),
    ("a hidden ring's opening", kind("channel", about="reeds", state="open"), "otter"),
    ("what was confided", kind("channel", state="exists"), "newt"),
    ("who leaked", moved("leak"), "heron"),
    ("a boat at night", moved("use"), "newt"),
    ("a letter for one", kind("inject", name="letter"), "heron"),
    ("a role sheet", kind("role", seat="heron"), "otter"),
    ("the effect of a secret deal", lambda e: e.kind == "effect" and e.row == "deals-calm" and not e.origin, "otter"),
    ("a draw of chance", kind("chance"), "heron"),
]


@pytest.mark.parametrize(("what", "find", "reader"), PLANTED, ids=[row[0] for row in PLANTED])
def test_a_planted_leak_is_found(finished: Run, what: str, find: Any, reader: str) -> None:
    assert Reference(finished.events).excess == []
    event = next(e for e in finished.events if find(e))
    assert reader not in event.readers
    leaky = event.model_copy(update={"readers": (*event.readers, reader)})
    events = [leaky if e.id == event.id else e for e in finished.events]
    assert Reference(events).excess == [leaky]
    if words([event]):
        with pytest.raises(AssertionError):
            check(events, {})
