"""JSON Schemas of every kind of file that authors write, for editors; made from the models that read the files.

Knows nothing about what stands between files: an editor checks the form, `roleplay validate` the rest.
"""

from __future__ import annotations

import json
from pathlib import PurePath

from pydantic import BaseModel

from ..crises import means, models, policies, scenarios, worlds
from ..crises.mask import Mask
from ..crises.scoresheet import GovernmentsFile, ScoreFile
from ..personas.models import Persona
from ..personas.models import Sources as DossierSources

SCHEMAS: dict[str, type[BaseModel]] = {
    "crisis": models.CrisisFile,
    "instruments": means.Instruments,
    "commitments": means.Vocabulary,
    "indicators": means.Indicators,
    "rules": policies.Rules,
    "sources": models.Sources,
    "standing": scenarios.StandingFile,
    "article": models.TextMap,
    "mask": Mask,
    "score": ScoreFile,
    "governments": GovernmentsFile,
    "worlds": worlds.EffectTable,
    "scenarios": scenarios.Scenario,
    "strategies": policies.Strategy,
    "personas": Persona,
    "personas-sources": DossierSources,
}
"""What a schema is called, after the file or the folder that it is for, and the model that reads such files."""

FOLDER = "schemas"
"""Where the schemas lie in a user's crisis, so that they are sent with it."""


def schema_of(file: PurePath) -> str | None:
    """The schema of a file, named by its path within a crisis; None where it has none."""
    folder = file.parent.name
    names = (f"{folder}-{file.stem}", folder or file.stem)
    return next((name for name in names if name in SCHEMAS), None)


def schema_text(name: str) -> str:
    """A schema as the text of its file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMAS[name].model_json_schema()}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def modeline(file: PurePath) -> str:
    """The first line of a file that tells editors its schema; '' where it has none."""
    name = schema_of(file)
    up = "../" * (len(file.parts) - 1)
    return f"# yaml-language-server: $schema={up}{FOLDER}/{name}.json\n" if name else ""
