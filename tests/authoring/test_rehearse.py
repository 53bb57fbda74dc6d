"""Rehearsals: games between baselines are counted, and what never came about in them is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from roleplay.authoring.rehearse import rehearse
from roleplay.cli import run as command
from tests.engine.pond import POND


def test_a_rehearsal_counts_what_happened_and_tells_what_never_did() -> None:
    found = rehearse(POND, 3)
    assert found.games == 3
    assert sum(found.endings.values()) == 3
    assert found.injects["letter"] == 3
    assert set(found.seats) == {"heron", "otter", "newt"}
    never = [name for name, times in found.instruments.items() if not times]
    assert [w for w in found.warnings if w.startswith("instrument")] == [
        f"instrument '{n}' was never used" for n in never
    ]
    assert "indicator 'tension' never moved" not in found.warnings


def test_rehearsals_of_the_same_crisis_find_the_same() -> None:
    assert rehearse(POND, 2) == rehearse(POND, 2)


def test_the_command_prints_counts_and_warnings(capsys: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(["rehearse", str(POND), "--runs", "1", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {"injects", "endings", "indicators", "warnings"} <= set(data)
    assert data["indicators"]["tension"]["values"] == 1
    assert list(tmp_path.iterdir()) == []
