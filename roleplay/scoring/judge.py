"""The judged layer: asks models about units by rubrics, in turned order, and remembers what they said.

Knows nothing about how units were found, nor about what verdicts come to.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import CallFailed, ProviderError
from ..models import ChatModel, Message, Reply, Request, Usage
from ..prompting.fence import encode, fenced
from ..prompting.templates import load_templates
from .card import JudgedValue
from .rubrics import Rubric, load_rubrics
from .units import Material, Unit
from .verdicts import Verdict, read_verdict, summary, verdict_schema

SAMPLES, MAX_TOKENS, AT_ONCE = 2, 700, 8


@dataclass
class Spoils:
    """What judging has come to besides verdicts."""

    usage: Usage = field(default_factory=Usage)
    """Of every reply that was used, those that were remembered from an earlier time included."""
    replies: int = 0
    stopped: ProviderError | None = None
    """Why no more could be asked."""


class Memory:
    """Replies of judges by content, a line of JSON each: judging goes on where it stopped, and is never paid twice."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, dict[str, Any]] = {}
        for line in path.read_text("utf-8").splitlines() if path and path.is_file() else ():
            try:
                row = json.loads(line)
                self._known[row["key"]] = row
            except (ValueError, KeyError, TypeError):
                continue  # The last line of a run that was killed while it wrote.

    def find(self, key: str) -> Reply | None:
        row = self._known.get(key)
        return Reply(row["text"], row["finish"], refusal=row["refusal"], usage=Usage(*row["usage"])) if row else None

    def keep(self, key: str, reply: Reply) -> None:
        spent = [reply.usage.prompt, reply.usage.cached, reply.usage.completion]
        row = {"key": key, "text": reply.text, "finish": reply.finish, "refusal": reply.refusal, "usage": spent}
        self._known[key] = row
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


class Panel:
    """One judge or several, each asked `samples` times about every unit, every second time with the order turned."""

    def __init__(
        self,
        judges: Sequence[ChatModel],
        *,
        samples: int = SAMPLES,
        memory: Memory | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self.judges, self.samples = judges, samples
        self.memory = memory or Memory()
        self.spoils = Spoils()
        self._templates = load_templates()
        self._guards = [guard for rubric in load_rubrics() for guard in rubric.guard]
        self._gate = asyncio.Semaphore(at_once)

    async def judge_all(self, rubrics: Iterable[Rubric], material: Material) -> dict[str, JudgedValue]:
        """Every dimension that the material has something for."""
        return {r.name: found for r in rubrics if (found := await self.judge(r, material)).units}

    async def judge(self, rubric: Rubric, material: Material) -> JudgedValue:
        """One dimension over everything in the material that the rubric is about."""
        shown = [self._shown(rubric, unit) for unit in material.units(rubric.unit)]
        asked = [self._ask(j, rubric, unit, n) for unit, _ in shown for j in self.judges for n in range(self.samples)]
        verdicts = await asyncio.gather(*asked)
        each = len(self.judges) * self.samples
        rows = [verdicts[n * each : (n + 1) * each] for n in range(len(shown))]
        cut = tuple(dict.fromkeys(source for unit, was_cut in shown if was_cut for source in unit.sources))
        return summary(rubric, [unit for unit, _ in shown], rows, cut)

    def _shown(self, rubric: Rubric, unit: Unit) -> tuple[Unit, bool]:
        """What the rubric shows of a unit, without sentences meant for a judge, and whether there were any."""
        parts = {name: unit.parts[name] for name in rubric.shown if unit.parts[name]}
        plain = parts if rubric.guard else {name: self._without_asides(part) for name, part in parts.items()}
        return Unit(unit.sources, plain), plain != parts

    def _without_asides(self, part: str) -> str:
        sentences = re.split(r"(?<=[.!?;\n])\s+", part)
        kept = ["[...]" if any(g.search(s) for g in self._guards) else s for s in sentences]
        return " ".join(kept) if kept != sentences else part

    async def _ask(self, judge: ChatModel, rubric: Rubric, unit: Unit, sample: int) -> Verdict:
        request = self._request(rubric, unit, sample)
        asked = [judge.name, rubric.hash, list(request.messages), sample]
        key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        reply = self.memory.find(key)
        if reply is None:
            async with self._gate:
                reply = await self._call(judge, request)
            if reply is None:
                return Verdict(None, "no answer")
            self.memory.keep(key, reply)
        self.spoils.usage += reply.usage
        self.spoils.replies += 1
        return read_verdict(rubric, unit, reply)

    async def _call(self, judge: ChatModel, request: Request) -> Reply | None:
        """Ask once; None where no answer comes, and where an endpoint that is gone need not be asked again."""
        if self.spoils.stopped:
            return None
        try:
            return await judge.complete(request)
        except CallFailed:
            return None
        except ProviderError as error:
            self.spoils.stopped = error
            return None

    def _request(self, rubric: Rubric, unit: Unit, sample: int) -> Request:
        turned = sample % 2 == 1
        scale = list(rubric.scale.items())[:: -1 if turned else 1]
        names, texts = list(unit.parts), list(unit.parts.values())
        if turned:
            texts.reverse()
            names = names if rubric.unit == "public_pair" else names[::-1]
        system = self._templates.render("judge.j2", {"rubric": rubric, "scale": scale})
        block = fenced(encode({"part": name, "text": part}) for name, part in zip(names, texts, strict=True))
        asked = self._templates.render("judge-shown.j2", {"rubric": rubric, "shown": block})
        messages: list[Message] = [{"role": "system", "content": system}, {"role": "user", "content": asked}]
        schema = verdict_schema(tuple(value for value, _ in scale))
        return Request(messages, schema, rubric.name, MAX_TOKENS, seed=sample)
