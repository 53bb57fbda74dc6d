"""Who may know what, and when."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roleplay.events import PUBLIC, Event
from roleplay.moves import (
    PHASES,
    Accept,
    Amend,
    Announce,
    Break,
    Confide,
    Leak,
    Leave,
    Move,
    Open,
    Prearrange,
    Renew,
    Renounce,
    Statement,
    Table,
    Turn,
    Use,
    Vote,
)  # fmt: skip
from roleplay.transcripts.export import export
from roleplay.transcripts.record import load_record
from roleplay.views import AFTER, Moment, SeatView, view

from .pond import SEATS, Player, Slow, Turns, clause, does, kinds, play_pond, says

HALT = clause("newt", "halt", "dam")
OPEN: Turns = {(1, "act"): does(Open(ring="reeds"))}


def words(view: SeatView) -> list[str]:
    return [e.text for e in kinds(view.events, "turn") if e.text]


async def test_a_hidden_ring_leaves_no_trace_with_outsiders(tmp_path: Path) -> None:
    heron = Player(OPEN | {(2, "talks", "reeds"): says("Quietly.", Table(commitments=(HALT,)))})
    newt = Player(OPEN | {(2, "talks", "reeds"): says("Quietly so.", Accept(number=1))})
    otter = Player()
    run = await play_pond(tmp_path, {"heron": heron, "otter": otter, "newt": newt})
    assert [d.ring for d in kinds(run.events, "deal")] == ["reeds"]
    for outsider in ("otter", PUBLIC):
        text = "".join(e.model_dump_json() for e in view(run.events, outsider, AFTER).events)
        assert "reeds" not in text
        assert "Quietly" not in text
    record = load_record(run.folder)
    for format in ("jsonl", "md", "html", "csv"):
        assert "reeds" not in export(record.as_seat("otter"), format)
    tension = {seat: view(run.events, seat, AFTER).world.value("tension") for seat in SEATS}
    assert tension["heron"] == tension["newt"] == tension["otter"] - 8


async def test_a_leak_opens_the_secret_and_its_effects_but_not_the_leaker(tmp_path: Path) -> None:
    heron = Player(OPEN | {(2, "talks", "reeds"): says("Quietly.", Table(commitments=(HALT,)))})
    leak = {(3, "act"): does(Leak(ring="reeds", number=1))}
    newt = Player(OPEN | leak | {(2, "talks", "reeds"): says("So be it.", Accept(number=1))})
    run = await play_pond(tmp_path, {"heron": heron, "newt": newt})
    after = {seat: view(run.events, seat, AFTER) for seat in SEATS}
    assert len({v.world.value("tension") for v in after.values()}) == 1
    [leaked] = kinds(after["otter"].events, "leak")
    assert (leaked.seat, leaked.about) == (None, "reeds/1")
    assert "Quietly" not in "".join(words(after["otter"]))
    leaks = [e.readers for e in kinds(run.events, "move") if e.move.kind == "leak"]
    assert leaks == [("newt",)]


async def test_confiding_tells_one_government_and_is_no_leak(tmp_path: Path) -> None:
    heron = Player(OPEN | {(2, "talks", "bank"): says("Between us.", Confide(ring="reeds", to="otter"))})
    run = await play_pond(tmp_path, {"heron": heron, "newt": Player(OPEN)})
    [told] = [e for e in kinds(run.events, "channel") if e.state == "exists"]
    assert told.readers == ("heron", "otter")
    assert kinds(run.events, "leak") == []


async def test_an_announcement_tells_everyone(tmp_path: Path) -> None:
    heron = Player(OPEN | {(2, "speak"): says("We talk to Newt.", Announce(ring="reeds"))})
    run = await play_pond(tmp_path, {"heron": heron, "newt": Player(OPEN)})
    assert [e.about for e in kinds(view(run.events, PUBLIC, AFTER).events, "announcement")] == ["reeds"]


async def test_a_secret_that_comes_out_twice_moves_indicators_once(tmp_path: Path) -> None:
    told = {(4, "speak"): says("We agreed.", Announce(ring="reeds", number=1))}
    heron = Player(OPEN | told | {(2, "talks", "reeds"): says("Quietly.", Table(commitments=(HALT,)))})
    leak = {(3, "act"): does(Leak(ring="reeds", number=1))}
    newt = Player(OPEN | leak | {(2, "talks", "reeds"): says("So be it.", Accept(number=1))})
    run = await play_pond(tmp_path, {"heron": heron, "newt": newt})
    assert len({view(run.events, seat, AFTER).world.value("tension") for seat in SEATS}) == 1


async def test_agreed_words_are_a_signal_to_those_alone_who_were_told(tmp_path: Path) -> None:
    line = Statement(post="leader", audience="world", tone="neutral", line="calm", phrase="Spring thaw")
    turns: Turns = {
        (1, "talks", "bank"): says("Listen.", Prearrange(ring="reeds", phrase="spring thaw")),
        (2, "speak"): says("All wait for the spring thaw.", line),
    }
    run = await play_pond(tmp_path, {"heron": Player(turns)})
    assert [e.readers for e in kinds(run.events, "channel") if e.state == "signalled"] == [SEATS]
    [said] = [e for e in kinds(run.events, "move") if e.move.kind == "statement"]
    assert (said.readers, said.move.phrase) == ((*SEATS, PUBLIC), "")


class Told(Player):
    """Passes where its answer was no legal one, and remembers what was wrong with it."""

    def decide(self, view: SeatView) -> Turn:
        self.problems = [*getattr(self, "problems", ()), *(a.problem for a in view.attempts)]
        return Turn() if view.attempts else super().decide(view)


async def test_what_is_wrong_with_an_answer_does_not_tell_what_its_seat_may_not_know(tmp_path: Path) -> None:
    """Of a text that was tabled after it had left, and of a commitment that another has broken in secret."""
    line = (clause("heron+newt", "hotline", "line"),)
    unread = {(2, "talks", "all"): says("For us two.", Table(commitments=(clause("heron+otter", "hotline", "line"),)))}
    agrees: Turns = {(2, "talks", "reeds"): says("Quietly.", Table(commitments=line))}
    heron = Told(OPEN | unread | agrees | {(4, "act"): does(Renounce(commitment="reeds/1.1"))})
    newt = Told({
        (1, "talks", "all"): does(Leave(ring="all")), (1, "act"): does(Open(ring="reeds")),
        (2, "talks", "reeds"): says("Yes.", Accept(number=1)), (2, "act"): does(Leak(ring="all", number=1)),
        (3, "act"): does(Break(commitment="reeds/1.1")),
    })  # fmt: skip
    run = await play_pond(tmp_path, {"heron": heron, "newt": newt})
    assert [e.readers for e in kinds(run.events, "breach")] == [("newt",), ("heron",)]
    assert heron.problems == []
    assert newt.problems == ["proposal: no proposal 1 in all; legal: 0 for the ring itself"]
    assert kinds(run.events, "leak") == []


async def test_who_left_leaks_the_wording_that_it_knows(tmp_path: Path) -> None:
    later = (clause("heron+otter", "hotline", "line"),)
    heron = Player({
        (1, "talks", "all"): says("We propose.", Table(commitments=(HALT,)), Renew(number=1)),
        (2, "talks", "all"): says("For us two.", Amend(number=1, commitments=later)),
    })  # fmt: skip
    newt = Player({(1, "talks", "all"): does(Leave(ring="all")), (3, "act"): does(Leak(ring="all", number=1))})
    run = await play_pond(tmp_path, {"heron": heron, "newt": newt})
    [leaked] = kinds(run.events, "leak")
    assert (leaked.round, leaked.about) == (3, "all/1")
    objects = run.setup.load_crisis().objects
    assert objects["dam"].title in leaked.text
    assert objects["line"].title not in leaked.text


async def test_what_all_do_at_once_nobody_knows_before_the_phase_closes(tmp_path: Path) -> None:
    line = Statement(post="leader", audience="world", tone="firm", line="alarm")
    turns: Turns = {(1, "act"): does(Use(instrument="patrol")), (1, "speak"): says("Now hear this.", line),
             (1, "talks", "moot"): says("A draft.", Table(commitments=(clause("heron+otter", "embargo", "perch"),))),
             (1, "council"): does(Vote(number=1, vote="yes"))}  # fmt: skip
    otter = Player()
    await play_pond(tmp_path, {"heron": Player(turns), "otter": otter})
    for seen in otter.seen:
        here = [e for e in seen.events if (e.round, e.phase) == seen.moment[:2]]
        assert seen.moment.ring is not None or here == []
    later = [v for v in otter.seen if v.moment.round == 2]
    assert all("Now hear this." in words(v) for v in later)


async def test_views_are_the_same_whichever_ring_finishes_first(tmp_path: Path) -> None:
    def seen(player: Player) -> dict[Moment, list[str]]:
        fields = {"id", "cause", "evidence", "origin"}
        return {
            v.moment: [e.model_dump_json(exclude=fields) for e in v.events if e.kind not in ("run", "role")]
            for v in player.seen
        }

    rings = ("bank", "all", "moot")
    turns: dict[str, Turns] = {
        seat: {(r, "talks", ring): says(f"{seat} {ring} {r}") for r in range(1, 5) for ring in rings} for seat in SEATS
    }
    quick = {seat: Player(turns[seat]) for seat in SEATS}
    await play_pond(tmp_path / "quick", quick)
    rng = random.Random(1)
    slow = {seat: Slow(turns[seat], lambda v: rng.randrange(100)) for seat in SEATS}
    await play_pond(tmp_path / "slow", slow)
    for seat in SEATS:
        assert seen(quick[seat]) == seen(slow[seat].player)


# --- property: no canary leaves its ring ------------------------------------------------------------------------------

RINGS: dict[str, tuple[str, ...]] = {
    "bank": ("heron", "otter"),
    "moot": ("heron", "otter"),
    "all": SEATS,
    "reeds": ("heron", "newt"),
    "nest": ("heron",),
}


class Canaries:
    """Talks, deliberates, drafts and acts at random; every text holds a word that was never said before."""

    def __init__(self, seat: str, seed: int, said: dict[str, frozenset[str]]) -> None:
        self.seat = seat
        self.random = random.Random(f"{seat}{seed}")
        self.said = said
        self.views: list[SeatView] = []

    def word(self, *readers: str) -> str:
        word = f"canary{len(self.said):05d}x"
        self.said[word] = frozenset(readers)
        return word

    def decide(self, view: SeatView) -> Turn:
        self.views.append(view)
        ring, phase = view.moment.ring, view.moment.phase
        private = self.word(self.seat)
        if ring:
            heard = RINGS[ring]
            text = self.word(*heard)
            moves: tuple[Move, ...] = ()
            if ring != "nest" and self.random.random() < 0.5:
                clauses = (clause("+".join(heard[:2]), "hotline", "line", note=self.word(*heard)),)
                moves = (Table(commitments=clauses),)
            numbers = [p.number for p in view.ledger.open_in(ring) if self.seat not in p.accepted]
            if numbers and ring != "nest":
                moves = (Accept(number=self.random.choice(numbers)),)
            return Turn(deliberation=private, text=text, moves=moves)
        if phase == "act" and view.moment.round == 1 and self.seat in RINGS["reeds"]:
            return Turn(deliberation=private, text=self.word(self.seat), moves=(Open(ring="reeds"),))
        if phase == "speak":
            line = Statement(post="leader", audience="world", tone="neutral", line="calm")
            return Turn(deliberation=private, text=self.word(*SEATS, PUBLIC), moves=(line,))
        return Turn(deliberation=private)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), open_floor=st.sampled_from([(), ("all", "bank")]))
def test_no_word_is_ever_shown_to_somebody_outside_its_readers(
    tmp_path_factory: pytest.TempPathFactory, seed: int, open_floor: tuple[str, ...]
) -> None:
    said: dict[str, frozenset[str]] = {}
    players = {seat: Canaries(seat, seed, said) for seat in SEATS}
    folder = tmp_path_factory.mktemp("canaries")
    run = asyncio.run(play_pond(folder, players, open_floor=open_floor))
    assert len(said) > 60
    for seat, player in players.items():
        for seen in player.views:
            _clean(seat, "".join(e.model_dump_json() for e in seen.events), said)
    record = load_record(run.folder)
    for reader in (*SEATS, PUBLIC):
        for format in ("jsonl", "md", "html", "csv"):
            _clean(reader, export(record.as_seat(reader), format), said)


def _clean(reader: str, text: str, said: dict[str, frozenset[str]]) -> None:
    folded = text.casefold()
    for word, readers in said.items():
        if reader not in readers:
            assert word not in folded
            assert word[::-1] not in folded


@pytest.mark.parametrize("open_floor", [(), ("all",)])
def test_every_view_is_what_the_definition_says(
    tmp_path_factory: pytest.TempPathFactory, open_floor: tuple[str, ...]
) -> None:
    """The one door against its definition, written out again event by event."""
    said: dict[str, frozenset[str]] = {}
    players = {seat: Canaries(seat, 7, said) for seat in SEATS}
    run = asyncio.run(play_pond(tmp_path_factory.mktemp("door"), players, open_floor=open_floor))
    for seat, player in players.items():
        for seen in player.views:
            expected = [e.id for e in run.events if _may(e, seat, seen.moment)]
            assert [e.id for e in seen.events] == expected


def _may(event: Event, seat: str, m: Moment) -> bool:
    if seat not in event.readers:
        return False
    then, now = (event.round, PHASES.index(event.phase)), (m.round, PHASES.index(m.phase))
    return then < now or (then == now and m.ring is not None and event.ring == m.ring and event.turn < m.turn)
