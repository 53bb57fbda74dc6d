"""Agreed words from the working contact to the open channel; the Council with two that act in it alone. Whole games."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from roleplay import score
from roleplay.errors import UsageError
from roleplay.events import Channel, Deal, Event, Moved, Ruling, Spoken, Tally
from roleplay.game import Options, Run, aplay
from roleplay.moves import Accept, Confide, Open, Prearrange, Renew, Statement, Table, Turn, Vote
from roleplay.rules.attempts import Attempts, attempts
from roleplay.transcripts.export import export
from roleplay.transcripts.record import load_record
from roleplay.views import AFTER, view
from tests.engine.pond import Player, Turns, does, says
from tests.rules.desk import SEATS, clause
from tests.rules.desk import says as line

article = pytest.mark.article
WORDS = "the leaves are still green"
AUGUST = "august-2017"


async def play(
    out: Path, turns: Mapping[str, Turns], scenario: str = AUGUST, seats: tuple[str, ...] = SEATS, **settings: Any
) -> Run:
    """A game in which seats take the turns that are written down and pass otherwise."""
    players = {seat: Player(turns.get(seat)) for seat in seats}
    return await aplay(scenario, seats=players, options=Options(out=out), **settings)


def channels(events: tuple[Event, ...], ring: str = "us-dprk") -> list[tuple[int, str, str | None, tuple[str, ...]]]:
    return [
        (e.round, e.state, e.seat, e.readers) for e in events if isinstance(e, Channel) and e.about == ring and e.round
    ]


SPEECH = Statement(post="foreign", audience="all", tone="firm", line="deterrence_policy", phrase=WORDS.capitalize())


@article("P6e", "RE")
async def test_words_agreed_at_the_working_contact_open_the_channel_once_they_are_spoken_and_answered(
    tmp_path: Path,
) -> None:
    invites = Prearrange(ring="us-dprk", phrase=WORDS)
    turns: dict[str, Turns] = {
        "us": {(1, "talks", "working-contact"): says("Listen for this.", invites), (1, "speak"): says(WORDS, SPEECH)},
        "dprk": {(2, "talks", "working-contact"): says("It was heard.", Open(ring="us-dprk"))},
    }
    run = await play(tmp_path, turns, rounds=3)
    both = ("us", "dprk")
    assert channels(run.events) == [(1, "signalled", "us", both), (2, "offered", "dprk", both), (2, "open", None, both)]
    met = {e.seat for e in run.events if isinstance(e, Spoken) and (e.round, e.ring) == (3, "us-dprk")}
    assert met == {"us", "dprk"}
    for seat in ("rok", "jpn", "prc", "rus", "public"):
        seen = view(run.events, seat, AFTER).events
        assert not [e for e in seen if isinstance(e, Channel) and e.about in ("us-dprk", "working-contact")]
        said = [e.move for e in seen if isinstance(e, Moved) and isinstance(e.move, Statement)]
        assert [s.line for s in said] == ["deterrence_policy"]


@article("P6e")
async def test_words_left_with_an_intermediary_reach_the_other_side(tmp_path: Path) -> None:
    invites = Prearrange(ring="us-dprk", phrase=WORDS)
    turns: dict[str, Turns] = {
        "us": {(1, "talks", "us-prc"): says("Let it be known there.", invites), (2, "speak"): says(WORDS, SPEECH)},
        "dprk": {(3, "act"): does(Open(ring="us-dprk"))},
    }
    run = await play(tmp_path, turns, rounds=3)
    assert channels(run.events) == [
        (1, "arranged", "us", ("dprk",)), (2, "signalled", "us", ("us", "prc", "dprk")),
        (3, "offered", "dprk", ("us", "dprk")), (3, "open", None, ("us", "dprk")),
    ]  # fmt: skip
    assert view(run.events, "dprk", AFTER).world.phrases == {"us-dprk": WORDS}


@article("P5", "P10")
@pytest.mark.parametrize("spoken", ["some other words", ""])
async def test_words_that_nobody_agreed_on_are_words(tmp_path: Path, spoken: str) -> None:
    said = SPEECH.model_copy(update={"phrase": spoken})
    agreed = says("Listen.", Prearrange(ring="us-dprk", phrase=WORDS))
    turns: dict[str, Turns] = {"us": {(1, "talks", "working-contact"): agreed, (1, "speak"): says("Well.", said)}}
    run = await play(tmp_path, turns, rounds=1)
    assert channels(run.events) == []


@article("RE", "D6")
async def test_a_hidden_channel_can_be_confided_and_that_is_no_leak(tmp_path: Path) -> None:
    turns: dict[str, Turns] = {
        "us": {(1, "talks", "us-rok"): says("You alone.", Confide(ring="working-contact", to="rok"))}
    }
    run = await play(tmp_path, turns, rounds=1)
    assert channels(run.events, "working-contact") == [(1, "exists", "us", ("us", "rok"))]
    assert not [e for e in run.events if isinstance(e, Ruling)]


@article("D1")
async def test_before_the_six_meet_washington_alone_sits_with_everybody(tmp_path: Path) -> None:
    words: dict[str, Turns] = {seat: {} for seat in SEATS}
    for ring, other in (("us-rok", "rok"), ("us-jpn", "jpn"), ("us-prc", "prc"), ("working-contact", "dprk")):
        words["us"][1, "talks", ring] = words[other][1, "talks", ring] = says("We are here.")
    run = await play(tmp_path, words, rounds=1)
    shares: Any = score(run).metrics["centrality"].value
    assert shares == {"us": 0.8, **dict.fromkeys(SEATS[1:], 0.2), "rus": 0.0}


# --- the Council ------------------------------------------------------------------------------------------------------

TEXT = Table(commitments=(clause("us+prc", "sanctions_step", "seafood", scope="cap"),))
MID = "mid-september-2017"


def drafted(number: int, **votes: str) -> dict[str, Turns]:
    """A draft of the United States, which is text `number` of the Council, and everybody's vote on it."""
    cast = {seat: Vote.model_validate({"number": number, "vote": word}) for seat, word in votes.items()}
    turns: dict[str, Turns] = {seat: {(1, "council"): does(vote)} for seat, vote in cast.items()}
    turns["us"][1, "talks", "council"] = says("A draft.", TEXT)
    return turns


