"""The checker of schemas finds each thing that a strict reader refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.strict import strict_problems

Schema = dict[str, Any]
WORD: Schema = {"type": "string", "pattern": "^[a-z]{1,9}$"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _nested(levels: int) -> Schema:
    schema = _object(a=WORD)
    for _ in range(levels - 1):
        schema = _object(a=schema)
    return schema


def test_a_sound_schema_has_no_problems() -> None:
    number = {"type": "integer", "minimum": 1, "maximum": 9}
    listed = {"type": "array", "items": {"anyOf": [WORD, number, {"type": "boolean"}]}, "maxItems": 3}
    schema = _object(a=WORD, b={"$ref": "#/$defs/list"}, c={"type": "string", "enum": ["x", "y"]})
    assert strict_problems({**schema, "$defs": {"list": listed}}) == []


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "array", "items": WORD, "maxItems": 2}, "root is no object"),
        ({"anyOf": [_object(a=WORD)]}, "root is no object"),
        ({**_object(a=WORD), "required": []}, "not every property is required"),
        ({**_object(a=WORD), "additionalProperties": True}, "additionalProperties is not false"),
        ({"type": "object", "properties": {}, "required": []}, "additionalProperties is not false"),
        (_object(a={"oneOf": [WORD]}), "type None"),
        (_object(a={"anyOf": []}), "or empty"),
        (_object(a={"anyOf": [WORD], "type": "string"}), "stands with other keywords"),
        (_object(a={"type": "string"}), "a string without a bound"),
        (_object(a={"type": "string", "maxLength": 9}), "keywords maxLength"),
        (_object(a={"type": "string", "pattern": "^[a-z]*$"}), "a string without a bound"),
        (_object(a={"type": "string", "pattern": "^a+$"}), "a string without a bound"),
        (_object(a={"type": "string", "pattern": "^a{2,}$"}), "a string without a bound"),
        (_object(a={"type": "string", "pattern": "[a-z]{1,9}"}), "a string without a bound"),
        (_object(a={"type": "string", "pattern": "^a{1,3000}$"}), "a string without a bound"),
        (_object(a={"type": "string", "enum": []}), "an enum that is empty"),
        (_object(a={"type": "string", "enum": ["x", "x"]}), "an enum that is empty or repeats itself"),
        (_object(a={"type": "string", "enum": [f"{n:064}" for n in range(251)]}), "an enum that is too long"),
        (_object(a={"type": "string", "enum": [f"{n}" for n in range(1001)]}), "1001 enum values"),
        (_object(a={"type": "array", "items": WORD}), "an array without maxItems"),
        (_object(a={"type": "array", "maxItems": 2}), "is no schema"),
        (_object(a={"type": "integer"}), "an integer without bounds"),
        (_object(a={"type": ["string", "null"]} | {"pattern": "^a$"}), "type"),
        (_object(a={"$ref": "#/$defs/nothing"}), "$ref '#/$defs/nothing'"),
        (_nested(6), "6 nested objects, at most 5"),
        ({**_object(a={"$ref": "#/$defs/a"}), "$defs": {"a": _object(b={"$ref": "#/$defs/a"})}}, "$ref cycle"),
        (_object(**{f"p{n}": {"type": "boolean"} for n in range(5001)}), "5001 object properties"),
        (_object(**{f"{n:0130}": {"type": "boolean"} for n in range(1000)}), "130000 characters of names"),
    ],
)  # fmt: skip
def test_each_offence_is_found(schema: Schema, problem: str) -> None:
    assert any(problem in found for found in strict_problems(schema)), strict_problems(schema)


@pytest.mark.parametrize("pattern", ['^[^"\\\\\\x00-\\x1f]{0,900}$', "^(|[*+]{1,2}|a[.]b)$", r"^\*\+{3}$"])
def test_bounded_patterns_pass(pattern: str) -> None:
    assert strict_problems(_object(a={"type": "string", "pattern": pattern})) == []


def test_a_definition_that_is_used_twice_is_counted_once() -> None:
    many = _object(**{f"p{n}": {"type": "boolean"} for n in range(3000)})
    schema = {**_object(a={"$ref": "#/$defs/m"}, b={"$ref": "#/$defs/m"}), "$defs": {"m": many}}
    assert strict_problems(schema) == []
