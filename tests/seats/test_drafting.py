"""Forms of moves: made of a view, read strictly, put together into a turn."""

from __future__ import annotations

import pytest

from roleplay.commitments import CLAUSE_LIMIT
from roleplay.crises.means import Param
from roleplay.errors import UsageError
from roleplay.moves import MOVE_LIMIT, PHASES, Amend, Table, Turn
from roleplay.seats.drafting import add, drop, forms_of
from roleplay.seats.fields import param_field
from roleplay.seats.legal import verbs
from roleplay.transcripts.words import said_of
from roleplay.views import SeatView
from tests.engine.pond import Player, play_pond


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> list[SeatView]:
    import asyncio

    players = {seat: Player() for seat in ("heron", "otter", "newt")}
    asyncio.run(play_pond(tmp_path_factory.mktemp("runs"), players, rounds=1))
    return [view for player in players.values() for view in player.seen]


def find(views: list[SeatView], seat: str, phase: str, ring: str | None = None) -> SeatView:
    return next(v for v in views if v.seat == seat and v.moment.phase == phase and v.moment.ring == ring)


def test_every_form_is_a_verb_of_its_moment_and_every_verb_has_a_title(views: list[SeatView]) -> None:
    for view in views:
        assert {name.split(":")[0] for name in forms_of(view)} <= set(verbs(view))
        assert set(verbs(view)) <= {verb for verb, _ in said_of("titles")}
    assert {v.moment.phase for v in views} == set(PHASES[2:6])


def test_a_text_grows_clause_by_clause_up_to_the_limit_and_shrinks_again(views: list[SeatView]) -> None:
    view = find(views, "heron", "talks", "bank")
    form, clause = forms_of(view)["table"], {"parties": ["heron", "otter"], "what": ["halt/dam"], "detail": ["3 weeks"]}
    draft = Turn()
    for _ in range(CLAUSE_LIMIT):
        draft = add(view, draft, form, clause)
    assert len(draft.moves) == 1
    assert isinstance(draft.moves[0], Table)
    assert draft.moves[0].commitments[0].duration.kind == "dated"
    with pytest.raises(UsageError, match="clauses at most"):
        add(view, draft, form, clause)
    assert drop(draft, 0, -1) == drop(draft, 0, CLAUSE_LIMIT) == draft
    for left in range(CLAUSE_LIMIT - 1, 0, -1):
        draft = drop(draft, 0, 0)
        assert isinstance(draft.moves[0], Table)
        assert len(draft.moves[0].commitments) == left
    assert drop(draft, 0, 0) == drop(draft, 0) == Turn()
    assert drop(draft, 7) == draft


def test_a_turn_has_no_more_moves_than_it_may(views: list[SeatView]) -> None:
    view, draft = find(views, "heron", "talks", "bank"), Turn()
    for _ in range(MOVE_LIMIT):
        draft = add(view, draft, forms_of(view)["pass"], {})
    with pytest.raises(UsageError, match="moves at most"):
        add(view, draft, forms_of(view)["pass"], {})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "Who is bound: nothing was chosen; choose Heron (heron), Otter (otter)\nTo what"),
        ({"parties": ["frog"], "what": ["halt/dam"]}, "'frog' cannot be chosen; allowed: heron, otter"),
        ({"parties": ["heron"], "what": ["halt/moon"]}, "'halt/moon' cannot be chosen"),
        ({"parties": ["heron"], "what": ["halt/dam", "fish/perch"]}, "one answer only"),
        ({"parties": ["heron"], "what": ["halt/dam"], "scope": ["x" * 300]}, "240 at most"),
        ({"parties": ["heron"], "what": ["halt/dam"], "verification": ["magic"]}, "'magic' cannot be chosen"),
    ],
)
def test_an_answer_that_does_not_do_is_refused_with_what_would(
    views: list[SeatView], answers: dict[str, list[str]], words: str
) -> None:
    view = find(views, "heron", "talks", "bank")
    with pytest.raises(UsageError) as caught:
        add(view, Turn(), forms_of(view)["table"], answers)
    assert words in str(caught.value)


def test_every_problem_is_named_at_once(views: list[SeatView]) -> None:
    view = find(views, "heron", "talks", "bank")
    with pytest.raises(UsageError) as caught:
        add(view, Turn(), forms_of(view)["table"], {"parties": ["frog"], "what": ["nothing"]})
    assert "'frog'" in str(caught.value)
    assert "'nothing'" in str(caught.value)


async def test_an_amendment_starts_from_the_text_that_lies_on_the_table(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    text = Table.model_validate({"commitments": [{"parties": ["heron"], "type": "halt", "object": "dam"}]})
    otter = Player()
    players = {"heron": Player({(1, "talks", "bank"): Turn(moves=(text,))}), "otter": otter}
    await play_pond(tmp_path_factory.mktemp("runs"), players, rounds=1)
    view = find(otter.seen, "otter", "talks", "bank")
    form = forms_of(view)["amend:1"]
    draft = add(view, Turn(), form, {})
    assert isinstance(draft.moves[0], Amend)
    assert draft.moves[0].commitments == text.commitments
    draft = add(view, draft, form, {})
    draft = add(view, draft, form, {"parties": ["otter"], "what": ["fish/perch"]})
    assert isinstance(draft.moves[0], Amend)
    assert [c.type for c in draft.moves[0].commitments] == ["halt", "fish"]
    accept = add(view, Turn(), forms_of(view)["accept"], {"number": ["1"], "intends": ["keep"]})
    assert accept.moves[0].kind == "accept"


def test_values_of_an_instrument_are_called_what_they_are_and_not_by_terms_of_a_clause() -> None:
    param = Param.model_validate({"type": "choice", "values": ["none", "un_2371"], "meaning": "ground"})
    assert [choice.label for choice in param_field("un_provision", param).choices] == ["none", "un 2371"]
