"""Agreement with labelled cases: counts, kappa only where it says something, baselines, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roleplay.cli import run
from roleplay.resources import find_resources
from roleplay.scoring.calibration import agreement, values


def test_kappa_stands_only_where_two_values_have_four_cases() -> None:
    few = agreement([("y", "y")] * 15 + [("n", "n")] * 3)
    assert (few["agreement"], few["kappa"], few["low"]) == (1.0, None, None)
    enough = agreement([("y", "y")] * 14 + [("n", "n")] * 4)
    assert enough["kappa"] == pytest.approx(1.0)
    assert 0.3 < enough["low"] < 0.7


def test_kappa_is_cohens() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreement 0.7, by chance 0.5, so 0.4.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = agreement(pairs)
    assert found["kappa"] == pytest.approx(0.4)
    assert found["low"] < 0.4 < found["high"]
    assert {"labelled": "y", "found": "n", "n": 5} in found["confusion"]


def test_what_was_left_unscored_is_counted_and_is_no_disagreement() -> None:
    found = agreement([("y", "y"), ("y", None), ("n", None)])
    assert (found["n"], found["agreement"], found["unscored"]) == (1, 1.0, 2)
    assert agreement([("y", None)])["agreement"] is None


def test_sets_are_compared_whole_and_in_no_order() -> None:
    one = values(
        {"zone_limits": {"values": ["b", "a"], "note": "as first written"}, "testing_moratorium": {"scope": "full"}}
    )
    assert one == {"zone_limits": "a + b", "testing_moratorium": "full"}


def test_the_command_prints_one_document_in_the_fixed_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calibrate", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["cases"], data["text"]) == (18, None)
    row = data["typed"]["labels"]["denuclearization_kept_as_goal"]
    assert {"n", "agreement", "kappa", "low", "high"} <= row.keys()
    assert row["baselines"]["majority"] < 1 == row["agreement"]
    members = data["typed"]["labels"]["accident_prevention"]["members"]
    assert members["joint_commission"]["kappa"] == 1.0
    assert members["joint_commission"]["counts"]["labelled"] == {"y": 5, "n": 13}
    assert members["caution_area"]["kappa"] is None


def test_accords_that_are_not_in_the_file_are_measured_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "meta: {any: thing}\ncases:\n- id: M1\n  name: mine\n  parties: [A, B]\n  summary: A hotline.\n  colour: blue\n"
        "  commitments:\n  - {party: [A, B], type: communication, object: hotline, duration: {kind: open}}\n"
        "  labels: {accident_prevention: {values: [liaison_office], note: wrong}, alliance_traded: n,\n"
        "    exercises_traded: null}\n"
    )
    assert run(["calibrate", "--cases", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "M1: accident_prevention is labelled 'liaison_office', found 'hotline'" in shown
    assert "0.50 of 2 labels agree" in shown


def test_the_committed_results_are_those_of_the_measured_layer_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    kept = json.loads(
        (find_resources("evals")[0].path / "calibration" / "results-smollm2-135m.json").read_text("utf-8")
    )
    assert run(["calibrate", "--json"]) == 0
    assert kept["typed"] == json.loads(capsys.readouterr().out)["typed"]
    assert (kept["text"]["model"], kept["text"]["n"]) == ("smollm2-135m", 262)
