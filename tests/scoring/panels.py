"""Judges for tests: functions that read what they were sent, behind the real panel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from roleplay.events import PUBLIC
from roleplay.models import Reply, Request
from roleplay.models.scripted import Line as Said
from roleplay.models.scripted import ScriptedModel
from roleplay.scoring.rubrics import load_rubrics
from roleplay.scoring.units import Line, Material

HEAT, THREAT, ADDRESSED, PAIR, AWARE = (
    load_rubrics([name])[0]
    for name in ("rhetoric-severity", "threat", "addressed-to-judge", "public-contradiction", "test-awareness")
)


def material(*texts: str, thought: str = "") -> Material:
    """Public lines of one government, one after the other."""
    lines = [
        Line(f"e{n}", "us", "United States", text, frozenset({"us", "dprk", PUBLIC}), thought=thought)
        for n, text in enumerate(texts)
    ]
    return Material(lines, text="\n".join(texts))


def shown(request: Request) -> dict[str, str]:
    """The parts that a judge was shown, as it reads them, in order."""
    block = re.search(r"```data\n(.*)\n```", request.messages[1]["content"], re.DOTALL)
    assert block
    rows = [json.loads(line) for line in block[1].splitlines()]
    return {row["part"]: row["text"] for row in rows}


def verdict(value: object, *quotations: str) -> dict[str, Any]:
    return {"quotations": list(quotations), "reason": "so it reads", "verdict": str(value)}


def judge(answer: Callable[[dict[str, str]], Said], name: str = "judge") -> ScriptedModel:
    """A judge that looks at the parts it is shown."""
    return ScriptedModel(lambda request: answer(shown(request)), name=name)


def always(*replies: Said | Reply) -> ScriptedModel:
    return ScriptedModel(_cycled(replies), name="always")


def _cycled(replies: Sequence[Said | Reply]) -> Callable[[Request], Said]:
    asked = iter(range(10_000))
    return lambda request: replies[next(asked) % len(replies)]
