"""Templates and what they are given: one environment for every page, and the fragments that streams are made of.

Builds on the HTML stack of transcripts; what it renders comes from a record of one view. Knows nothing about requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from ..events import Deliberation
from ..transcripts.html import TEMPLATES, environment, looks
from ..transcripts.record import RunRecord
from ..transcripts.timeline import Lane, PhasePart, RoundPart
from ..transcripts.words import terms, what

HERE = Path(__file__).parent


@cache
def pages() -> Environment:
    """The environment of the page's templates, on top of the transcripts' own."""
    made = environment().overlay(
        loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), FileSystemLoader(TEMPLATES)])
    )
    made.globals = {**made.globals, "what": what, "terms": terms}
    return made


def render(template: str, **values: Any) -> str:
    """One template as text."""
    return pages().get_template(template).render(**values)


@dataclass
class Renderer:
    """Renders the pieces of one reader's streams; names are those that its opening events hold."""

    record: RunRecord

    @cached_property
    def _lane(self) -> Any:
        return vars(pages().get_template("lane.html.j2").make_module(looks(self.record)))["piece"]

    def internal(self, event: Deliberation) -> str:
        """What somebody wrote in a delegation's own room."""
        return render("internal.html.j2", event=event, said=event.text.partition(": "))

    def lane(self, part: RoundPart, phase: PhasePart, lane: Lane, *, head: bool) -> str:
        """Turns of one lane, with its heading where it opens one."""
        return str(self._lane(part, phase, lane, head)).strip()
