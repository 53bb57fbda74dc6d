"""Random answers that a schema allows, and whether a value is one: a validator small enough to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from roleplay.prompting.schema import COMMITMENT_ID, DATED, PHRASE

_LETTERS = "abcdefghij klmnop 平和 é.,;:'-()!?"


def sample(schema: Mapping[str, Any], random: Random, root: Mapping[str, Any] | None = None) -> Any:
    """A random value that `schema` allows."""
    root = root or schema
    if "$ref" in schema:
        return sample(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], random, root)
    if "anyOf" in schema:
        return sample(random.choice(schema["anyOf"]), random, root)
    match schema["type"]:
        case "object":
            return {name: sample(part, random, root) for name, part in schema["properties"].items()}
        case "array":
            size = random.randint(schema["minItems"], schema["maxItems"])
            return [sample(schema["items"], random, root) for _ in range(size)]
        case "integer":
            return random.randint(schema["minimum"], schema["maximum"])
        case "boolean":
            return random.random() < 0.5
    return random.choice(schema["enum"]) if "enum" in schema else _matching(schema["pattern"], random)


def _matching(pattern: str, random: Random) -> str:
    if pattern == DATED:
        return random.choice(["2031-02-03", "26 weeks", "1 years", "90 days"])
    if pattern == COMMITMENT_ID:
        return random.choice(["forum/3.2", "alpha/pledge-1.1", "alpha-bravo/12.10"])
    if pattern == PHRASE:
        return random.choice(["fog lifts at dawn", "abc"])
    bounds = re.search(r"\{(\d+),(\d+)\}\$$", pattern)
    assert bounds, pattern
    size = random.choice([int(bounds[1]), int(bounds[2]), random.randint(int(bounds[1]), int(bounds[2]))])
    return "".join(random.choice(_LETTERS) for _ in range(size))


def allows(schema: Mapping[str, Any], value: object, root: Mapping[str, Any] | None = None) -> bool:
    """Whether `schema` allows `value`."""
    root = root or schema
    if "$ref" in schema:
        return allows(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, root)
    if "anyOf" in schema:
        return any(allows(part, value, root) for part in schema["anyOf"])
    match schema["type"], value:
        case "object", dict():
            parts = schema["properties"]
            return parts.keys() == value.keys() and all(allows(parts[n], v, root) for n, v in value.items())
        case "array", list():
            fits = schema["minItems"] <= len(value) <= schema["maxItems"]
            return fits and all(allows(schema["items"], item, root) for item in value)
        case "boolean", bool():
            return True
        case "integer", int():
            return not isinstance(value, bool) and schema["minimum"] <= value <= schema["maximum"]
        case "string", str():
            return value in schema["enum"] if "enum" in schema else bool(re.fullmatch(schema["pattern"], value))
    return False