@article("RC", "D8", "D9")
@pytest.mark.parametrize(
    ("prc", "uk", "adopted", "united"),
    [
        ("yes", "yes", True, True),
        ("abstain", "yes", True, False),
        ("yes", "abstain", True, False),
        ("no", "yes", False, False),
        ("yes", "no", False, False),
    ],
)
async def test_a_veto_blocks_an_abstention_does_not_and_both_split_the_five(
    tmp_path: Path, prc: str, uk: str, adopted: bool, united: bool
) -> None:
    turns = drafted(6, us="yes", jpn="yes", prc=prc, rus="yes", uk=uk, fra="yes")
    seats = (*SEATS, "uk", "fra")
    run = await play(tmp_path, turns, MID, seats, rounds=1)
    [tally] = [e for e in run.events if isinstance(e, Tally)]
    assert (tally.votes["prc"], tally.votes["uk"], tally.adopted) == (prc, uk, adopted)
    assert len(tally.votes) == 15
    assert len(tally.by_rule) == 9
    split = {getattr(e, "row", "") for e in run.events} & {"c9-united", "c9-split", "c9-failed"}
    assert split == {"c9-united"} if united else split == ({"c9-split"} if adopted else {"c9-failed"})
    resolutions = [e for e in run.events if isinstance(e, Deal) and e.form == "resolution" and e.round]
    assert bool(resolutions) is adopted


@article("RC")
async def test_two_of_the_five_draft_and_vote_and_do_nothing_else(tmp_path: Path) -> None:
    seats = (*SEATS, "uk", "fra")
    run = await play(tmp_path, {}, MID, seats, rounds=1)
    where = {(e.seat, e.phase, e.ring) for e in run.events if isinstance(e, Spoken) and e.seat in ("uk", "fra")}
    assert where == {(s, p, r) for s in ("uk", "fra") for p, r in (("talks", "council"), ("council", None))}
    assert run.setup.sheets["uk"].votes


async def test_where_they_are_not_seated_they_vote_by_rule(tmp_path: Path) -> None:
    run = await play(tmp_path, drafted(4, us="yes", jpn="yes", prc="yes", rus="yes"), rounds=1)
    [tally] = [e for e in run.events if isinstance(e, Tally)]
    assert {"uk", "fra"} <= set(tally.by_rule)
    assert len(tally.votes) == 15
    assert "uk" not in run.setup.sheets


