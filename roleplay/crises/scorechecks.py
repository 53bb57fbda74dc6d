"""Checks of score.yaml and governments.yaml: what their rows name of each other and of the dossiers exists."""

from __future__ import annotations

from collections.abc import Iterable

from .language import Language
from .report import Place
from .scoresheet import GovernmentsFile, ItemRow, ScoreFile, Test


def score_file(language: Language, place: Place, file: ScoreFile) -> None:
    """Fails that items name, items that lenses weigh, seats that aliases mean."""
    report = language.report
    fails = {row.fail for row in file.fails}
    _items(language, place.to("items"), file.items, fails)
    for n, lens in enumerate(file.lenses):
        here = place.to("lenses", n)
        _items(language, here.to("items"), lens.items, fails)
        known = [row.id for row in (*file.items, *lens.items)]
        for m, weight in enumerate(lens.weights):
            report.exists(here.to("weights", m, "item"), "item", weight.item, known)
    if not file.lenses:
        report.add(place.to("lenses"), "no lens", hint="name at least one")
    for name, seat in file.aliases.items():
        report.exists(place.to("aliases", name), "seat", seat, language.crisis.seats)


def _items(language: Language, place: Place, rows: Iterable[ItemRow], fails: set[str]) -> None:
    for n, row in enumerate(rows):
        if row.fail is not None:
            language.report.exists(place.to(n, "fail"), "fail", row.fail, fails)
        if row.needs and not row.unmet:
            language.report.add(place.to(n), f"'{row.id}' may be None and does not say why", hint="add 'unmet'")


def test(language: Language, place: Place, row: Test) -> None:
    """A test asks something; an indicator is asked for a value that it has."""
    if not row.model_fields_set & {"clause", "ever", "indicator", "metric", "any"}:
        language.report.add(place, "a test that asks nothing", "clause, ever, indicator, metric, any")
    if row.indicator is not None:
        language.value(place, row.indicator, row.of)


def governments_file(language: Language, place: Place, file: GovernmentsFile) -> None:
    """Seats with a dossier, and the interests and red lines that it has."""
    report, personas = language.report, language.crisis.personas
    for seat, row in file.governments.items():
        here = place.to("governments", seat)
        if report.exists(here, "seat", seat, language.crisis.seats) and seat in personas:
            for section in ("interests", "red_lines"):
                known = [item.id for item in getattr(personas[seat], section)]
                for name in getattr(row, section):
                    report.exists(here.to(section, name), section.replace("_", " ")[:-1], name, known)
