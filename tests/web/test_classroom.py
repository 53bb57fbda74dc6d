"""What is measured before a class, by the command that a teacher types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roleplay.cli import run as command


def test_a_class_is_let_in_at_once_and_what_its_pages_and_voices_take_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    code = command(["doctor", "--class", "24", "--json"])
    checks = {row["name"]: row for row in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["pages"]["detail"].startswith("24 at once, served on this machine: half had their page after")
    assert "embedded model" in checks["voices"]["detail"]
    for row in checks.values():
        assert row["ok"] == (not row["hint"])
    assert code == (0 if all(row["ok"] for row in checks.values()) else 1)
    assert [file.name for file in tmp_path.iterdir()] == ["transcripts"]  # Nothing of the game is kept.
    assert list((tmp_path / "transcripts").iterdir()) == []
