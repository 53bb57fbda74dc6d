"""Batches for other tools: an archive that reports the same again, and logs that Inspect reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from inspect_ai.log import bundle_log_dir, read_eval_log

from roleplay.errors import UsageError
from roleplay.experiments.batch import Batch
from roleplay.experiments.bundle import opened, write_bundle
from roleplay.experiments.inspect_log import write_inspect
from roleplay.experiments.report import write_report
from tests.experiments.pond import Scorer, play, suite


def test_a_bundle_reports_the_same_bytes_again(six: Path, tmp_path: Path) -> None:
    with Batch.read(six) as batch:
        path, sha256 = write_bundle(batch, tmp_path / "six.zip")
        before = {p.suffix: p.read_bytes() for p in write_report(batch).values()}
        assert write_bundle(batch, tmp_path / "again.zip")[1] == sha256
    with opened(str(path)) as unpacked:
        after = {p.suffix: p.read_bytes() for p in write_report(unpacked).values()}
    assert before == after


def test_what_is_no_bundle_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("no")
    with pytest.raises(UsageError, match="is no bundle"), opened(str(tmp_path / "x.zip")):
        pass


def logs(folder: Path, out: Path) -> list[Path]:
    with Batch.read(folder) as batch:
        return write_inspect(batch, out)


def test_a_log_an_arm_holds_every_game_and_our_intervals(six: Path, tmp_path: Path) -> None:
    paths = logs(six, tmp_path)
    assert [p.read_bytes() for p in paths] == [p.read_bytes() for p in logs(six, tmp_path / "again")]
    log = json.loads(paths[0].read_text("utf-8"))
    assert list(log) == ["version", "status", "eval", "plan", "results", "stats", "samples"]
    assert [s["id"] for s in log["samples"]] == log["eval"]["dataset"]["sample_ids"]
    assert {"mean", "low_95", "high_95"} <= set(log["results"]["scores"][0]["metrics"])


def test_lost_games_are_errors_and_never_dropped(tmp_path: Path) -> None:
    play(tmp_path / "b", scorer=Scorer(choke="plain.v1"))
    samples = json.loads(logs(tmp_path / "b", tmp_path / "i")[0].read_text("utf-8"))["samples"]
    assert [("error" in s, bool(s["scores"])) for s in samples] == [(False, True), (True, False)]


def test_the_real_package_reads_the_same_counts_and_scores(tmp_path: Path) -> None:
    play(tmp_path / "b", suite(variants="6"), Scorer(choke="plain.v1"))
    for path in logs(tmp_path / "b", tmp_path / "logs"):
        raw, log = json.loads(path.read_text("utf-8")), read_eval_log(str(path))
        scored = [s for s in log.samples or () if not s.error]
        assert log.results is not None
        assert (log.results.total_samples, log.results.completed_samples) == (6, len(scored))
        assert len(log.samples or ()) == 6
        values = [s.scores["score"].as_float() for s in scored if s.scores]
        assert values == [s["scores"]["score"]["value"] for s in raw["samples"] if "error" not in s]
        metrics = log.results.scores[0].metrics
        assert metrics["mean"].value == pytest.approx(sum(values) / len(values))


def test_the_real_package_bundles_them_for_its_viewer(six: Path, tmp_path: Path) -> None:
    paths = logs(six, tmp_path / "logs")
    bundle_log_dir(str(tmp_path / "logs"), str(tmp_path / "page"))
    assert (tmp_path / "page" / "index.html").is_file()
    assert {path.name for path in paths} <= {path.name for path in (tmp_path / "page" / "logs").iterdir()}
