"""The commands of a batch, typed as a user would."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from roleplay.cli import run
from roleplay.cli.watching import table
from roleplay.experiments.runner import Progress
from tests.promises.endpoint import Endpoint


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def done(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = run(list(words))
    return code, capsys.readouterr().out


def test_a_dry_run_says_what_it_would_play_and_plays_nothing(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = done(capsys, "eval", "article-135m", "--dry-run", "--json")
    guess = json.loads(out)
    assert code == 0
    assert guess["games"] == 19
    assert guess["calls"] > 100
    assert guess["path_calls"] > 1
    assert guess["seconds"] == guess["calls"] * guess["seconds_a_call"], "an embedded model answers one call at a time"
    assert set(guess["arms"]) == {"tough-only", "package", "floor", "ceiling"}
    assert not list(there.iterdir())


def test_a_batch_is_played_reported_packed_and_not_played_again(
    there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("tiny.yaml").write_text(TINY, "utf-8")
    code, out = done(capsys, "eval", "tiny.yaml", "--out", "b", "--junit", "j.xml", "--json")
    first = json.loads(out)
    assert (code, first["runs"]["planned"], first["runs"]["finished"]) == (7, 3, 3)
    assert [gate["held"] for gate in first["gates"]] == [True, False]
    assert 'failures="1"' in Path("j.xml").read_text("utf-8")
    again = json.loads(done(capsys, "eval", "tiny.yaml", "--out", "b", "--json")[1])
    assert (again["runs"]["reused"], again["calls"], again["cost_usd"]) == (3, 0, 0)
    paths = json.loads(done(capsys, "report", "b", "--json")[1])
    assert {Path(path).suffix for path in paths.values()} == {".html", ".json", ".csv"}
    told = json.loads(Path(paths["json"]).read_text("utf-8"))["forecast"]
    assert told["calls"] == "0 foretold, 0 made"
    assert told["seconds"].startswith("0 foretold, ")
    packed = json.loads(done(capsys, "bundle", "b", "--json")[1])
    assert Path(packed["path"]).is_file()
    assert done(capsys, "report", packed["path"], "--out", "again.html")[0] == 0
    assert Path("again.html").read_bytes() == Path(paths["html"]).read_bytes()
    assert json.loads(done(capsys, "power", "tiny.yaml", "--from", "b", "--json")[1])["comparisons"]
    assert done(capsys, "export", "b", "--format", "inspect", "--out", "logs")[0] == 0
    assert len(list(Path("logs").iterdir())) == 3


TINY = """
id: tiny
title: Tiny
question: Does it work?
scenario: back-channel
variants: [0]
base: {rounds: 1, seats: {us: baseline:steady, dprk: baseline:defiant}}
factors: {play: {plain: {}, hawkish: {seats: {us: baseline:hawk}}}}
control: plain
outcomes: {composite: {of: composite, low: -200, high: 100}}
primary: composite
smallest_effect: 5
gates: [composite <= 100, composite >= 100]
"""


def test_a_primary_outcome_that_no_game_has_is_told_and_what_was_played_is_kept(
    there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TINY.replace("{of: composite, ", "{of: 'metric:leaks:nowhere', ").split("gates:")[0]
    Path("tiny.yaml").write_text(text, "utf-8")
    code = run(["eval", "tiny.yaml", "--out", "b", "--json"])
    told = capsys.readouterr()
    assert code == 8
    assert json.loads(told.out)["runs"]["finished"] == 3
    assert "no game has the primary outcome 'composite'" in told.err
    assert "tiny.yaml:6: variants: one game an arm: no mean gets an interval" in told.err
    assert done(capsys, "report", "b")[0] == 0
    assert "No game has the primary outcome" in Path("b/report.html").read_text("utf-8")


def test_a_suite_that_asks_for_the_impossible_plays_nothing(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("tiny.yaml").write_text(TINY.replace("composite >= 100]", "'metric:khan <= 3']"), "utf-8")
    assert run(["eval", "tiny.yaml", "--out", "b"]) == 3
    assert "tiny.yaml:13: gates.1: metric 'khan' does not exist" in capsys.readouterr().err
    assert not Path("b").exists()


@pytest.mark.parametrize("peek", [False, True])
def test_means_are_hidden_while_a_batch_runs_unless_asked_for(peek: bool) -> None:
    progress = Progress(planned=4, buckets={"plain": {"scored": 2}}, sums={"plain": (14.0, 2)}, running={"plain.v1"})
    console = Console(width=200, record=True, file=StringIO())
    console.print(table(progress, "Tiny", {"plain": 4}, peek))
    shown = console.export_text()
    assert "plain.v1" in shown
    assert ("7.0 (n=2)" in shown) is peek


def test_an_unknown_suite_or_batch_is_told(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert done(capsys, "eval", "nothing")[0] == 2
    assert done(capsys, "report", "nothing")[0] == 2


def test_what_stops_a_batch_is_told_with_the_command_that_goes_on_with_the_same_model(
    there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["eval", "throughput", "--model", "a b", "--base-url", "http://127.0.0.1:1/v1", "--out", "b"]
    assert run([*words, "--max-tokens", "1"]) == 5
    again = "roleplay eval throughput --model 'a b' --base-url http://127.0.0.1:1/v1 --out b --max-tokens 1"
    assert capsys.readouterr().err.rstrip().endswith(f"raise the cap, then go on with: {again}")


def test_a_key_that_is_refused_is_told_with_its_own_advice_and_the_command_that_goes_on(
    there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Endpoint(lambda body, http: http.refuse(401)) as endpoint:
        again = ["eval", "throughput", "--model", "a", "--base-url", endpoint.url, "--out", "b", "--concurrency", "1"]
        assert run(again) == 4
    advice = "what was played is kept; check the key, and that it is for this place, then go on with:"
    assert capsys.readouterr().err.rstrip().endswith(f"{advice} roleplay {' '.join(again)}")
