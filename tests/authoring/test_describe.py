"""Describing: every part of a crisis can be put in words, with its sources, and what is not verified is marked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay import play
from roleplay.authoring.describe import OF_ALL, describe
from roleplay.authoring.parts import KINDS
from roleplay.authoring.phrases import Phrases
from roleplay.cli import run as command
from roleplay.cli.reading import LISTS
from roleplay.crises import find_crises, load_crisis
from roleplay.crises.patterns import Condition, Pattern
from roleplay.crises.worlds import EffectRow
from roleplay.errors import AuthorError, UsageError
from roleplay.game import Options
from tests.engine.pond import POND


@pytest.mark.parametrize("crisis", find_crises())
@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_every_crisis_can_be_put_in_words(crisis: str, kind: str) -> None:
    loaded = load_crisis(crisis)
    for name in KINDS[kind].rows(loaded):
        found = describe(kind, name, loaded)
        assert found.words.strip()
        assert "None" not in found.words.replace("Nonetheless", "")
        json.dumps(found.data)


@pytest.mark.parametrize(("kind", "name"), [("baseline", "grit"), ("model", "smollm2-135m"), ("suite", "smoke")])
def test_what_belongs_to_no_crisis_can_be_put_in_words(kind: str, name: str) -> None:
    found = describe(kind, name)
    assert len(found.words.splitlines()) > 2
    json.dumps(found.data)


def test_a_run_can_be_put_in_words(tmp_path: Path) -> None:
    seats = dict.fromkeys(("heron", "otter", "newt"), "baseline:steady")
    run = play("dam", crisis=str(POND), seats=seats, rounds=1, options=Options(out=tmp_path))
    assert "A run of dam, variant 0, seed 0" in describe("run", str(run.folder)).words
    assert set(OF_ALL) == {"baseline", "model", "suite", "run"}


def test_a_kind_may_be_named_as_list_names_it() -> None:
    listed = [kind for kind in LISTS if kind != "rubrics"]
    for kind in listed:
        with pytest.raises(UsageError) as caught:
            describe(kind, "no-such-name")
        assert "kind" not in caught.value.message, kind
    assert len(listed) == len({*KINDS, *OF_ALL})
    assert describe("lenses", "article") == describe("lens", "article")


def test_a_name_that_several_crises_use_needs_its_crisis() -> None:
    with pytest.raises(UsageError, match="indicator 'tension' is in"):
        describe("indicator", "tension")
    assert describe("indicator", "tension", "korea").words
    assert describe("strategy", "free-play").words, "it is the same in all of them"


def test_what_is_not_verified_is_marked_and_every_source_is_listed() -> None:
    words = describe("scenario", "august-2017").words
    crisis = load_crisis("korea")
    rows = crisis.scenarios["august-2017"].injects
    assert words.count("[UNVERIFIED]") == sum(row.status == "unverified" for row in rows)
    for key in {key for row in rows for key in row.src}:
        assert crisis.sources[key].title in words


def test_a_variant_is_told_as_it_is_played() -> None:
    written, changed = describe("scenario", "august-2017"), describe("scenario", "august-2017", number=71)
    assert "Variants differ in:" in written.words
    assert "This variant:" in changed.words
    assert changed.data["variant"] == 71
    assert written.data["injects"] != changed.data["injects"]


@pytest.mark.parametrize(
    ("kind", "name", "crisis", "found"),
    [
        ("instrumnt", "x", None, "did you mean 'instrument'?"),
        ("instrument", "tow_vessl", "korea", "instrument 'tow_vessl' does not exist"),
        ("baseline", "hawkk", None, "did you mean 'hawk'?"),
        ("crisis", "koria", None, "did you mean 'korea'?"),
    ],
)
def test_what_does_not_exist_is_a_usage_error_that_says_what_does(
    kind: str, name: str, crisis: str | None, found: str
) -> None:
    with pytest.raises(UsageError) as error:
        describe(kind, name, crisis)
    assert found in str(error.value)


def test_a_broken_crisis_beside_it_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    (tmp_path / "crises" / "strait").mkdir(parents=True)
    (tmp_path / "crises" / "strait" / "crisis.yaml").write_text("id: strait\n")
    monkeypatch.chdir(tmp_path)
    assert "August 2017" in describe("scenario", "august-2017").words
    with pytest.raises(AuthorError, match="'title' is missing"):
        describe("scenario", "calm")
    assert command(["list", "scenarios"]) == 0
    out, err = capsys.readouterr()
    assert "august-2017" in out
    assert "'title' is missing" in err
    assert command(["list", "scenarios", "--crisis", "strait"]) == 3


def test_the_command_prints_words_or_data(capsys: Any) -> None:
    assert command(["describe", "persona", "jpn"]) == 0
    assert "What it will not accept:" in capsys.readouterr().out
    assert command(["describe", "persona", "jpn", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "jpn"
    assert command(["describe", "scenario", "august-2017", "--variant", "9999"]) == 2
    assert "august-2017 has variants 0 to" in capsys.readouterr().err
    assert command(["describe", "persona", "jpn", "--variant", "1"]) == 2


def test_patterns_conditions_and_effects_read_as_english() -> None:
    say = Phrases(load_crisis("korea"))
    threat = Pattern.model_validate({"move": "statement", "seat": ["us", "dprk"], "tone": "threat", "public": True})
    assert say.pattern(threat) == (
        "United States or Democratic People's Republic of Korea speaks in public, in the tone 'threat', in public"
    )
    test = Pattern.model_validate({"instrument": "test_icbm", "params": {"profile": "lofted"}})
    assert say.pattern(test) == "a government uses 'Test an ICBM', profile lofted"
    halt = {"in_force": {"type": "moratorium", "giver": "dprk"}, "negate": True}
    assert say.condition(Condition.model_validate(halt)) == (
        "it is not so that a clause is in force, of type Moratorium, that binds Democratic People's Republic of Korea"
    )
    assert say.condition(Condition(indicator="trust", of="dprk:us", above=20)) == "Trust (DPRK - US) is above 20"
    assert say.effect(EffectRow(indicator="trust", of="actor:target", by=-4)) == (
        "Trust (who did it and who was aimed at) falls by 4"
    )
