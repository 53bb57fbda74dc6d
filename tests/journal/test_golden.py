"""Journals of every format that was ever released are read by this program."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from roleplay import ledger, world
from roleplay.events import PUBLIC, Breach, Deal, Moved, Role, Spoken
from roleplay.journal import Journal, ReplyKey
from roleplay.journal.verify import verify
from roleplay.views import AFTER, view
from roleplay.world import Bounds

from .damaging import rows_of
from .golden import build, load

HERE = Path(__file__).parent
GOLDEN = sorted(HERE.glob("golden-v*.sql"))


def test_there_is_a_golden_journal() -> None:
    assert [path.name for path in GOLDEN] == ["golden-v1.sql"]


def test_the_golden_journal_of_this_format_is_what_the_program_writes(tmp_path: Path) -> None:
    """Regenerate it before version 1 is released; after that, a change here needs a new version and an upcast."""
    build(tmp_path / "new")
    assert rows_of(tmp_path / "new") == rows_of(load(GOLDEN[-1], tmp_path / "run"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_journal_verifies_and_can_be_gone_on_with(path: Path, tmp_path: Path) -> None:
    run = load(path, tmp_path / "run")
    assert verify(run).damage == []
    Journal.open(run, write=True).close()
    assert verify(run).damage == []


def test_version_1_says_what_it_said(tmp_path: Path) -> None:
    with Journal.open(load(HERE / "golden-v1.sql", tmp_path / "run")) as journal:
        events = journal.events
        reply = journal.replies[ReplyKey(1, "talks", "us-dprk", 1, "us", 0)]
        assert [journal.blob(hash) for _, hash in reply.messages] == ["You are the United States.", "Your turn?"]
    kinds = Counter(getattr(event, "kind", "") for event in events)
    assert (len(kinds), len(events), kinds["move"]) == (21, 44, 24)
    assert [e.text for e in events if isinstance(e, Spoken)] == ["We hear you."]
    assert [e.role["votes"] for e in events if isinstance(e, Role)] == [True]
    assert {e.move.kind for e in events if isinstance(e, Moved)} >= {"table", "use", "name_official", "break"}
    (deal,) = (e for e in events if isinstance(e, Deal))
    assert deal.commitments[0].note == "“as tabled” — 동결"
    assert [e.by for e in events if isinstance(e, Breach)] == ["dprk"]
    assert (reply.reasoning, reply.cost_usd, reply.cached_tokens) == ("Think.", 0.0125, 800)


def test_version_1_folds_as_it_did(tmp_path: Path) -> None:
    with Journal.open(load(HERE / "golden-v1.sql", tmp_path / "run")) as journal:
        events = journal.events
    assert {e.id: e.status for e in ledger.fold(events).entries.values()} == {"us-dprk/1.1": "broken"}
    state = world.fold(events, {"tension": Bounds(0, 100, 50)})
    assert state.value("tension") == 52.5
    assert state.rings["us-dprk"].open
    assert [act.params for act in state.acts] == [{"sector": "coal", "steps": 2, "announced": True}]
    assert not any(event.seat == "us" and "public" not in event.readers for event in view(events, PUBLIC, AFTER).events)
