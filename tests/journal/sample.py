"""A realistic run without a game: six big role sheets, then turns with their replies, one transaction each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from roleplay.drafts import Draft, Place
from roleplay.events import Event, Key, everyone
from roleplay.journal import Journal, ReplyKey, StoredReply
from roleplay.moves import Phase

SECRET = "5ec2e7" + "0" * 26
SEATS = ("us", "rok", "jpn", "prc", "rus", "dprk")
RINGS = ("us-rok", "us-jpn", "us-prc", "six-party", "us-dprk")
WORDS = (
    "the", "moratorium", "on", "tests", "sanctions", "verification", "talks", "channel", "secret", "allies", "pressure",
    "freeze", "crisis", "envoy", "trust", "угода", "협상", "谈判", "—", "“terms”", "table", "reject", "week", "council",
)  # fmt: skip

Step = tuple[list[tuple[Key, Event]], tuple[ReplyKey, StoredReply] | None]


def words(rng: random.Random, count: int) -> str:
    """So many words of talk."""
    return " ".join(rng.choices(WORDS, k=count))


def opening(journal: Journal, rng: random.Random, role_words: int) -> list[tuple[Key, Event]]:
    """The set-up, a role sheet a seat, the rings and two indicators."""
    public = everyone(SEATS)
    setup = journal.put_blob('{"settings": {}}')
    drafts = [
        Draft("run", None, public, {
            "scenario": "august-2017", "crisis": "korea", "title": "August 2017", "opens": "2017-08-23", "rounds": 6,
            "seats": {seat: seat.upper() for seat in SEATS}, "rings": {ring: ring for ring in RINGS},
            "brief": words(rng, 60), "versions": {"journal": "1"}, "setup": setup,
        }),
        *(Draft("role", s, (s,), {"role": {"seat": s, "dossier": words(rng, role_words)}}) for s in SEATS),
        *(Draft("channel", None, public, {"about": ring, "state": "open", "members": SEATS}) for ring in RINGS),
    ]  # fmt: skip
    place = Place(0, "setup", None, -1, 0, "2017-08-23")
    return [draft.make(SECRET, place, n) for n, draft in enumerate(drafts)]


def clause(object: str) -> dict[str, object]:
    """One clause of a proposal."""
    return {
        "parties": ["dprk"], "type": "moratorium", "object": object, "duration": "26 weeks", "verification": ["iaea"],
        "in_return_for": "exercises", "scope": "long-range",
    }  # fmt: skip


def steps(journal: Journal, *, turns: int, role_words: int = 4500, seed: int = 0) -> Iterator[Step]:
    """The transactions of a run: its opening, then one turn after the other; every tenth turn closes a phase."""
    rng = random.Random(seed)
    yield opening(journal, rng, role_words), None
    system = journal.put_blob(words(rng, 2000))
    schema = journal.put_blob('{"type": "object"}')
    for number in range(turns):
        round, rest = divmod(number, 120)
        phase: Phase = "talks" if rest < 100 else "act" if rest < 110 else "speak"
        seat, ring = SEATS[number % 6], RINGS[number % 5] if phase == "talks" else None
        place = Place(round + 1, phase, ring, RINGS.index(ring) if ring else -1, rest + 1, "2017-08-30")
        readers = SEATS if ring else everyone(SEATS)
        entries = [draft.make(SECRET, place, n) for n, draft in enumerate(_turn(rng, seat, readers, number))]
        if rest % 10 == 9:
            closing = Place(round + 1, phase, None, -1, 1000 + rest, "2017-08-30")
            entries += [draft.make(SECRET, closing, n) for n, draft in enumerate(_settled(entries[0][1].id, rest))]
        key = ReplyKey(round + 1, phase, ring or "-", rest + 1, seat, 0)
        messages = (("system", system), ("user", journal.put_blob(words(rng, 120))))
        yield entries, (key, StoredReply("scripted", messages, schema, words(rng, 100), prompt_tokens=900))


def _turn(rng: random.Random, seat: str, readers: tuple[str, ...], number: int) -> Iterator[Draft]:
    yield Draft("turn", seat, readers, {"text": words(rng, 70), "outcome": "ok"})
    yield Draft("deliberation", seat, (seat,), {"text": words(rng, 40)})
    match number % 4:
        case 0:
            move = {"kind": "table", "commitments": [clause("icbm"), clause("nuclear_test")]}
            yield Draft("move", seat, readers, {"move": move, "number": 1 + number // 5 % 90})
        case 1:
            yield Draft("move", seat, readers, {"move": {"kind": "accept", "number": 1 + number // 5 % 90}})
        case 2:
            yield Draft("move", seat, readers, {"move": {"kind": "use", "instrument": "sanction_step", "params": {}}})
        case _:
            yield Draft("ruling", seat, readers, {
                "rule": "ladder", "rule_kind": "policy", "strength": "should", "mode": "observe", "verdict": "observed",
                "tried": {"kind": "use"}, "why": words(rng, 12), "legal": words(rng, 6),
            })  # fmt: skip


def _settled(cause: str, number: int) -> Iterator[Draft]:
    public = everyone(SEATS)
    for indicator in ("tension", "incident_risk"):
        by = 1.5 if number % 20 == 9 else -1.0
        yield Draft("effect", None, public, {
            "indicator": indicator, "by": by, "claim": "C4", "row": "pressure", "cause": (cause,),
        })  # fmt: skip
    yield Draft("chance", None, public, {"name": "incident", "draw": 0.7, "probability": 0.1, "happened": False})
    yield Draft("phase", None, public, {})


def write(journal: Journal, step: Step) -> None:
    """Add one transaction; it is not committed yet."""
    entries, reply = step
    if reply:
        journal.add_reply(*reply)
    journal.add(entries)


def play(folder: Path, *, turns: int, role_words: int = 4500, finish: bool = True) -> Path:
    """Write a whole run and return its folder."""
    with Journal.create(folder, secret=SECRET) as journal:
        for step in steps(journal, turns=turns, role_words=role_words):
            write(journal, step)
            journal.commit()
        if finish:
            journal.finish()
    return folder
