"""Replies of models by what was asked: judging and extraction go on where they stopped, and are never paid for twice.

Knows nothing about what is asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..models import ChatModel, Reply, Request, Usage

MEMORY = "judged.jsonl"
"""Its name, beside a run's journal."""


class Remembering:
    """A model that gives a reply again where the same was asked before: a line of JSON a reply in `path`.

    The key holds model and endpoint, messages, form, slot (which holds a rubric's hash) and seed (a sample's number).
    """

    def __init__(self, model: ChatModel, path: Path | None = None, endpoint: str | None = None) -> None:
        self.model, self.name, self._path = model, model.name, path
        self._who = f"{model.name}@{endpoint}" if endpoint else model.name
        self._known: dict[str, dict[str, Any]] = {row["key"]: row for row in _rows(path)}

    async def complete(self, request: Request) -> Reply:
        """The reply that is remembered, else the model's, which is kept before it is given."""
        asked = [self._who, list(request.messages), request.schema, request.slot, request.seed]
        key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        if key not in self._known:
            self._keep(key, await self.model.complete(request))
        row = self._known[key]
        return Reply(row["text"], row["finish"], refusal=row["refusal"], usage=Usage(*row["usage"]))

    async def close(self) -> None:
        """Close the model."""
        await self.model.close()

    def _keep(self, key: str, reply: Reply) -> None:
        spent = [reply.usage.prompt, reply.usage.cached, reply.usage.completion]
        row = {"key": key, "model": self.name, "text": reply.text, "finish": reply.finish, "refusal": reply.refusal,
               "usage": spent}  # fmt: skip
        self._known[key] = row
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps(row)}")


def paid(path: Path) -> Iterator[tuple[str, Usage]]:
    """Model and tokens of every reply in a file; what an older program wrote names no model ("")."""
    return ((row.get("model", ""), Usage(*row["usage"])) for row in _rows(path))


def _rows(path: Path | None) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines() if path and path.is_file() else ():
        try:
            row = json.loads(line)
            row["key"], row["usage"]
        except (ValueError, KeyError, TypeError):
            continue  # An empty line, or the last words of a program that was killed while it wrote.
        yield row
