"""The golden journal of this format: every kind of event and every verb once, as SQL that git can show.

    uv run --no-sync python -m tests.journal.golden > tests/journal/golden-v1.sql

Only before the release that freezes version 1: from then on a golden journal is never written again, and a new version
of the format gets a new one beside it.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from roleplay.drafts import Draft, Place
from roleplay.events import everyone
from roleplay.journal import FILE, Journal, ReplyKey, StoredReply
from roleplay.moves import MOVES

SECRET = "90" * 16
SEATS = ("us", "prc", "dprk")
PUBLIC = everyone(SEATS)
CLAUSE: dict[str, Any] = {
    "parties": ["dprk"], "type": "moratorium", "object": "icbm_test", "scope": "all flights", "conditions": "none",
    "trigger": "signature", "start": "2017-09-01", "duration": {"kind": "dated", "detail": "26 weeks"},
    "verification": ["iaea", "on_site"], "on_breach": "talks end", "reversible": "snapback", "in_return_for": "2",
    "note": "“as tabled” — 동결",
}  # fmt: skip
FIELDS: dict[str, dict[str, Any]] = {
    "table": {"commitments": [CLAUSE]}, "amend": {"number": 1, "commitments": [CLAUSE, CLAUSE | {"parties": ["us"]}]},
    "accept": {"number": 1, "intends": "keep"}, "reject": {"number": 2}, "withdraw": {"number": 3},
    "renew": {"number": 1}, "consult": {"instrument": "sanction_step"}, "authorise": {"instrument": "deploy_forces"},
    "mandate": {"ring": "us-dprk", "grants": ["moratorium"]}, "open": {"ring": "us-dprk"},
    "suspend": {"ring": "six-party"}, "leave": {"ring": "six-party"}, "confide": {"ring": "us-dprk", "to": "prc"},
    "prearrange": {"ring": "us-dprk", "phrase": "fire and patience"}, "pass": {}, "vote": {"number": 1, "vote": "yes"},
    "use": {"instrument": "sanction_step", "params": {"sector": "coal", "steps": 2, "announced": True}},
    "break": {"commitment": "us-dprk/1.1"}, "renounce": {"commitment": "us-dprk/1.1"},
    "leak": {"ring": "us-dprk", "number": 1}, "announce": {"ring": "us-dprk", "number": 1},
    "statement": {"post": "leader", "audience": "world", "tone": "firm", "line": "pressure", "phrase": "patience"},
    "pledge": {"commitment": CLAUSE}, "name_official": {"post": "foreign_ministry"},
}  # fmt: skip
"""Fields of an example of each verb."""


def drafts(setup: str) -> list[Draft]:
    """One event of each kind, and one move of each verb."""
    us, ring = ("us",), ("us", "dprk")
    return [
        Draft("run", None, PUBLIC, {
            "scenario": "august-2017", "crisis": "korea", "title": "Golden", "opens": "2017-08-23", "rounds": 6,
            "seats": {"us": "United States", "prc": "China", "dprk": "North Korea"}, "rings": {"six-party": "Six"},
            "brief": "Week one.", "versions": {"journal": "1"}, "setup": setup,
        }),
        Draft("role", "us", us, {"role": {"seat": "us", "persona": {"interests": ["a", "b"]}, "votes": True}}),
        Draft("inject", None, PUBLIC, {"name": "overflight", "text": "A missile flies over.", "source": ("S1",)}),
        Draft("channel", None, ring, {"about": "us-dprk", "state": "open", "members": ring}),
        Draft("turn", "us", ring, {"text": "We hear you.", "outcome": "repaired", "exchange": 2, "post": "leader"}),
        Draft("deliberation", "us", us, {"text": "They will not hold."}),
        Draft("reasoning", "us", (), {"text": "Think."}),
        *(
            Draft("move", "us", ring, {"move": {"kind": kind, **FIELDS[kind]}, "number": {"table": 1}.get(kind)})
            for kind in MOVES
        ),
        Draft("intent", "us", us, {"about": "us-dprk", "number": 1, "intends": "depends"}),
        Draft("ruling", "us", ring, {
            "rule": "ladder", "rule_kind": "policy", "strength": "FOR-NOW", "mode": "block", "verdict": "blocked",
            "tried": {"kind": "use", "instrument": "strike"}, "why": "Two rungs at once.", "legal": "One rung.",
        }),
        Draft("deal", None, ring, {"number": 1, "parties": ring, "commitments": [CLAUSE], "form": "deal"}),
        Draft("lapse", None, ring, {"number": 2}),
        Draft("expiry", None, ring, {"commitment": "us-dprk/7.1"}),
        Draft("breach", "dprk", PUBLIC, {
            "commitment": "us-dprk/1.1", "by": "dprk", "clause": CLAUSE, "openly": False, "evidence": ("ab" * 8,),
        }),
        Draft("tally", None, PUBLIC, {
            "number": 1, "votes": {"us": "yes", "prc": "abstain"}, "by_rule": ("prc",), "adopted": True, "why": "9 yes",
        }),
        Draft("effect", None, PUBLIC, {
            "indicator": "tension", "of": "", "by": 2.5, "claim": "C4", "row": "overflight", "cause": ("cd" * 8,),
        }),
        Draft("chance", None, PUBLIC, {"name": "incident", "draw": 0.125, "probability": 0.25, "happened": True}),
        Draft("leak", None, PUBLIC, {"about": "us-dprk/1", "text": "They talk."}),
        Draft("announcement", "us", PUBLIC, {"about": "us-dprk/1", "text": "We talk."}),
        Draft("phase", None, PUBLIC, {}),
        Draft("ending", None, PUBLIC, {"ended": "truncated", "name": "time", "reason": "Six rounds were played."}),
    ]  # fmt: skip


def build(folder: Path) -> None:
    """Write the golden journal."""
    with Journal.create(folder, secret=SECRET, parent="parent@2.act") as journal:
        setup = journal.put_blob('{"settings": {"scenario": "august-2017"}}')
        place = Place(1, "talks", "us-dprk", 4, 1, "2017-08-23")
        made = [draft.make(SECRET, place, n) for n, draft in enumerate(drafts(setup))]
        journal.add(made[:4])
        journal.commit()
        sent = (("system", journal.put_blob("You are the United States.")), ("user", journal.put_blob("Your turn?")))
        journal.add_reply(
            ReplyKey(1, "talks", "us-dprk", 1, "us", 0),
            StoredReply(
                "gpt", sent, journal.put_blob("{}"), '{"text": "We hear you."}', reasoning="Think.", prompt_tokens=900,
                cached_tokens=800, completion_tokens=50, seconds=1.5, started=0.25, cost_usd=0.0125, outcome="ok",
            ),
        )  # fmt: skip
        journal.add(made[4:])
        journal.finish()


def dump() -> str:
    """The golden journal as SQL."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "golden")
        with closing(sqlite3.connect(Path(folder) / "golden" / FILE)) as db:
            return "\n".join(db.iterdump()) + "\n"


def load(path: Path, folder: Path) -> Path:
    """A run's folder from a golden journal's SQL."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.executescript(path.read_text(encoding="utf-8"))
    return folder


if __name__ == "__main__":
    sys.stdout.write(dump())
