"""What everything that crosses a border is made of: frozen models, and ids and texts that are clean. Knows no model."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

TEXT_LIMIT = 2000
NOTE_LIMIT = 240

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean_text(value: object) -> object:
    """Strip control, bidirectional, zero-width and surrogate characters; newlines and tabs become one blank."""
    if not isinstance(value, str):
        return value
    if value.isprintable() and "  " not in value:
        return value.strip()
    spaced = re.sub(r"\s+", " ", value)
    return "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE).strip()


def _blank(value: object) -> object:
    return "" if value is None else clean_text(value)


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Text = Annotated[str, StringConstraints(max_length=TEXT_LIMIT), BeforeValidator(_blank)]
Note = Annotated[str, StringConstraints(max_length=NOTE_LIMIT), BeforeValidator(_blank)]


def unsaid(value: object) -> bool:
    """Whether a field that came later is left out when written, so that what does not use it is written as before."""
    return not value


class Frozen(BaseModel):
    """Base of everything that crosses a border: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


def dump(model: BaseModel) -> dict[str, Any]:
    """A plain JSON-ready dict without its empty fields (no text, no list, no mapping, null)."""
    pruned: dict[str, Any] = _pruned(model.model_dump(mode="json"))
    return pruned


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _pruned(v) for k, v in value.items() if v is not None and v != "" and v != [] and v != {}}
    return [_pruned(item) for item in value] if isinstance(value, list) else value
