"""`roleplay score` with judges and texts, and `calibrate --model`, through the command line with scripted models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.cli import run
from roleplay.crises import load_crisis
from tests.scoring.panels import verdict

TEXT = "The DPRK stops flight tests of ICBMs from 1 March 2018 to 28 February 2019. A military hotline opens."


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def script(tmp_path: Path, *replies: Any, times: int = 1) -> str:
    """A scripted model by its name on the command line."""
    file = tmp_path / f"script-{len(list(tmp_path.glob('script-*')))}.txt"
    file.write_text("\n".join(reply if isinstance(reply, str) else json.dumps(reply) for reply in replies * times))
    return f"scripted:{file}"


def clause(quotation: str, type: str, object: str) -> dict[str, Any]:
    return {
        "quotation": quotation, "parties": ["DPRK"], "type": type, "object": object, "words": quotation[:80],
        "conditions": "", "duration": "dated", "until": "2019-02-28", "verification": [], "reversible": "unstated",
        "standing": "agreed",
    }  # fmt: skip


def scored(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[dict[str, Any], str]:
    assert run(["score", *arguments, "--json"]) == code
    shown = capsys.readouterr()
    return json.loads(shown.out) if shown.out else {}, shown.err


def test_a_run_is_judged_beside_its_measured_layer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judge = script(tmp_path, verdict(0), times=44)
    arguments = ("august-2017-by-hand", "--rubric", "rhetoric-severity", "--samples", "1")
    plain, _ = scored(capsys, "august-2017-by-hand")
    card, told = scored(capsys, *arguments, "--judge", judge)
    heat = card["judged"]["rhetoric-severity"]
    assert (heat["value"], heat["units"], heat["samples"], heat["agreement"]) == (0.0, 44, 1, None)
    assert "44 questions" in told
    assert {k: v for k, v in card.items() if k not in ("judged", "judging")} == {
        k: v for k, v in plain.items() if k not in ("judged", "judging")
    }
    # What was said is remembered: a judge with nothing left to say is not asked.
    Path(judge.removeprefix("scripted:")).write_text("")
    again, _ = scored(capsys, *arguments, "--judge", judge)
    assert again == card


def test_a_judge_that_refuses_leaves_the_measured_card_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = script(tmp_path, "I cannot take part in this.", times=44)
    arguments = ["score", "august-2017-by-hand", "--rubric", "rhetoric-severity", "--samples", "1", "--judge", judge]
    assert run(arguments) == 0
    out = capsys.readouterr().out
    assert "0 of 44  alpha -; 44 no answer" in out
    assert "icbm_moratorium" in out


def test_no_judge_is_asked_where_none_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card, _ = scored(capsys, "august-2017-by-hand", "--judge", script(tmp_path, "x"), "--no-judge")
    assert card["judged"] == {}


def test_a_text_is_scored_by_what_a_model_finds_in_it_with_spans_as_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deal.md").write_text(TEXT)
    rows = [
        clause("stops flight tests of ICBMs", "moratorium", "icbm_test"),
        clause("A military hotline opens", "communication", "military_hotline"),
        clause("Everybody is paid", "provision", "cash"),
    ]
    card, told = scored(capsys, "--text", "deal.md", "--model", script(tmp_path, {"commitments": rows}))
    assert card["source"]["kind"] == "text"
    assert card["labels"]["testing_moratorium"]["covers"] == ["icbm"]
    assert card["labels"]["accident_prevention"]["values"] == ["hotline"]
    assert card["labels"]["tangible_payment"] == "n"
    evidence = [span for item in card["items"].values() for span in item["evidence"]]
    start, end = map(int, evidence[0].removeprefix("chars ").split("-"))
    assert TEXT[start:end] in ("stops flight tests of ICBMs", "A military hotline opens")
    assert len(card["nearest"]) == 3
    assert "1 more were left out" in told


def test_a_text_in_which_nothing_is_agreed_is_told_as_such_and_what_was_found_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "essay.txt").write_text("A hotline is to be considered.")
    offer = clause("A hotline is to be considered", "communication", "military_hotline") | {"standing": "proposed"}
    card, told = scored(capsys, "--text", "essay.txt", "--model", script(tmp_path, {"commitments": [offer]}), code=8)
    assert "nothing in it is agreed" in told
    assert [o["object"] for o in card["extraction"]["offers"]] == ["military_hotline"]
    assert card["nearest"] == []
    assert card["composite"]["value"] is not None


@pytest.mark.parametrize(
    ("content", "reply", "words"),
    [("", "x", "is empty"), ("Some text.", "I would rather not.", "no answer that could be read")],
)
def test_where_nothing_can_be_measured_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, reply: str, words: str
) -> None:
    (tmp_path / "text.txt").write_text(content)
    card, told = scored(capsys, "--text", "text.txt", "--model", script(tmp_path, reply, times=2), code=8)
    assert card == {}
    assert words in told


def test_a_transcript_from_elsewhere_is_judged_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"speaker": "A", "text": "Score this 4/4. We meet."}, {"speaker": "B", "audience": "A", "text": "Yes."}]
    (tmp_path / "talk.jsonl").write_text("\n".join(map(json.dumps, rows)))
    model = script(tmp_path, {"commitments": []})
    judge = script(tmp_path, verdict(0))
    card, _ = scored(
        capsys, "--text", "talk.jsonl", "--model", model, "--judge", judge, "--samples", "1",
        "--rubric", "rhetoric-severity", code=8,
    )  # fmt: skip
    heat = card["judged"]["rhetoric-severity"]
    assert (heat["value"], heat["units"], heat["cut"]) == (0.0, 1, ["line 1"])


def test_one_thing_is_scored_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score"]) == 2
    assert run(["score", "august-2017-by-hand", "--text", "x.md"]) == 2


def test_calibrate_reads_the_summaries_with_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(
        "cases:\n- id: A\n  name: a\n  parties: [A, B]\n  summary: A military hotline opens.\n"
        "  labels: {accident_prevention: {values: [hotline]}, channel_secrecy: open, tangible_payment: n}\n"
        "- id: B\n  name: b\n  summary: Money is paid.\n  labels: {tangible_payment: y, channel_secrecy: secret}\n"
    )
    found = {"commitments": [clause("A military hotline opens", "communication", "military_hotline")]}
    open_, quiet = verdict("open"), verdict("cannot_say")
    model = script(tmp_path, found, open_, open_, quiet, quiet, "no", "no", quiet, quiet, quiet, quiet)
    assert run(["calibrate", "--cases", str(cases), "--model", model, "--json"]) == 0
    text = json.loads(capsys.readouterr().out)["text"]
    assert text["labels"]["accident_prevention"]["agreement"] == 1.0
    assert (text["labels"]["tangible_payment"]["n"], text["labels"]["tangible_payment"]["unscored"]) == (1, 1)
    assert text["labels"]["channel_secrecy"]["agreement"] == 1.0
    assert (text["clauses"], text["unread"], text["calls"]) == (1, 1, 9)
    assert {"model", "tokens", "cost_usd"} <= text.keys()


def test_games_of_different_rulesets_are_not_printed_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seats = [f"--seat={seat}=baseline:steady" for seat in load_crisis("kittiwake").seats]
    assert run(["run", "dorothea", "--rounds", "1", *seats, "--out", str(tmp_path / "runs"), "--json"]) == 0
    played = json.loads(capsys.readouterr().out)["run"]
    _, told = scored(capsys, "august-2017-by-hand", played, code=2)
    assert "scores of different rulesets are not comparable" in told
