from __future__ import annotations

import sys
from pathlib import Path

import pytest

from roleplay.errors import AuthorError, UsageError
from roleplay.models.scripted import ScriptedModel
from roleplay.seats import AnySeat, AskingSeat, Seat
from roleplay.seats.baseline import Baseline
from roleplay.seats.drivers import DRIVERS, DriverSpec, Makings, build_driver, parse_driver
from roleplay.seats.python import python_seat
from roleplay.seats.script import Script
from roleplay.seats.voice import Voice

from .toy import Toy


def build(text: str, seat: str = "arl") -> AnySeat:
    return build_driver(parse_driver(text), Makings(seat, lambda: ScriptedModel([]), variant=2, seed=3))


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "kind", "argument"), [
    ("model", "model", None), ("model:gpt-oss:20b", "model", "gpt-oss:20b"), ("voice:steady", "voice", "steady"),
    ("script:games/one.yaml", "script", "games/one.yaml"), ("baseline:tit-for-tat", "baseline", "tit-for-tat"),
    ("python:mybots.careful:Careful", "python", "mybots.careful:Careful"), (" model ", "model", None),
])  # fmt: skip
def test_a_driver_is_a_kind_and_an_argument(text: str, kind: str, argument: str | None) -> None:
    spec = parse_driver(text)
    assert spec == DriverSpec(kind, argument)
    assert str(spec) == text.strip()


@pytest.mark.parametrize(("text", "message"), [
    ("robot", "driver 'robot' does not exist; there is model, model:NAME, voice:NAME"),
    ("", "driver '' does not exist"),
    ("baseline", "lacks its name: write baseline:NAME"),
    ("voice:", "lacks its name: write voice:NAME"),
    ("model:", "lacks its name: write model, model:NAME"),
    ("human:ann", "takes no name"),
    ("http:x", "takes no name"),
])  # fmt: skip
def test_a_driver_that_does_not_exist_is_refused_with_what_there_is(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_driver(text)
    assert message in str(caught.value)


def test_internal_kinds_are_not_offered() -> None:
    with pytest.raises(UsageError) as caught:
        parse_driver("robot")
    assert "object" not in str(caught.value)
    assert "object" in DRIVERS


# --- building --------------------------------------------------------------------------------------------------------


def test_a_baseline_is_built_with_seed_and_variant() -> None:
    seat = build("baseline:hawk")
    assert isinstance(seat, Baseline)
    assert (seat.profile.id, seat.seed, seat.variant) == ("hawk", 3, 2)


def test_voices_and_models_are_asking_seats_with_a_model() -> None:
    assert isinstance(build("voice:dove"), Voice)
    for text in ("voice:dove", "model"):
        assert isinstance(build(text), AskingSeat)


def test_only_those_that_need_a_model_open_one() -> None:
    def refuse() -> ScriptedModel:
        raise AssertionError("opened")

    build_driver(parse_driver("baseline:dove"), Makings("arl", refuse, variant=0, seed=0))
    with pytest.raises(AssertionError, match="opened"):
        build_driver(parse_driver("voice:dove"), Makings("arl", refuse, variant=0, seed=0))


def test_a_script_must_know_its_seat(tmp_path: Path) -> None:
    path = tmp_path / "game.yaml"
    path.write_text("seats:\n  arl:\n    - {round: 1, phase: act}\n", encoding="utf-8")
    assert isinstance(build(f"script:{path}"), Script)
    with pytest.raises(UsageError, match=r"has no turns for bor; it has arl"):
        build(f"script:{path}", "bor")
    with pytest.raises(AuthorError):
        build(f"script:{tmp_path / 'none.yaml'}")


def test_an_unknown_profile_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="baseline 'nobody' does not exist"):
        build("baseline:nobody")


def test_a_run_played_by_an_object_says_so_when_it_is_resumed_without_it() -> None:
    with pytest.raises(UsageError, match=r"seat arl was played by an object of the caller's \(Careful\)"):
        build("object:Careful")


# --- somebody's own program ------------------------------------------------------------------------------------------

BOT = """\
from roleplay.moves import Turn

class Careful:
    def decide(self, view):
        return Turn(text=f"{view.seat} waits.")

class Needy:
    def __init__(self, what):
        self.what = what
    def decide(self, view):
        return Turn()

ready = Careful()
number = 7
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot_of_mine.py").write_text(BOT, encoding="utf-8")
    (tmp_path / "bot_with_typo.py").write_text("def decide(:\n", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "bot_of_mine", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["Careful", "ready"])
def test_a_class_or_an_object_of_the_working_directory_plays(here: Path, name: str) -> None:
    before = list(sys.path)
    seat = build(f"python:bot_of_mine:{name}")
    assert isinstance(seat, Seat)
    turn = seat.decide(Toy().see("arl", 1, "act"))
    assert getattr(turn, "text", "") == "arl waits."
    assert sys.path == before, "the working directory is on the path for the import only"


@pytest.mark.parametrize(("argument", "message"), [
    ("bot_of_mine", "write python:MODULE:NAME"),
    ("bot_of_mine:", "write python:MODULE:NAME"),
    ("no_such_bot:Careful", "does not import"),
    ("bot_with_typo:Careful", "bot_with_typo.py:1: "),
    ("bot_of_mine:Carful", "the module has no Carful; it has Turn, Careful, Needy, ready, number"),
    ("bot_of_mine:number", "number has no method decide(view)"),
    ("bot_of_mine:Turn", "Turn has no method decide(view)"),
    ("bot_of_mine:Needy", "cannot be made without arguments"),
])  # fmt: skip
def test_what_cannot_play_is_refused_plainly(here: Path, argument: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        python_seat(argument)
    assert message in str(caught.value)
