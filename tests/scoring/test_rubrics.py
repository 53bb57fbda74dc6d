"""Rubrics as files that people add: a head that is checked with its lines, a body that judges read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roleplay.cli import run
from roleplay.errors import AuthorError, UsageError
from roleplay.scoring.rubrics import load_rubric, load_rubrics

HEAD = """---
name: mine
title: Mine
unit: line
shown: [line]
scale:
  no: not
  yes: so
counts: [yes]
---
Is it?
"""


def written(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / "evals" / "rubrics" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_rubric_of_ones_own_is_found_where_one_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, HEAD)
    monkeypatch.chdir(tmp_path)
    [found] = load_rubrics(["mine"])
    assert (found.body, list(found.scale), found.counts) == ("Is it?", ["no", "yes"], ("yes",))
    assert "mine" in [r.name for r in load_rubrics()]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("unit: line", "unit: lien", r"mine.md:4: unit: 'lien'.*did you mean 'line'"),
        ("[line]", "[line, mood]", r"mine.md:5: shown: 'mood'; allowed: line, government, post, ring"),
        ("counts: [yes]", "counts: [maybe]", r"mine.md:9: counts: 'maybe'; allowed: no, yes"),
        ("name: mine", "name: other", r"mine.md:2: name: 'other'; allowed: mine"),
        ("title: Mine\n", "", r"'title' is missing"),
        ("---\nname", "name", r"a rubric without a head"),
        ("counts", "guard: ['(']\ncounts", r"'\(' is no regular expression"),
    ],
)
def test_a_wrong_head_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = written(tmp_path, HEAD.replace(old, new, 1))
    with pytest.raises(AuthorError, match=told):
        load_rubric(path)


def test_a_rubric_that_does_not_exist_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'thret' does not exist.*\n.*'threat'"):
        load_rubrics(["thret"])


def test_rubrics_of_another_crisis_are_left_out() -> None:
    everywhere, korea = load_rubrics(crisis="strait"), load_rubrics(crisis="korea")
    assert {r.name for r in korea} - {r.name for r in everywhere} == {"precondition", "nuclear-acceptance"}


def test_rubrics_are_listed_with_where_they_lie(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "rubrics", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert len(rows) >= 15
    assert Path(rows["threat"]["path"]).read_text("utf-8").startswith("---")


def test_changing_what_a_judge_reads_changes_the_hash(tmp_path: Path) -> None:
    one = load_rubric(written(tmp_path, HEAD)).hash
    assert one != load_rubric(written(tmp_path, HEAD.replace("Is it?", "Is it so?"))).hash
    assert one == load_rubric(written(tmp_path, HEAD)).hash
