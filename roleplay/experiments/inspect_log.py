"""A batch as logs of Inspect (its JSON format, version 2), written without importing it: one file an arm.

Variant = sample, seed and repeat = epoch, our intervals = metrics, games without a score = errors. Key order matters
to its readers and is kept. Knows no statistics.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import RoleplayError
from ..events import Deliberation, Spoken
from ..setup import DISTRIBUTION
from ..transcripts.export import write_atomically
from ..transcripts.record import load_record
from .batch import RUNS, Batch
from .findings import Arm, Findings, Game
from .report import findings_of

WHEN = "2000-01-01T00:00:00+00:00"
"""No clock goes into a log: the same batch gives the same bytes."""
NAMED_WHEN = "2000-01-01T00-00-00-00-00"


def write_inspect(batch: Batch, out: Path) -> list[Path]:
    """Write one log an arm into the folder `out`; returns their paths."""
    out.mkdir(parents=True, exist_ok=True)
    found = findings_of(batch)
    paths = []
    for arm in found.arms:
        id = _id(found.suite, arm.name, arm.model)
        path = out / f"{NAMED_WHEN}_{found.suite}-{arm.name}_{id}.json"
        write_atomically(path, json.dumps(_log(batch, found, arm, id), ensure_ascii=False, indent=1) + "\n")
        paths.append(path)
    return paths


def _id(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:22]


def _log(batch: Batch, found: Findings, arm: Arm, id: str) -> dict[str, Any]:
    games = [g for g in found.games if (g.arm, g.model) == (arm.name, arm.model) and g.bucket != "not over"]
    epochs = {d: n for n, d in enumerate(sorted({(g.seed, g.repeat) for g in games}), 1)}
    ids = sorted({g.variant for g in games})
    model = arm.model or "none/policy"
    samples = [_sample(batch, found, g, epochs[g.seed, g.repeat], model) for g in games]
    return {
        "version": 2,
        "status": "success" if not arm.missing else "cancelled",
        "eval": {
            "run_id": _id(found.suite), "created": WHEN, "task": f"{found.suite}/{arm.name}", "task_id": id,
            "task_version": 0, "task_attribs": {}, "task_args": {},
            "dataset": {"name": found.setup["scenario"], "samples": len(ids), "sample_ids": ids, "shuffled": False},
            "model": model, "model_args": {}, "config": {"epochs": max(epochs.values(), default=1)},
            "packages": {DISTRIBUTION: found.setup.get(DISTRIBUTION, "?")},
            "metadata": {"question": found.question, "title": found.title, "simulated": True},
        },
        "plan": {"name": "plan", "steps": [], "config": {}},
        "results": {
            "total_samples": arm.planned, "completed_samples": arm.scored, "scores": [
                {"name": name, "scorer": name, "params": {}, "metrics": _metrics(e)} for name, e in arm.outcomes.items()
            ],
        },
        "stats": {"started_at": WHEN, "completed_at": WHEN, "model_usage": {}},
        "samples": samples,
    }  # fmt: skip


def _metrics(estimate: Any) -> dict[str, Any]:
    values = {"mean": estimate.mean, "low_95": estimate.low, "high_95": estimate.high, "games": estimate.games,
              "variants": estimate.variants}  # fmt: skip
    return {n: {"name": n, "value": v, "params": {}} for n, v in values.items() if v is not None}


def _sample(batch: Batch, found: Findings, game: Game, epoch: int, model: str) -> dict[str, Any]:
    scored = game.bucket == "scored"
    scores = {
        name: {"value": value, "answer": game.ending, "explanation": game.verdict or game.ending,
               "metadata": {"proof": list(game.proofs.get(f"outcome:{name}", ()))}}
        for name, value in game.outcomes.items()
    } if scored else {}  # fmt: skip
    made: dict[str, Any] = {
        "id": game.variant, "epoch": epoch, "input": f"{found.setup['scenario']}, variant {game.variant}",
        "target": "", "messages": list(_messages(batch.folder / RUNS / game.folder)),
        "output": {"model": model, "choices": []}, "scores": scores,
        "metadata": {"seed": game.seed, "repeat": game.repeat, "bucket": game.bucket, "folder": game.folder},
        "store": {}, "events": [], "model_usage": {}, "attachments": {},
    }  # fmt: skip
    if not scored:
        why = f"{game.bucket}: {game.why}"
        made["error"] = {"message": why, "traceback": "", "traceback_ansi": ""}
    return made


def _messages(folder: Path) -> Iterator[Mapping[str, Any]]:
    """What each seat said and thought, with the ring it said it in; others' text is data, not Markdown to trust."""
    try:
        record = load_record(folder)
    except RoleplayError:
        return
    for event in record.events:
        if isinstance(event, (Spoken, Deliberation)) and event.text:
            place = event.ring or event.phase
            kind = "thinks" if isinstance(event, Deliberation) else "says"
            said = f"[round {event.round}, {place}] {event.seat} {kind}: {event.text}"
            yield {"id": event.id, "content": said, "role": "assistant" if kind == "says" else "user"}
