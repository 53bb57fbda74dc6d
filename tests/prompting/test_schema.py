"""A schema lets a seat say what its rights and the phase allow, and every answer it allows is a turn."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from roleplay.crises import load_crisis
from roleplay.moves import PHASE_MOVES, Phase, Turn
from roleplay.prompting.answer import read_answer
from roleplay.prompting.schema import RingKind, game_schema, turn_schema, verbs
from roleplay.views import RoleSheet
from tests.prompting.game import SEATS, sheet
from tests.prompting.sampling import allows, sample
from tests.strict import strict_problems

TURNS: list[tuple[Phase, RingKind | None]] = [
    ("talks", "talks"), ("talks", "council"), ("talks", "own"), ("council", None), ("act", None), ("speak", None),
]  # fmt: skip


def _answer(*moves: dict[str, Any]) -> dict[str, Any]:
    return {"deliberation": "", "text": "", "moves": list(moves)}


def _clause(party: str, type: str, object: str, **more: Any) -> dict[str, Any]:
    return {
        "parties": [party], "type": type, "object": object, "scope": "", "conditions": "", "trigger": "", "start": "",
        "duration": {"kind": "open", "detail": ""}, "verification": [], "on_breach": "", "reversible": "unstated",
        "in_return_for": "", **more,
    }  # fmt: skip


def _table(*clauses: dict[str, Any]) -> dict[str, Any]:
    return _answer({"kind": "table", "commitments": list(clauses)})


def _pledge(clause: dict[str, Any]) -> dict[str, Any]:
    return _answer({"kind": "pledge", "commitment": clause})


def _statement(**changes: Any) -> dict[str, Any]:
    line = {
        "kind": "statement",
        "post": "leader",
        "audience": "world",
        "tone": "firm",
        "line": "calm",
        "also": [],
        "phrase": "",
    }
    return _answer({**line, **changes})


@pytest.mark.parametrize("seat", SEATS)
@pytest.mark.parametrize(("phase", "kind"), TURNS)
@pytest.mark.parametrize("withheld", [(), ("pay",), ("pay", "halt", "ease", "talk")])
def test_every_schema_is_strict(seat: str, phase: Phase, kind: RingKind | None, withheld: tuple[str, ...]) -> None:
    assert strict_problems(turn_schema(sheet(seat, withheld=withheld), phase, kind)) == []


@pytest.mark.parametrize(
    "empty",
    [
        {"rings": {}, "confidants": {}}, {"instruments": {}}, {"types": {}}, {"objects": {}}, {"lines": {}},
        {"audiences": []}, {"votes": False},
    ],
)  # fmt: skip
@pytest.mark.parametrize(("phase", "kind"), TURNS)
def test_a_seat_with_few_rights_still_has_a_strict_schema(
    phase: Phase, kind: RingKind | None, empty: dict[str, Any]
) -> None:
    schema = turn_schema(sheet(**empty), phase, kind)
    assert strict_problems(schema) == []
    assert allows(schema, _answer({"kind": "pass"}))


@pytest.mark.parametrize(("phase", "kind"), TURNS)
def test_every_allowed_answer_is_a_turn(phase: Phase, kind: RingKind | None) -> None:
    random, role = Random(7), sheet()
    schema = turn_schema(role, phase, kind)
    kinds = set()
    for _ in range(150):
        answer = sample(schema, random)
        turn = read_answer(json.dumps(answer, ensure_ascii=False), verbs(role, phase, kind))
        assert isinstance(turn, Turn), turn
        assert allows(schema, answer)
        kinds |= {move.kind for move in turn.moves}
    assert kinds == set(verbs(role, phase, kind))


@pytest.mark.parametrize("seat", SEATS)
def test_the_schema_is_the_same_bytes_for_equal_sheets_and_kept(seat: str) -> None:
    first, second = turn_schema(sheet(seat), "talks", "talks"), turn_schema(sheet(seat), "talks", "council")
    assert first is second


@pytest.mark.parametrize("seat", SEATS)
@pytest.mark.parametrize("withheld", [(), ("pay",)])
def test_one_schema_for_the_game_is_strict_and_allows_what_each_phase_allows(
    seat: str, withheld: tuple[str, ...]
) -> None:
    role, random = sheet(seat, withheld=withheld), Random(11)
    whole = game_schema(role)
    assert strict_problems(whole) == []
    for phase, kind in TURNS:
        for _ in range(20):
            assert allows(whole, sample(turn_schema(role, phase, kind), random))


def test_what_is_withheld_is_not_in_the_schema_for_the_game_either() -> None:
    whole = game_schema(sheet(withheld=["pay"]))
    assert not allows(whole, _table(_clause("alpha", "pay", "money")))
    assert not allows(whole, _pledge(_clause("alpha", "pay", "money")))


def test_each_phase_offers_its_own_verbs() -> None:
    for phase, kind in TURNS:
        if kind != "own":
            assert set(verbs(sheet(), phase, kind)) == set(PHASE_MOVES[phase])
    assert verbs(sheet(), "talks", "own") == ("authorise", "mandate", "pass")
    assert verbs(sheet("charlie"), "council", None) == ("pass",)


def test_moves_of_another_phase_are_not_offered() -> None:
    use = _answer({"kind": "use", "instrument": "rest", "params": {}})
    assert allows(turn_schema(sheet(), "act"), use)
    assert not allows(turn_schema(sheet(), "talks", "talks"), use)


def test_a_type_is_offered_with_its_own_objects_only() -> None:
    schema = turn_schema(sheet(), "talks", "talks")
    assert allows(schema, _table(_clause("bravo", "halt", "drills"), _clause("alpha", "talk", "money")))
    assert not allows(schema, _table(_clause("bravo", "halt", "dues")))


def test_only_seats_that_are_met_can_be_parties() -> None:
    assert not allows(turn_schema(sheet(), "talks", "talks"), _table(_clause("delta", "halt", "drills")))


def test_what_is_withheld_can_be_asked_but_not_given() -> None:
    free, bound = turn_schema(sheet(), "talks", "talks"), turn_schema(sheet(withheld=["pay"]), "talks", "talks")
    ours, theirs = _table(_clause("alpha", "pay", "money")), _table(_clause("bravo", "pay", "money"))
    assert allows(free, ours)
    assert not allows(bound, ours)
    assert allows(bound, theirs)


def test_a_pledge_binds_the_seat_alone_and_never_to_what_is_withheld() -> None:
    schema = turn_schema(sheet(withheld=["pay"]), "speak")
    assert allows(schema, _pledge(_clause("alpha", "halt", "drills")))
    assert not allows(schema, _pledge(_clause("bravo", "halt", "drills")))
    assert not allows(schema, _pledge(_clause("alpha", "pay", "money")))


@pytest.mark.parametrize(
    ("params", "fits"),
    [
        ({"area": "north", "ships": 9, "visible": False, "aim": "calm"}, True),
        ({"area": "east", "ships": 9, "visible": False, "aim": "calm"}, False),
        ({"area": "north", "ships": 10, "visible": False, "aim": "calm"}, False),
        ({"area": "north", "ships": 9, "visible": "no", "aim": "calm"}, False),
        ({"area": "north", "ships": 9, "visible": False}, False),
    ],
)
def test_parameters_of_an_instrument_are_typed(params: dict[str, Any], fits: bool) -> None:
    answer = _answer({"kind": "use", "instrument": "patrol", "params": params})
    assert allows(turn_schema(sheet(), "act"), answer) is fits


def test_a_statement_can_carry_several_policy_lines() -> None:
    schema = turn_schema(sheet(), "speak")
    assert allows(schema, _statement(also=["calm"]))
    assert not allows(schema, _statement(also=["war"]))


def test_only_posts_that_speak_make_statements_but_any_can_be_named() -> None:
    schema = turn_schema(sheet(), "speak")
    assert allows(schema, _statement())
    assert not allows(schema, _statement(post="navy"))
    assert allows(schema, _answer({"kind": "name_official", "post": "navy"}))


@pytest.mark.parametrize("changes", [{"tone": "loud"}, {"line": "war"}, {"audience": "mars"}, {"phrase": "x" * 121}])
def test_the_fields_of_a_statement_are_bounded(changes: dict[str, str]) -> None:
    assert not allows(turn_schema(sheet(), "speak"), _statement(**changes))


def test_only_outsiders_can_be_told_of_a_hidden_ring() -> None:
    schema = turn_schema(sheet(), "talks", "talks")
    assert allows(schema, _answer({"kind": "confide", "ring": "alpha-charlie", "to": "bravo"}))
    assert not allows(schema, _answer({"kind": "confide", "ring": "alpha-charlie", "to": "charlie"}))
    assert not allows(schema, _answer({"kind": "confide", "ring": "forum", "to": "bravo"}))


@pytest.mark.parametrize("asks", [True, False])
def test_what_an_acceptance_is_worth_is_asked_only_where_the_run_says_so(asks: bool) -> None:
    schema = turn_schema(sheet(asks_intent=asks), "talks", "talks")
    assert allows(schema, _answer({"kind": "accept", "number": 1, "intends": "depends"})) is asks
    assert allows(schema, _answer({"kind": "accept", "number": 1})) is not asks


@pytest.mark.parametrize("text", ["x" * 901, 'so "quoted"', "back\\slash", "two\nlines"])
def test_text_is_bounded_and_as_long_written_as_read(text: str) -> None:
    assert not allows(turn_schema(sheet(), "talks", "talks"), {**_answer(), "text": text})


# --- the Korean crisis -----------------------------------------------------------------------------------------------

_KOREA = load_crisis("korea")


def _role(seat: str, withheld: tuple[str, ...]) -> RoleSheet:
    mine = {row.id: row for row in _KOREA.rings.values() if seat in row.members}
    council = _KOREA.file.council
    return RoleSheet(
        seat=seat, persona=_KOREA.personas[seat], strategy=_KOREA.strategies["free-play"], rings=mine,
        confidants={r.id: tuple(_KOREA.seats) for r in mine.values() if r.confidentiality == "secret"},
        instruments={i.id: i for i in _KOREA.instruments.values() if seat in i.seats},
        types=_KOREA.types, objects=_KOREA.objects, withheld=withheld, lines=_KOREA.lines,
        audiences=_KOREA.file.audiences, indicators=_KOREA.indicators,
        votes=council is not None and seat in council.members,
    )  # fmt: skip


@pytest.mark.parametrize("seat", [seat for seat, row in _KOREA.seats.items() if row.plays])
@pytest.mark.parametrize(("phase", "kind"), TURNS)
def test_the_korean_crisis_has_strict_schemas_for_every_seat_and_phase(
    seat: str, phase: Phase, kind: RingKind | None
) -> None:
    for withheld in ((), tuple(_KOREA.types)[::3]):
        role = _role(seat, withheld)
        assert strict_problems(turn_schema(role, phase, kind)) == []
        assert strict_problems(game_schema(role)) == []
