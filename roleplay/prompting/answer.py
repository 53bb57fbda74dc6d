"""From a model's words to a turn, strictly: a flaw is named for its author and never guessed away.

Knows nothing about who asked, about rules or about the state of play.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..frozen import clean_text
from ..moves import Turn

LONGEST = 64_000
"""Characters of an answer that are read; the longest that a schema allows is half of that."""
KEYS = ("deliberation", "text", "moves")
"""The fields of an answer."""
PROBLEMS = 4
_SHOWN = 60


class Flaw(str):
    """What is wrong with an answer: where, what was found, what is allowed."""

    __slots__ = ()


def read_answer(text: str, verbs: Sequence[str]) -> Turn | Flaw:
    """The turn in a model's answer; `verbs` are named where a move is none of them. Never raises."""
    found = first_object(text)
    if isinstance(found, Flaw):
        return found
    missing = [key for key in KEYS if key not in found]
    if missing:
        return Flaw(f"the answer lacks {', '.join(missing)}; allowed: one object with {', '.join(KEYS)}")
    try:
        return Turn.model_validate(found)
    except (ValidationError, RecursionError) as error:
        return _explained(error, verbs)


def first_object(text: str) -> dict[str, Any] | Flaw:
    """The first JSON object in a text, whatever stands around it."""
    if len(text) > LONGEST:
        return Flaw(f"the answer has {len(text)} characters; allowed: {LONGEST}")
    plain = text.rsplit("</think>", 1)[-1]
    body = re.sub(r"^\s*```\w*\s*", "", plain).lstrip("\ufeff \t\r\n")
    start = body.find("{")
    if start < 0 or body.startswith("["):
        return Flaw("the answer is no JSON object; allowed: one object and nothing else")
    try:
        found, _ = _DECODER.raw_decode(body, start)
    except json.JSONDecodeError as error:
        return Flaw(f"the answer is not JSON at character {error.pos - start}: {error.msg}")
    except (ValueError, RecursionError) as error:
        return Flaw(f"the answer is not JSON: {_said(error)}")
    return found if isinstance(found, dict) else Flaw("the answer is no JSON object")


def _said(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else _clean(str(error), 120)


def _constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


_DECODER = json.JSONDecoder(strict=False, parse_constant=_constant, object_pairs_hook=_unique)


# --- problems in words -----------------------------------------------------------------------------------------------


def _explained(error: ValidationError | RecursionError, verbs: Sequence[str]) -> Flaw:
    if isinstance(error, RecursionError):
        return Flaw("the answer is nested too deeply")
    found = error.errors(include_url=False)
    words = [_problem(row, verbs) for row in found[:PROBLEMS]]
    if len(found) > PROBLEMS:
        words.append(f"{len(found) - PROBLEMS} more")
    return Flaw("; ".join(words))


def _problem(error: ErrorDetails, verbs: Sequence[str]) -> str:
    where = _where(error["loc"])
    match error["type"]:
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            return f"{where} is no key of this object"
        case "union_tag_invalid" | "union_tag_not_found":
            return f"{where}: found kind {_show(error.get('ctx', {}).get('tag', ''))}; allowed: {', '.join(verbs)}"
        case "string_too_long" | "too_long":
            unit = "characters" if isinstance(error["input"], str) else "items"
            return f"{where} has too many {unit}; allowed: {error.get('ctx', {}).get('max_length')}"
    return f"{where}: found {_show(error['input'])}; {_clean(error['msg'], 160)}"


def _where(loc: tuple[int | str, ...]) -> str:
    """Path as in JavaScript; pydantic's names of union members are left out."""
    path = ""
    for n, step in enumerate(loc):
        if isinstance(step, int):
            path += f"[{step}]"
        elif not (n == 2 and loc[0] == "moves") and step not in ("str", "bool", "int"):
            path += f".{_clean(step, _SHOWN)}"
    return path.lstrip(".") or "the answer"


def _show(value: object) -> str:
    match value:
        case str():
            return f"'{_clean(value, _SHOWN)}'"
        case Mapping():
            return "an object"
        case list() | tuple():
            return f"a list of {len(value)}"
        case None:
            return "null"
    return _clean(str(value)[:_SHOWN], _SHOWN)


def _clean(text: str, limit: int) -> str:
    plain = str(clean_text(text[: 4 * limit]))
    return plain if len(plain) <= limit else plain[:limit] + "..."
