"""What happens to texts on the table."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from roleplay.commitments import Commitment
from roleplay.moves import Accept, Amend, Announce, Break, Leave, Open, Reject, Renew, Renounce, Table, Use, Vote
from roleplay.transcripts.figures import Figures
from roleplay.views import AFTER, view
from roleplay.world import fold

from .pond import Player, Turns, clause, does, kinds, play_pond, says

HALT = clause("newt", "halt", "dam")
LINE = clause("heron+newt", "hotline", "line", in_return_for="dam")


def offer(*clauses: Commitment) -> Table:
    return Table(commitments=clauses or (HALT, LINE))


async def test_a_text_binds_when_its_last_party_accepts_and_only_its_ring_reads_it(tmp_path: Path) -> None:
    heron = Player({(1, "talks", "all"): says("We propose.", offer())})
    newt = Player({(1, "talks", "all"): says("We accept.", Accept(number=1))})
    run = await play_pond(tmp_path, {"heron": heron, "newt": newt})
    [deal] = kinds(run.events, "deal")
    assert (deal.ring, deal.parties, deal.readers) == ("all", ("heron", "newt"), ("heron", "otter", "newt"))
    assert [c.type for c in deal.commitments] == ["halt", "hotline"]


async def test_a_text_does_not_bind_while_a_party_has_not_accepted(tmp_path: Path) -> None:
    heron = Player({(1, "talks", "all"): says("We propose.", offer())})
    otter = Player({(1, "talks", "all"): says("Fine with us.", Accept(number=1))})
    run = await play_pond(tmp_path, {"heron": heron, "otter": otter})
    assert kinds(run.events, "deal") == []
    assert [e.number for e in kinds(run.events, "lapse")] == [1]


async def test_an_amendment_clears_the_acceptances_before_it(tmp_path: Path) -> None:
    players = {
        "heron": Player(
            {(1, "talks", "all"): says("We propose.", offer()), (2, "talks", "all"): does(Renew(number=1))}
        ),
        "otter": Player({(1, "talks", "all"): says("Less.", Amend(number=1, commitments=(HALT,)), Renew(number=1))}),
        "newt": Player({(2, "talks", "all"): says("Yes.", Accept(number=1))}),
    }
    run = await play_pond(tmp_path, players)
    [deal] = kinds(run.events, "deal")
    assert deal.round == 2
    assert [c.type for c in deal.commitments] == ["halt"]
    assert deal.parties == ("newt", "otter")


@pytest.mark.parametrize("later", [0, 1])
async def test_what_was_broken_in_secret_shows_once_others_see_it_broken(tmp_path: Path, later: int) -> None:
    """In the same week or in the next; whoever knew, and the world as it is, count the effects once."""
    quiet, seen = Break(commitment="all/1.1"), Use(instrument="raise_dam")
    acts: Turns = {(2, "act"): does(quiet), (3, "act"): does(seen)} if later else {(2, "act"): does(quiet, seen)}
    newt = Player({(1, "talks", "all"): says("We accept.", Accept(number=1)), **acts})
    heron = Player({(1, "talks", "all"): says("We propose.", offer())})
    run = await play_pond(tmp_path, {"heron": heron, "newt": newt})
    everybody = ("heron", "newt", "otter")
    secret = [("newt",), ("heron", "otter")]
    assert [tuple(sorted(e.readers)) for e in kinds(run.events, "breach")] == (secret if later else [everybody])
    after = [view(run.events, seat, AFTER) for seat in everybody]
    assert {v.ledger.entries["all/1.1"].status for v in after} == {"broken"}
    assert len({v.world.value("tension") for v in after}) == 1
    assert fold(run.events, run.setup.load_crisis().bounds).value("tension") == after[0].world.value("tension")
    assert [m.event.kind for m in Figures(run.record).key_moments()].count("breach") == 1


async def test_what_was_broken_in_secret_ends_on_its_last_day_for_who_did_not_know(tmp_path: Path) -> None:
    brief = clause("newt", "halt", "dam", duration="2 weeks")
    newt = Player({
        (1, "talks", "all"): says("We accept.", Accept(number=1)), (2, "act"): does(Break(commitment="all/1.1")),
        (4, "act"): does(Use(instrument="raise_dam")),
    })  # fmt: skip
    heron = Player({(1, "talks", "all"): says("For two weeks.", offer(brief))})
    run = await play_pond(tmp_path, {"heron": heron, "newt": newt})
    assert [e.readers for e in kinds(run.events, "breach")] == [("newt",)]
    assert [(e.round, e.readers) for e in kinds(run.events, "expiry")] == [(3, ("heron", "otter"))]
    status = {seat: view(run.events, seat, AFTER).ledger.entries["all/1.1"].status for seat in ("heron", "newt")}
    assert status == {"heron": "expired", "newt": "broken"}


async def test_a_renouncement_is_seen_before_a_secret_break_of_the_same_week(tmp_path: Path) -> None:
    heron = Player({
        (1, "act"): does(Open(ring="reeds")), (2, "talks", "reeds"): says("Quietly.", offer(LINE)),
        (3, "act"): does(Break(commitment="reeds/1.1")),
    })  # fmt: skip
    newt = Player({
        (1, "act"): does(Open(ring="reeds")), (2, "talks", "reeds"): says("Yes.", Accept(number=1)),
        (3, "act"): does(Renounce(commitment="reeds/1.1")),
    })  # fmt: skip
    run = await play_pond(tmp_path, {"heron": heron, "newt": newt})
    assert [(e.by, e.readers) for e in kinds(run.events, "breach")] == [("newt", ("heron", "newt"))]


async def test_nobody_is_bound_who_has_left(tmp_path: Path) -> None:
    leaves = says("We propose.", offer(LINE), Renew(number=1), Leave(ring="all"))
    newt = Player({(2, "talks", "all"): says("We accept.", Accept(number=1))})
    run = await play_pond(tmp_path, {"heron": Player({(1, "talks", "all"): leaves}), "newt": newt})
    assert kinds(run.events, "deal") == []
    assert newt.seen[-1].ledger.proposals["all", 1].status == "lapsed"
    assert "form: 'heron' has left" in next(v for v in newt.seen if v.attempts).attempts[0].problem


async def test_nothing_is_done_in_a_ring_after_leaving_it(tmp_path: Path) -> None:
    heron = Player({(1, "talks", "all"): says("We propose.", Leave(ring="all"), offer(LINE))})
    run = await play_pond(tmp_path, {"heron": heron}, rounds=1)
    assert run.result.failed_by_seat == {"heron": 1}


async def test_a_text_is_announced_by_who_is_party_to_it(tmp_path: Path) -> None:
    players = {
        "heron": Player({(1, "talks", "all"): says("We propose.", offer(LINE))}),
        "otter": Player({(1, "speak"): says("They agreed.", Announce(ring="all", number=1))}),
        "newt": Player({
            (1, "talks", "all"): says("We accept.", Accept(number=1)),
            (2, "speak"): says("We agreed.", Announce(ring="all", number=1)),
        }),
    }  # fmt: skip
    run = await play_pond(tmp_path, players)
    assert [e.seat for e in kinds(run.events, "announcement")] == ["newt"]


@pytest.mark.parametrize("word", ["reject", "nothing"])
async def test_a_rejected_or_forgotten_text_can_no_longer_be_accepted(tmp_path: Path, word: str) -> None:
    first = does(Reject(number=1)) if word == "reject" else says("Hm.")
    players = {
        "heron": Player({(1, "talks", "all"): says("We propose.", offer())}),
        "newt": Player({(1, "talks", "all"): first, (2, "talks", "all"): says("Yes after all.", Accept(number=1))}),
    }
    run = await play_pond(tmp_path, players)
    assert kinds(run.events, "deal") == []
    assert run.result.failed_by_seat == {"newt": 1}


async def test_a_move_that_its_type_names_breaks_a_commitment(tmp_path: Path) -> None:
    players = {
        "heron": Player({(1, "talks", "all"): says("We propose.", offer())}),
        "newt": Player({
            (1, "talks", "all"): says("We accept.", Accept(number=1, intends="break")),
            (2, "act"): does(Use(instrument="raise_dam")),
        }),
    }  # fmt: skip
    run = await play_pond(tmp_path, players)
    [breach] = kinds(run.events, "breach")
    [act] = [e for e in kinds(run.events, "move") if e.move.kind == "use"]
    assert (breach.commitment, breach.by, breach.openly, breach.evidence) == ("all/1.1", "newt", False, (act.id,))
    [intent] = kinds(run.events, "intent")
    assert (intent.intends, intent.readers) == ("break", ("newt",))
    accepts = [e.move for e in kinds(run.events, "move") if e.move.kind == "accept"]
    assert [m.intends for m in accepts] == ["unasked"]


async def test_a_secret_break_is_known_to_the_breaker_alone_and_a_renouncement_to_all_parties(tmp_path: Path) -> None:
    for move, readers in ((Break(commitment="all/1.2"), ("newt",)),
                          (Renounce(commitment="all/1.2"), ("heron", "newt", "otter"))):  # fmt: skip
        players = {
            "heron": Player({(1, "talks", "all"): says("We propose.", offer())}),
            "newt": Player({(1, "talks", "all"): says("Yes.", Accept(number=1)), (3, "act"): does(move)}),
        }
        run = await play_pond(tmp_path / move.kind, players)
        [breach] = kinds(run.events, "breach")
        assert breach.readers == readers


async def test_a_commitment_expires_after_its_last_day(tmp_path: Path) -> None:
    brief = clause("newt", "halt", "dam", duration="1 week")
    players = {
        "heron": Player({(1, "talks", "all"): says("For a week.", offer(brief))}),
        "newt": Player({
            (1, "talks", "all"): says("Yes.", Accept(number=1)), (3, "act"): does(Use(instrument="raise_dam")),
        }),
    }  # fmt: skip
    run = await play_pond(tmp_path, players)
    assert [(e.round, e.commitment) for e in kinds(run.events, "expiry")] == [(2, "all/1.1")]
    assert kinds(run.events, "breach") == []


@pytest.mark.parametrize(
    ("draft", "otter_vote", "adopted", "why"),
    [
        (clause("heron+otter", "embargo", "perch"), "yes", True, "4 in favour"),
        (clause("heron+otter", "embargo", "perch"), "no", False, "2 in favour"),
        (clause("heron+otter", "embargo", "perch", scope="full"), "yes", False, "vetoed by crane"),
    ],
)
async def test_the_council_adopts_by_votes_and_vetoes(
    tmp_path: Path, draft: Commitment, otter_vote: Literal["yes", "no"], adopted: bool, why: str
) -> None:
    players = {
        "heron": Player({
            (1, "talks", "moot"): says("A draft.", offer(draft)), (1, "council"): does(Vote(number=1, vote="yes")),
        }),
        "otter": Player({(1, "council"): does(Vote(number=1, vote=otter_vote))}),
    }  # fmt: skip
    run = await play_pond(tmp_path, players)
    [tally] = kinds(run.events, "tally")
    assert tally.adopted is adopted
    assert why in tally.why
    assert [d.form for d in kinds(run.events, "deal")] == (["resolution"] if adopted else [])
    assert kinds(run.events, "lapse") == []
