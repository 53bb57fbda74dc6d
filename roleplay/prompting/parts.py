"""The parts of which the JSON Schemas of answers are made; knows nothing about what is asked.

Written for the strictest reader: OpenAI's strict mode (all fields required, no additional ones, no `oneOf`, no
`maxLength`) and grammars, which run on for ever in an unbounded string. So length is bounded by `pattern`, which hosted
strict mode and llguidance, xgrammar and llama.cpp all obey (`maxLength` is refused by the first and, beside a pattern,
ignored by some of the others). The patterns leave out the double quote and the backslash: then a string is as long
written as read, and a converter that matches a pattern against raw JSON cannot end the string early.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def pattern(words: str) -> Schema:
    return {"type": "string", "pattern": words}


def text(limit: int) -> Schema:
    """Up to `limit` characters on one line."""
    return pattern(rf'^[^"\\\x00-\x1f]{{0,{limit}}}$')


def one_of(*values: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(values)}


def number(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def listed(items: Schema, most: int, least: int = 0) -> Schema:
    """A list of at most `most`."""
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def record(**properties: Schema) -> Schema:
    """An object of exactly these fields."""
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def any_of(branches: list[Schema]) -> Schema:
    return branches[0] if len(branches) == 1 else {"anyOf": branches}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
