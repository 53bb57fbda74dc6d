"""Behind a mask a model sees no real name, and a journal sees no other."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from roleplay.branching import branch
from roleplay.crises import Crisis, load_crisis
from roleplay.crises.mask import Mask
from roleplay.errors import UsageError
from roleplay.events import Moved, write_event
from roleplay.game import Options, Run, play, play_on
from roleplay.models import Request
from roleplay.models.scripted import ScriptedModel
from tests.engine.pond import POND
from tests.promises.playing import drawn

KOREA = load_crisis("korea")
assert KOREA.mask
MASK: Mask = KOREA.mask
DATA = TypeAdapter(Crisis).dump_python(KOREA, mode="json", exclude={"mask", "folder"})
PLAIN = {"us", "north", "south", "northern", "southern", "diet"}
"""Names that are ordinary words in lower case."""


def texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, part in value.items():
                yield from (*texts(key), *texts(part))
        case list() | tuple():
            for part in value:
                yield from texts(part)


def real_names(text: str) -> set[str]:
    """Real names and ids in a text, whatever their case."""
    words = sorted({*MASK.ids, *MASK.names}, key=len, reverse=True)
    found = re.findall(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z0-9])", text, re.IGNORECASE)
    return {word for word in found if word not in PLAIN}


def stand_ins(text: str) -> set[str]:
    words = {*MASK.ids.values(), *MASK.names.values()}
    return {word for word in words if re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", text)}


def sent(model: ScriptedModel) -> set[str]:
    """Every message and schema that a model was sent."""
    return {text for r in model.requests for text in (*(m["content"] for m in r.messages), json.dumps(r.schema))}


def by_schema(request: Request) -> dict[str, Any]:
    return drawn(request.schema, request.seed or 0)


def by_example(request: Request) -> str:
    """The answer of the last example that a voice is shown."""
    return request.messages[-2]["content"]


def moves(run: Run) -> list[str]:
    return sorted(f"{e.round} {e.phase} {e.ring} {e.turn} {e.move}" for e in run.events if isinstance(e, Moved))


# --- the pair --------------------------------------------------------------------------------------------------------


ids = st.lists(st.sampled_from([*MASK.ids, "internal", "council", "test", "waters"]), min_size=1, max_size=4)
joiners = st.sampled_from("-_:/")


@given(st.lists(st.tuples(ids, joiners), min_size=1))
def test_every_id_comes_back_from_behind_the_mask(drawn: list[tuple[list[str], str]]) -> None:
    whole = {joiner.join(parts): [joiner.join(parts)] for parts, joiner in drawn}
    assert json.loads(MASK.undo(json.dumps(MASK.value(whole)))) == whole


@given(st.dates(min_value=date(2016, 1, 1), max_value=date(2018, 12, 31)))
def test_every_day_comes_back_in_whichever_way_it_is_written(day: date) -> None:
    for text in (day.isoformat(), f"On {day.day} {day:%B %Y} they met."):
        assert MASK.text(text) != text
        assert MASK.undo_prose(MASK.text(text)) == text


def test_every_text_of_the_crisis_and_its_dossiers_comes_back_as_it_was() -> None:
    for text in set(texts(DATA)):
        assert MASK.undo_prose(MASK.value(text)) == text


def test_no_text_of_the_crisis_has_a_stand_in_for_a_word_of_its_own() -> None:
    assert stand_ins(json.dumps(DATA)) == set()


def test_an_id_that_is_a_word_too_stays_one_in_prose() -> None:
    assert MASK.text("It gives us little; ask `us` or us-rok.") == "It gives us little; ask `ard` or ard-sel."


def test_an_empty_mask_changes_nothing() -> None:
    empty = Mask.model_validate({"day": "2017-08-23", "shown": "2017-08-23", "ids": {}, "names": {}})
    text = "On 23 August the DPRK told us-rok what 2371 means."
    assert empty.text(text) == text == empty.undo_prose(text)
    assert not empty.told_by(text)


@pytest.mark.parametrize(
    ("names", "words"),
    [({"Aland": "Bland", "Cland": "Bland"}, "more than one thing"), ({"Longland": "Bo"}, "shorter"),
     ({"Aland": "New Aland"}, "real name")],
)  # fmt: skip
def test_a_mask_that_does_not_hide_or_cannot_be_undone_is_refused(names: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Mask.model_validate({"day": "2000-01-01", "shown": "2010-01-01", "ids": {}, "names": names})


# --- whole games -----------------------------------------------------------------------------------------------------


def masked_game(out: Path, driver: str, scenario: str = "august-2017", **settings: Any) -> tuple[ScriptedModel, Run]:
    model = ScriptedModel(by_schema if driver == "model" else by_example)
    seats = dict.fromkeys(KOREA.scenarios[scenario].seats, driver)
    options = Options(out=out, open_model=lambda spec: model)
    return model, play(scenario, seats=seats, options=options, model="scripted", mask=True, **settings)


@pytest.mark.parametrize("scenario", list(KOREA.scenarios))
def test_no_prompt_and_no_schema_of_a_whole_game_names_what_is_real(tmp_path: Path, scenario: str) -> None:
    model, run = masked_game(tmp_path, "model", scenario, strategies={"": "article-package"})
    assert run.result.ended
    assert {name for text in sent(model) for name in real_names(text)} == set()
    assert {r.slot for r in model.requests} == {MASK.ids[seat] for seat in run.setup.plans}


def test_the_journal_of_a_masked_game_holds_real_ids_only(tmp_path: Path) -> None:
    _, run = masked_game(tmp_path, "model", rounds=2)
    moved = [e for e in run.events if isinstance(e, Moved)]
    assert {e.move.kind for e in moved} - {"pass"}
    assert {word for e in run.events for word in stand_ins(write_event(e))} == set()
    assert run.setup.settings.mask
    assert run.setup.crisis["mask"]


def test_a_mask_changes_nothing_of_what_a_voice_does(tmp_path: Path) -> None:
    model, run = masked_game(tmp_path / "masked", "voice:steady", rounds=1)
    assert {n for text in sent(model) for n in real_names(text)} == set()
    plain = play("august-2017", seats=dict.fromkeys(run.setup.plans, "baseline:steady"), rounds=1,
                 options=Options(out=tmp_path / "plain"))  # fmt: skip
    assert moves(run) == moves(plain)


def test_a_branch_can_put_the_mask_on_from_there(tmp_path: Path) -> None:
    model = ScriptedModel(by_schema)
    options = Options(out=tmp_path, open_model=lambda spec: model)
    seats = {"us": "model", "dprk": "baseline:steady"}
    plain = play("back-channel", seats=seats, options=options, model="scripted", rounds=2)
    assert any(real_names(text) for text in sent(model))
    model.requests.clear()
    run = asyncio.run(play_on(branch(plain.folder, "2", options, {"mask": True}), options))
    assert run.setup.settings.mask
    assert {name for text in sent(model) for name in real_names(text)} == set()


def test_a_crisis_without_a_mask_says_so() -> None:
    with pytest.raises(UsageError, match=r"crisis 'pond' has no mask\.yaml"):
        play("dam", crisis=str(POND), mask=True)
