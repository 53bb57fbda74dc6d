"""Checks a schema against what hosted strict modes and grammars take; knows nothing about what it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_DEPTH = 5
MAX_PROPERTIES = 5000
MAX_ENUM_VALUES = 1000
LONG_ENUM, LONG_ENUM_CHARACTERS = 250, 15_000
MAX_NAME_CHARACTERS = 120_000
"""OpenAI's limits on nested objects (10 today, 5 at first), properties, enum values and the length of names in all."""
MAX_REPEATS = 2000
"""llama.cpp takes a longer repetition for an endless one."""

KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems", "maxItems"},
    "string": {"type", "enum", "pattern"},
    "integer": {"type", "minimum", "maximum"},
    "boolean": {"type"},
}


def strict_problems(schema: Mapping[str, Any]) -> list[str]:
    """What in `schema` a strict reader would refuse or could run on in for ever; empty where it is sound."""
    check = _Check(schema.get("$defs", {}))
    root = {key: value for key, value in schema.items() if key != "$defs"}
    if root.get("type") != "object":
        check.problems.append("$: the root is no object")
    check.node(root, "$", 0, ())
    check.names += sum(map(len, check.definitions))
    check.problems += _limits(check)
    return check.problems


def _limits(check: _Check) -> Iterator[str]:
    for what, count, most in (
        ("object properties", check.properties, MAX_PROPERTIES),
        ("enum values", check.values, MAX_ENUM_VALUES),
        ("characters of names and values", check.names, MAX_NAME_CHARACTERS),
    ):
        if count > most:
            yield f"$: {count} {what}, at most {most}"


@dataclass
class _Check:
    definitions: Mapping[str, Any]
    problems: list[str] = field(default_factory=list)
    properties: int = 0
    values: int = 0
    names: int = 0
    _seen: set[str] = field(default_factory=set)

    def say(self, where: str, problem: str) -> None:
        self.problems.append(f"{where}: {problem}")

    def node(self, node: Any, where: str, depth: int, through: tuple[str, ...]) -> None:
        if not isinstance(node, Mapping):
            self.say(where, "is no schema")
        elif "$ref" in node:
            self.reference(node, where, depth, through)
        elif "anyOf" in node:
            if set(node) != {"anyOf"} or not node["anyOf"]:
                self.say(where, "anyOf stands with other keywords, or empty")
            for n, branch in enumerate(node["anyOf"]):
                self.node(branch, f"{where}|{n}", depth, through)
        elif str(node.get("type")) not in KEYWORDS:
            self.say(where, f"type {node.get('type')!r}")
        else:
            if unknown := set(node) - KEYWORDS[node["type"]]:
                self.say(where, f"keywords {', '.join(sorted(unknown))}")
            self.typed(node, where, depth, through)

    def reference(self, node: Mapping[str, Any], where: str, depth: int, through: tuple[str, ...]) -> None:
        name = str(node["$ref"]).removeprefix("#/$defs/")
        if set(node) != {"$ref"} or name not in self.definitions:
            self.say(where, f"$ref {node['$ref']!r}")
        elif name in through:
            self.say(where, f"$ref cycle through {name}")
        else:
            once = _Check(self.definitions) if name in self._seen else self
            self._seen.add(name)
            once.node(self.definitions[name], f"{where}>{name}", depth, (*through, name))
            if once is not self:
                self.problems += once.problems

    def typed(self, node: Mapping[str, Any], where: str, depth: int, through: tuple[str, ...]) -> None:
        match node["type"]:
            case "object":
                self.object(node, where, depth + 1, through)
            case "array":
                if not isinstance(node.get("maxItems"), int):
                    self.say(where, "an array without maxItems")
                self.node(node.get("items"), f"{where}[]", depth, through)
            case "string":
                self.string(node, where)
            case "integer":
                if not {"minimum", "maximum"} <= node.keys():
                    self.say(where, "an integer without bounds")

    def object(self, node: Mapping[str, Any], where: str, depth: int, through: tuple[str, ...]) -> None:
        properties = node.get("properties", {})
        if node.get("additionalProperties") is not False:
            self.say(where, "additionalProperties is not false")
        if list(node.get("required", ())) != list(properties):
            self.say(where, "not every property is required")
        if depth > MAX_DEPTH:
            self.say(where, f"{depth} nested objects, at most {MAX_DEPTH}")
        self.properties += len(properties)
        self.names += sum(map(len, properties))
        for name, value in properties.items():
            self.node(value, f"{where}.{name}", depth, through)

    def string(self, node: Mapping[str, Any], where: str) -> None:
        values = node.get("enum")
        if values is None:
            if not _bounded(node.get("pattern", "")):
                self.say(where, "a string without a bound")
            return
        self.values += len(values)
        self.names += sum(map(len, values))
        if not values or len(set(values)) < len(values):
            self.say(where, "an enum that is empty or repeats itself")
        if len(values) > LONG_ENUM and sum(map(len, values)) > LONG_ENUM_CHARACTERS:
            self.say(where, "an enum that is too long")


def _bounded(pattern: str) -> bool:
    """Whether every string that the whole pattern matches has a bounded length."""
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return False
    plain = re.sub(r"\[\^?(?:\\.|[^\]\\])*\]", "x", re.sub(r"\\[^\[\]]", "x", pattern))
    repeats = re.findall(r"\{(\d+)(,?)(\d*)\}", plain)
    endless = any(comma and not most for _, comma, most in repeats)
    return not re.search(r"[*+]", plain) and not endless and all(int(m or n) <= MAX_REPEATS for n, _, m in repeats)
