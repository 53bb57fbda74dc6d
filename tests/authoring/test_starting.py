"""New files: what `roleplay new` writes validates, can be played at once, and tells editors its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.authoring.rehearse import rehearse
from roleplay.authoring.starting import KINDS, start
from roleplay.cli import run as command
from roleplay.crises import find_crises, load_crisis
from roleplay.crises.validation import validate_path
from roleplay.errors import UsageError
from roleplay.experiments.suites import load_suite


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_crisis_validates_and_rehearses_at_once(here: Path) -> None:
    folder = start("crisis", "strait")
    assert folder == here / "crises" / "strait"
    assert validate_path(folder) == []
    assert list(load_crisis("strait").scenarios) == ["strait-opening"]
    found = rehearse("strait", 4)
    assert sum(found.endings.values()) == 4
    assert all(found.seats.values())


def test_every_file_of_a_new_crisis_is_commented_and_names_a_schema_that_is_there(here: Path) -> None:
    for path in start("crisis", "strait").rglob("*.yaml"):
        first, second = path.read_text().splitlines()[:2]
        head, _, schema = first.partition("$schema=")
        assert head == "# yaml-language-server: "
        assert json.loads((path.parent / schema).read_text())["properties"]
        assert second.startswith("# ")


@pytest.mark.parametrize("name", find_crises())
def test_a_crisis_that_ships_can_be_copied_and_its_scenarios_keep_out_of_each_others_way(here: Path, name: str) -> None:
    original = load_crisis(name)
    folder = start("crisis", "mine", name)
    assert validate_path(folder) == []
    copy = load_crisis("mine")
    assert set(copy.scenarios) == {f"mine-{s}" for s in original.scenarios}
    assert copy.personas == original.personas


def test_parts_go_into_the_users_crisis_or_beside_one_that_ships(here: Path) -> None:
    start("crisis", "strait")
    assert start("strategy", "firm") == here / "crises" / "strait" / "strategies" / "firm.yaml"
    assert start("scenario", "spring") == here / "crises" / "strait" / "scenarios" / "spring.yaml"
    assert start("scenario", "autumn", "august-2017") == here / "crises" / "korea" / "scenarios" / "autumn.yaml"
    assert start("strategy", "bold", None, "korea") == here / "crises" / "korea" / "strategies" / "bold.yaml"
    assert start("persona", "jpn", None, "korea") == here / "crises" / "korea" / "personas" / "jpn.yaml"
    assert load_suite(str(start("suite", "mine"))).id == "mine"
    assert [validate_path(here / "crises" / name) for name in ("strait", "korea")] == [[], []]
    assert {"autumn", "august-2017"} <= set(load_crisis("korea").scenarios)


def test_a_dossier_can_be_written_for_a_crisis_that_lacks_it(here: Path) -> None:
    (start("crisis", "strait") / "personas" / "isles.yaml").unlink()
    path = start("persona", "isles")
    assert validate_path(path) == []
    assert load_crisis("strait").personas["isles"].name == "The Isles"


@pytest.mark.parametrize(
    ("kind", "name", "like", "crisis", "found"),
    [
        ("crysis", "x", None, None, "did you mean 'crisis'?"),
        ("crisis", "../x", None, None, "cannot be used"),
        ("crisis", "strait", None, None, "exists already"),
        ("crisis", "x", "strati", None, "did you mean 'strait'?"),
        ("persona", "west", None, "strait", "has no seat 'west'; there is north, south, isles"),
        ("persona", "north", None, "strait", "exists already"),
        ("scenario", "x", "spring", None, "there is"),
        ("suite", "x", "smok", None, "did you mean 'smoke'?"),
    ],
)
def test_what_cannot_be_written_says_why(
    kind: str, name: str, like: str | None, crisis: str | None, found: str
) -> None:
    start("crisis", "strait")
    with pytest.raises(UsageError) as error:
        start(kind, name, like, crisis)
    assert found in str(error.value)


def test_which_crisis_is_asked_where_there_is_more_than_one(here: Path) -> None:
    with pytest.raises(UsageError, match="--crisis"):
        start("strategy", "bold")


def test_the_command_prints_where_it_wrote(here: Path, capsys: Any) -> None:
    assert command(["new", "crisis", "strait", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(here / "crises" / "strait")}
    assert set(KINDS) == {"crisis", "persona", "scenario", "strategy", "suite"}
