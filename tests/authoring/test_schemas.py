"""Schemas for editors: what validates is accepted, what no file may hold is not, and every kind of file has one."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest
from jsonschema import Draft202012Validator

from roleplay.authoring.schemas import SCHEMAS, modeline, schema_of
from roleplay.crises import find_crises
from roleplay.loading import load_document
from roleplay.resources import PACKAGE
from tests.engine.pond import POND

CHECKS = {name: Draft202012Validator(model.model_json_schema()) for name, model in SCHEMAS.items()}


def files() -> list[tuple[Path, PurePath]]:
    """Every file of every crisis and dossier, with its path within the crisis."""
    found = [(path, path.relative_to(folder)) for folder in (*find_crises().values(), POND)
             for path in folder.rglob("*.yaml") if path.parent.name != "scripts"]  # fmt: skip
    return found + [(path, PurePath("personas", path.name)) for path in (PACKAGE / "personas").rglob("*.yaml")]


@pytest.mark.parametrize(("path", "name"), files(), ids=lambda value: str(value)[-40:])
def test_what_is_shipped_fits_its_schema(path: Path, name: PurePath) -> None:
    schema = schema_of(name)
    assert schema, f"{name} has no schema"
    assert [f"{e.json_path}: {e.message[:120]}" for e in CHECKS[schema].iter_errors(load_document(path).data)] == []


@pytest.mark.parametrize(
    ("schema", "data", "found"),
    [
        ("strategies", {"id": "x", "title": "X"}, "'note' is a required property"),
        ("strategies", {"id": "x", "title": "X", "note": "", "tone": "firm"}, "'tone' was unexpected"),
        ("instruments", {"instruments": [{"id": "Ram!"}]}, "'Ram!' does not match"),
        ("personas", {"id": "x", "name": "X", "title": "X", "interests": [], "posts": []}, "should be non-empty"),
    ],
)
def test_what_no_file_may_hold_does_not_fit(schema: str, data: object, found: str) -> None:
    assert any(found in error.message for error in CHECKS[schema].iter_errors(data))


def test_editors_are_told_where_the_schema_lies() -> None:
    assert modeline(PurePath("crisis.yaml")) == "# yaml-language-server: $schema=schemas/crisis.json\n"
    assert modeline(PurePath("worlds/plain.yaml")) == "# yaml-language-server: $schema=../schemas/worlds.json\n"
    assert modeline(PurePath("personas/sources.yaml")).endswith("../schemas/personas-sources.json\n")
    assert modeline(PurePath("scripts/game.yaml")) == modeline(PurePath("README.md")) == ""