# --- settings ---------------------------------------------------------------------------------------------------------


async def test_a_run_scales_claims_and_binds_rules_and_says_so(tmp_path: Path) -> None:
    turns: dict[str, Turns] = {"us": {(1, "speak"): Turn(text="Never.", moves=(line("preconditions", tone="threat"),))}}
    run = await play(tmp_path, turns, rounds=1, claims={"C1": 0, "C13": -1}, bind=("T6",))
    assert run.setup.effects.factors == {"C1": 0, "C13": -1}
    assert run.result.world == "article (C1 x 0, C13 x -1)"
    page = export(load_record(run.folder), "md")
    assert "World article (C1 x 0, C13 x -1); rules block, T6 bind" in page
    [ruling] = [e for e in run.events if isinstance(e, Ruling)]
    assert (ruling.rule, ruling.strength, ruling.verdict) == ("T6", "SHOULD", "blocked")
    assert run.result.blocked == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"claims": {"C99": 0}}, "claim of world 'article' 'C99' does not exist"),
        ({"bind": ("T66",)}, "did you mean 'T6'"),
        ({"world": "artcle"}, "did you mean 'article'"),
    ],
)
async def test_a_claim_a_rule_or_a_world_that_does_not_exist_is_told(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as error:
        await play(tmp_path, {}, rounds=1, **settings)
    assert words in f"{error.value} {error.value.hint}"


# --- attempts ---------------------------------------------------------------------------------------------------------

PAYS = Table(commitments=(clause("us", "provision", "fuel"),))
ASKS = Table(commitments=(clause("us", "provision", "fuel"), clause("dprk", "moratorium", "icbm_test")))


def of(run: Run, rule: str, seat: str, mode: str) -> Attempts:
    found = attempts(run.setup.load_crisis(), run.events, mode)
    return next(a for a in found if (a.rule, a.seat) == (rule, seat))


@pytest.mark.parametrize("mode", ["prevent", "block", "observe"])
async def test_attempts_are_counted_per_opportunity_and_null_where_the_move_is_not_offered(
    tmp_path: Path, mode: str
) -> None:
    quiet = of(await play(tmp_path, {}, rounds=1, mode=mode), "T4", "us", mode)
    assert (quiet.attempts is None) is (mode == "prevent")
    assert (quiet.opportunities == 0) is (mode == "prevent")
    tried = of(
        await play(tmp_path, {"us": {(1, "talks", "us-prc"): says("Oil.", PAYS)}}, rounds=1, mode=mode),
        "T4",
        "us",
        mode,
    )
    assert (tried.attempts, tried.blocked) == (1, 0 if mode == "observe" else 1)
    assert tried.opportunities == max(1, quiet.opportunities)
    assert len(tried.evidence) == 1


async def test_somebody_elses_text_is_an_opportunity_that_prevent_can_only_block(tmp_path: Path) -> None:
    opens = does(Open(ring="us-dprk"))
    turns: dict[str, Turns] = {
        "us": {(1, "act"): opens},
        "dprk": {(1, "act"): opens, (2, "talks", "us-dprk"): says("Oil first.", ASKS, Renew(number=1))},
    }
    run = await play(tmp_path / "asked", turns, rounds=3, mode="prevent")
    counted = of(run, "T4", "us", "prevent")
    assert (counted.opportunities, counted.attempts, counted.blocked) == (1, 0, 0)
    turns["us"][3, "talks", "us-dprk"] = says("Done.", Accept(number=1))
    counted = of(await play(tmp_path / "granted", turns, rounds=3, mode="prevent"), "T4", "us", "prevent")
    assert (counted.opportunities, counted.attempts, counted.blocked) == (1, 1, 1)


async def test_a_rule_that_can_only_block_has_an_opportunity_in_every_turn_that_offers_the_move(tmp_path: Path) -> None:
    run = await play(tmp_path, {"us": {(2, "speak"): says("No.", line("preconditions"))}}, rounds=3, mode="prevent")
    counted = of(run, "T6", "us", "prevent")
    assert (counted.opportunities, counted.attempts, counted.blocked) == (3, 1, 0)
    assert of(run, "P7", "us", "prevent").attempts is None  # there is no script before there was a speech
    assert of(run, "S1", "us", "prevent").opportunities == 6  # in the Council and in the act phase, each of three weeks
