"""What pydantic found in an author's data, in the author's words: which node, what stands there, what may.

Knows nothing about files and lines.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .resources import meant

Key = str | int
NodePath = tuple[Key, ...]


class Finding(NamedTuple):
    """Something wrong at a node: what was found, what is allowed (a text or words), what was probably meant."""

    path: NodePath
    found: str
    allowed: str | Iterable[str] = ""
    hint: str = ""


def explained(data: Any, model: type[BaseModel], error: ErrorDetails) -> Finding:
    """What pydantic says against `data` as the author of a file would say it."""
    loc, context = error["loc"], error.get("ctx", {})
    path = _node_path(data, loc)
    match error["type"]:
        case "missing":
            return Finding(path[:-1], f"'{path[-1]}' is missing")
        case "union_tag_not_found":
            return Finding(path, f"{context['discriminator']} is missing")
        case "extra_forbidden":
            keys = _keys(model, loc[:-1])
            return Finding(path, f"unknown key '{path[-1]}'", keys, meant(str(path[-1]), keys))
        case "literal_error" | "enum" | "union_tag_invalid":
            words = re.findall(r"'([^']*)'", str(context.get("expected", context.get("expected_tags"))))
            value = context.get("tag", error["input"])
            return Finding(path, _shown(value), words, meant(str(value), words))
        case "model_type" | "model_attributes_type":
            return Finding(path, _shown(error["input"]), "a mapping with " + ", ".join(_keys(model, loc)))
        case "value_error":
            return Finding(path, error["msg"].removeprefix("Value error, "))
    allowed = re.sub(r"^\w+ should (be |have )?|, unable to parse .*$", "", error["msg"])
    plain = allowed.replace("valid tuple", "list").replace("valid dictionary", "mapping")
    return Finding(path, _shown(error["input"]), plain)


def follows(error: ErrorDetails) -> bool:
    """Whether a list is called too short only because some of its entries are wrong, which is told anyway."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _node_path(data: Any, loc: tuple[Key, ...]) -> NodePath:
    """Pydantic's location without the steps that are no nodes: names of union members, marks of keys."""
    path: list[Key] = []
    for n, step in enumerate(loc):
        if isinstance(data, dict) and step in data:
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif n < len(loc) - 1 or not isinstance(data, dict) or step == "[key]":
            continue
        path.append(step)
    return tuple(path)


def _keys(model: type[BaseModel], loc: tuple[Key, ...]) -> list[str]:
    return list(dict.fromkeys(name for found in _models(model, loc) for name in _fields(found)))


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models(kind: Any, loc: tuple[Key, ...]) -> Iterator[type[BaseModel]]:
    """The models that stand at `loc` under the annotation `kind`."""
    inner = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not loc:
            yield kind
        elif loc[0] in _fields(kind):
            yield from _models(_fields(kind)[str(loc[0])], loc[1:])
    elif get_origin(kind) is Annotated:
        yield from _models(inner[0], loc)
    elif get_origin(kind) in (Union, types.UnionType):
        tagged = [member for member in inner if loc and _is_member(member, loc[0])]
        for member in tagged or inner:
            yield from _models(member, loc[1:] if tagged else loc)
    elif inner and loc:
        yield from _models(inner[0] if inner[-1] is ... else inner[-1], loc[1:])


def _is_member(kind: Any, step: Key) -> bool:
    """Whether `step` is how pydantic names this member of a union: by its class or by its tag."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    return step == kind.__name__ or any(
        step in get_args(annotation) for annotation in _fields(kind).values() if get_origin(annotation) is Literal
    )


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return f"a list of {len(value)}"
        case str() if len(value) > 60:
            return f"'{value[:50]}...' ({len(value)} characters)"
        case str():
            return f"'{value}'"
    return str(value)[:60]
