"""The fixture game as Markdown and as a replay, word for word.

Regenerate with: REGENERATE=1 uv run pytest tests/transcripts/test_golden.py
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from roleplay.transcripts.export import export
from roleplay.transcripts.record import RunRecord
from roleplay.transcripts.replay import show_replay

GOLDEN = Path(__file__).parent / "golden"


def replay_text(record: RunRecord) -> str:
    file = io.StringIO()
    show_replay(record, Console(file=file, width=80, color_system=None))
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


@pytest.mark.parametrize("view", ["omniscient", "rok"])
@pytest.mark.parametrize("form", ["md", "txt"])
def test_the_transcript_is_the_golden_one(record: RunRecord, view: str, form: str) -> None:
    seen = record if view == "omniscient" else record.as_seat(view)
    found = export(seen, "md") if form == "md" else replay_text(seen)
    path = GOLDEN / f"late-august.{view}.{form}"
    if os.environ.get("REGENERATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")
