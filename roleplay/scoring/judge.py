"""The judged layer: asks models about units by rubrics, the order turned every second time.

Knows nothing about how units were found, nor about what verdicts come to.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..errors import CallFailed, ProviderError
from ..models import ChatModel, Message, Request, Usage
from ..prompting.fence import encode, fenced
from ..prompting.templates import load_templates
from .card import JudgedValue
from .rubrics import Rubric, load_rubrics
from .units import Material, Unit
from .verdicts import Verdict, read_verdict, summary, verdict_schema

SAMPLES, MAX_TOKENS, AT_ONCE = 2, 700, 8


@dataclass
class Spent:
    """What judging has come to besides verdicts."""

    usage: dict[str, Usage] = field(default_factory=dict)
    """Of every reply that was used, by judge; those that were remembered from an earlier time are counted too."""
    replies: int = 0
    stopped: ProviderError | None = None
    """Why no more could be asked."""


class Panel:
    """One judge or several, each asked `samples` times about every unit, every second time with the order turned."""

    def __init__(self, judges: Sequence[ChatModel], *, samples: int = SAMPLES, at_once: int = AT_ONCE) -> None:
        self.judges, self.samples = judges, samples
        self.spent = Spent()
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
        async with self._gate:
            try:
                reply = None if self.spent.stopped else await judge.complete(self._request(rubric, unit, sample))
            except CallFailed:
                reply = None
            except ProviderError as error:
                reply, self.spent.stopped = None, error
        if reply is None:
            return Verdict(None, "no answer")
        self.spent.usage[judge.name] = self.spent.usage.get(judge.name, Usage()) + reply.usage
        self.spent.replies += 1
        return read_verdict(rubric, unit, reply)

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
        return Request(messages, schema, f"{rubric.name} {rubric.hash[:16]}", MAX_TOKENS, seed=sample)
