"""The exported lines are those of INTERFACE, and nothing in them can be lost or changed unseen."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest

from roleplay.errors import DamagedRun
from roleplay.journal import digest
from roleplay.transcripts.export import export
from roleplay.transcripts.jsonl import FIRST, parse
from roleplay.transcripts.record import RunRecord
from tests.transcripts.conftest import record_of_game
from tests.transcripts.game import play


@pytest.fixture(scope="module")
def data() -> bytes:
    return export(record_of_game(play()), "jsonl").encode()


def test_every_line_has_the_eight_fields_first_and_the_turn_next(data: bytes) -> None:
    for line in data.decode().splitlines():
        keys = list(json.loads(line))
        assert tuple(keys[:8]) == FIRST
        assert keys[8] == "turn"


def test_the_first_line_is_the_set_up_with_view_notice_versions_and_seals(data: bytes) -> None:
    first, *rest = data.decode().splitlines(keepends=True)
    run = json.loads(first)
    assert (run["kind"], run["round"], run["seat"], run["view"]) == ("run", 0, None, "omniscient")
    assert run["notice"] == "simulated: not a statement of any government"
    assert run["versions"]["ruleset"] == "1"
    assert run["setup_data"]["plans"]["jpn"]["driver"] == "human"
    assert run["words"] == "moves: policy, words: model (135M)"
    assert (run["lines"], run["digest"]) == (len(rest), digest("".join(rest)))


def test_a_seats_lines_are_the_same_lines_without_the_full_set_up(record: RunRecord, data: bytes) -> None:
    whole = {json.loads(line)["id"]: line for line in data.decode().splitlines()}
    first, *rest = export(record.as_seat("dprk"), "jsonl").splitlines()
    run = json.loads(first)
    assert run["view"] == "dprk"
    assert "setup_data" not in run
    assert all(whole[json.loads(line)["id"]] == line for line in rest)
    assert 0 < len(rest) < len(whole) - 1


def test_lines_come_oldest_first_and_rounds_never_go_back(data: bytes) -> None:
    rounds = [json.loads(line)["round"] for line in data.decode().splitlines()]
    assert all(a <= b for a, b in pairwise(rounds))
    assert rounds[0] == 0
    assert rounds[-1] == 2


def test_no_field_holds_wall_clock_time_and_bytes_repeat(data: bytes) -> None:
    assert export(record_of_game(play()), "jsonl").encode() == data
    assert b"seconds" not in data
    assert b'"started"' not in data


def test_who_leaked_is_known_to_the_leaker_alone(record: RunRecord) -> None:
    for seat in ("us", "rok", "public"):
        lines = [json.loads(line) for line in export(record.as_seat(seat), "jsonl").splitlines()]
        assert [line["seat"] for line in lines if line["kind"] == "leak"] == [None]
        assert not any(line["kind"] == "move" and line["move"]["kind"] == "leak" for line in lines)
    assert '"kind": "leak", "ring": "us-dprk"' in export(record.as_seat("dprk"), "jsonl")


def test_line_breaks_of_other_alphabets_do_not_break_a_line(record: RunRecord) -> None:
    text = "one\u2028two\u2029three\u0085four"
    run = record.run.model_copy(update={"brief": text})
    exported = export(RunRecord((run, *record.events[1:]), played=record.played), "jsonl")
    assert len(exported.splitlines()) == len(record.events)
    events, _ = parse(exported.encode(), "x")
    assert RunRecord(events).run.brief == text


def test_every_flipped_bit_is_noticed(data: bytes) -> None:
    chance = random.Random(7)
    for _ in range(400):
        at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        changed = bytearray(data)
        changed[at] ^= bit
        with pytest.raises(DamagedRun):
            parse(bytes(changed), "x.jsonl")


def test_a_changed_line_is_named(data: bytes) -> None:
    lines = data.split(b"\n")
    lines[40] = lines[40].replace(b'"round": 1', b'"round": 2')
    with pytest.raises(DamagedRun, match=r"x\.jsonl:41: this line was changed"):
        parse(b"\n".join(lines), "x.jsonl")


@pytest.mark.parametrize("kept", [1, 10, 96])
def test_a_cut_tail_is_named(data: bytes, kept: int) -> None:
    lines = data.split(b"\n")
    cut = b"\n".join(lines[:kept]) + b"\n"
    with pytest.raises(DamagedRun, match=rf"x\.jsonl:{kept + 1}: the tail is lost; {kept - 1} of \d+ lines are whole"):
        parse(cut, "x.jsonl")


def test_every_cut_is_noticed(data: bytes) -> None:
    chance = random.Random(8)
    for _ in range(200):
        with pytest.raises(DamagedRun):
            parse(data[: chance.randrange(len(data))], "x.jsonl")


def test_added_and_swapped_lines_are_noticed(data: bytes) -> None:
    lines = data.split(b"\n")
    with pytest.raises(DamagedRun, match="1 lines were added"):
        parse(data + lines[5] + b"\n", "x.jsonl")
    lines[5], lines[6] = lines[6], lines[5]
    with pytest.raises(DamagedRun, match=r"x\.jsonl:6: this line was changed"):
        parse(b"\n".join(lines), "x.jsonl")


@pytest.mark.parametrize("junk", [b"", b"\n", b"[]\n", b'{"kind": "run"}\n', b"\xff\xfe\n", b"[" * 200_000, b"null\n"])
def test_what_is_no_export_is_said_to_be_none(junk: bytes) -> None:
    with pytest.raises(DamagedRun, match=r"junk:1: not"):
        parse(junk, "junk")


def test_a_newer_version_is_refused(record: RunRecord) -> None:
    newer = record.events[3].model_copy(update={"v": 99})
    exported = export(RunRecord((*record.events[:3], newer, *record.events[4:]), played=record.played), "jsonl")
    with pytest.raises(DamagedRun, match=r"x:4: event version 99 is newer"):
        parse(exported.encode(), "x")
