"""Findings of a batch as one page, JSON and CSV; the same batch gives the same bytes. Computes no statistic itself."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ..models.fetch import CATALOGUE
from ..setup import DISTRIBUTION
from ..transcripts.export import cell, write_atomically
from ..transcripts.html import TEMPLATES as TRANSCRIPT_TEMPLATES
from ..transcripts.html import environment, render_html, style_source
from ..transcripts.names import counted
from ..transcripts.record import load_record
from ..transcripts.words import say
from . import beside, pictures
from .analysis import Analysis, analyse, over_variants
from .batch import Batch
from .findings import Arm, Comparison, Estimate, Findings, Game, Threat
from .gates import claim_of, gates_of
from .grid import Grid
from .matrix import CEILING, FLOOR
from .suites import TESTS_HARNESS, Suite

TEMPLATES = Path(__file__).parent / "templates"
PAGES = 300
"""Up to so many games, each one's transcript is written beside the report; above, the extremes of every arm."""
MUCH_FAILED = 0.1
"""Share of FAILED turns, or of games without a score, from which the headline is qualified."""
ENOUGH_AGREEMENT = 0.8


def findings_of(batch: Batch) -> Findings:
    """Everything that the report says."""
    found = analyse(batch)
    suite, grid = batch.suite, found.grid
    arms, comparisons, elsewhere = tuple(found.arms()), tuple(found.headline()), tuple(found.elsewhere())
    planned = [c for c in comparisons if c.planned]
    threats = tuple(_threats(found, batch, arms, planned, elsewhere))
    harness = batch.meta("harness") == "yes"
    variants, draws = grid.axes
    told: dict[str, Any] = {
        "suite": suite, "variants": len(variants), "draws": len(draws), "planned": len(found.planned),
        "games": len(grid.rows), "models": sorted(grid.versions.get("model", ())), "program": DISTRIBUTION,
        "version": min(grid.versions.get(DISTRIBUTION, {"?"})),
    }  # fmt: skip
    return Findings(
        suite=suite.id, title=f"{suite.title} – {TESTS_HARNESS}" if harness else suite.title, question=suite.question,
        headline=headline(suite, arms, planned),
        reservations=tuple(t.text for t in threats if t.serious), primary=suite.primary, better=suite.headline.better,
        smallest_effect=suite.smallest_effect,
        outcomes={name: o.title or o.of or name for name, o in suite.outcomes.items()}, control=suite.control,
        arms=arms, comparisons=comparisons, elsewhere=elsewhere, claim=claim_of(suite, comparisons),
        threats=threats, gates=tuple(gates_of(suite, grid, arms, comparisons)),
        methods=say("report", "methods", **told), citation=say("report", "citation", **told),
        setup=_setup(batch, grid), forecast=_forecast(batch, grid),
        games=tuple(_game(grid, n) for n in range(len(grid.rows))),
    )  # fmt: skip


def headline(suite: Suite, arms: Sequence[Arm], planned: Sequence[Comparison]) -> str:
    """The answer in one sentence, with its estimand."""
    if not any(arm.outcomes[suite.primary].games for arm in arms):
        found = ", ".join(
            f"{sum(getattr(a, b) for a in arms)} {b}" for b in ("scored", "unscorable", "broken", "missing")
        )
        return f"No game has the primary outcome '{suite.primary}' ({found}): there is nothing to compare."
    if not planned:
        return "Nothing was compared."
    where = "".join(f", {part}" for part in (planned[0].context, planned[0].model) if part)
    estimand = f"the mean over variants like these of {suite.scenario}{where}, for the players named below"
    if len(planned) == 1:
        return f"{planned[0].words.rstrip('.')} – {suite.primary}, {estimand}."
    sizes = {
        f"{counted(c.difference.variants, 'variant')}, {counted(c.difference.games, 'pair')} of games" for c in planned
    }
    groups: dict[str, list[str]] = {}
    for c in planned:
        groups.setdefault(c.verdict, []).append(say("report", "effect", c=c, d=c.difference, sized=len(sizes) > 1))
    said = "; ".join(f"{verdict}: {', '.join(levels)}" for verdict, levels in groups.items())
    over = f" over {sizes.pop()} each" if len(sizes) == 1 else ""
    return f"Against {suite.control} on {suite.primary}, {len(planned)} planned comparisons{over}: {said} – {estimand}."


# --- what could have produced it --------------------------------------------------------------------------------------


Told = Iterator[tuple[str, Mapping[str, Any]]]
"""Kinds of threats in words.yaml, each with what its sentence needs."""
LIGHT = ("floor", "ceiling", "prompts")
"""Threats that do not qualify the headline."""


def _threats(found: Analysis, batch: Batch, arms: Sequence[Arm], planned: Sequence[Comparison],
             elsewhere: Sequence[Comparison]) -> Iterator[Threat]:  # fmt: skip
    compared = [a for a in arms if not a.reference]
    told = chain(
        _of_players(batch, found.grid), _of_arms(compared), _of_comparisons(found, planned, elsewhere),
        _of_games(found.grid, len({a.name for a in arms})), _of_judges(batch, found.grid),
        _of_ends(compared, {a.name: a.outcomes[found.suite.primary] for a in arms}, found.suite.primary),
    )  # fmt: skip
    return (Threat(serious=kind not in LIGHT, text=say("threats", kind, **values)) for kind, values in told)


def _of_players(batch: Batch, grid: Grid) -> Told:
    if batch.meta("harness") == "yes":
        yield "harness", {}
    models = sorted(grid.versions.get("model", set()) & CATALOGUE.keys())
    yield from (("weak", {"title": CATALOGUE[model].title}) for model in models)


def _of_arms(arms: Iterable[Arm]) -> Told:
    for arm in arms:
        kinds = {
            "failed": (arm.failed_turns or 0) > MUCH_FAILED, "alone": arm.planned == 1, "missing": arm.missing > 0,
            "lost": arm.unscorable + arm.broken > MUCH_FAILED * arm.planned,
        }  # fmt: skip
        yield from ((kind, {"a": arm}) for kind in ("failed", "lost", "alone", "missing") if kinds[kind])


def _of_comparisons(found: Analysis, planned: Iterable[Comparison], elsewhere: Sequence[Comparison]) -> Told:
    for c in planned:
        d = c.difference
        if c.verdict in ("better", "worse") and min((d.worst or 0) * (d.mean or 0), (d.best or 0) * (d.mean or 0)) <= 0:
            yield "sign", {"c": c}
        for other in elsewhere:
            if other.level == c.level and _turns(c, other, found):
                place = other.outcome if other.outcome != c.outcome else other.context or other.model
                yield "turned", {"c": c, "place": place}


def _of_games(grid: Grid, arms: int) -> Told:
    over = [row for row in grid.rows if row.bucket]
    if (variants := len(grid.axes[0])) < 6:
        yield "few", {"variants": variants}
    if len(worlds := grid.versions.get("world", set())) == 1:
        yield "world", {"world": min(worlds)}
    if len({row.material for row in over}) > arms:
        yield "material", {}
    if len({row.scorer for row in over}) > 1:
        yield "scorer", {}


def _of_judges(batch: Batch, grid: Grid) -> Told:
    for name, value in sorted(grid.agreement.items()):
        if value < ENOUGH_AGREEMENT:
            dimension, _, judge = name.partition("@")
            yield "agreement", {"dimension": dimension, "judge": judge, "value": value}
    for judge, labels in json.loads(batch.meta("calibrated") or "{}").items():
        low = [f"{name} {value:.2f}" for name, value in labels.items() if value < ENOUGH_AGREEMENT]
        if low or not labels:
            yield "low" if labels else "uncalibrated", {"judge": judge, "low": low}


def _of_ends(compared: Iterable[Arm], means: Mapping[str, Estimate], primary: str) -> Told:
    floor = means[FLOOR].high if FLOOR in means else None
    for arm in compared:
        mean = arm.outcomes[primary].mean
        if floor is not None and mean is not None and mean <= floor:
            yield "floor", {"a": arm}
    if CEILING not in means:
        yield "ceiling", {}
    yield "prompts", {}


def _turns(c: Comparison, other: Comparison, found: Analysis) -> bool:
    """Whether another lens, scale, judge or context says the opposite, with an interval on that side of zero."""
    low, high = other.span
    if low is None or high is None or not c.difference.mean or c.verdict == "not enough data":
        return False
    ends = [end * found.outcome(other.outcome).sign for end in (low, high)]
    return max(ends) < 0 if c.difference.mean * found.outcome(c.outcome).sign > 0 else min(ends) > 0


# --- words ------------------------------------------------------------------------------------------------------------


def _setup(batch: Batch, grid: Grid) -> dict[str, str]:
    suite = batch.suite
    variants, draws = grid.axes
    rows = [row for row in grid.rows if row.bucket]
    costs = [row.cost for row in rows if row.cost is not None]
    scorers = sorted({row.scorer for row in rows})
    return {
        "scenario": suite.scenario, "variants": ", ".join(map(str, variants)),
        "seeds": ", ".join(str(seed) for seed in sorted({d[0] for d in draws})), "repeats": str(suite.repeats),
        **{name: ", ".join(sorted(found)) for name, found in sorted(grid.versions.items())},
        "scored by": "; ".join(scorers), "calls": str(sum(row.calls for row in rows)),
        "tokens": str(sum(row.tokens for row in rows)),
        "cost": f"{sum(costs):.4f} USD" if costs else "no price known or no call",
        "suite": hashlib.sha256((batch.meta("suite") or "").encode()).hexdigest()[:12],
    }  # fmt: skip


def _forecast(batch: Batch, grid: Grid) -> dict[str, str]:
    said = json.loads(batch.meta("forecast") or "null")
    if not said:
        return {}
    calls, tokens = sum(r.calls for r in grid.rows), sum(r.tokens for r in grid.rows)
    costs = [row.cost for row in grid.rows if row.cost is not None]
    guessed, ends = said["prompt"] + said["completion"], said["cost_usd"]
    cost = f"{ends['low']:.2f} to {ends['high']:.2f} USD foretold" if ends else "no price known"
    took = float(batch.meta("seconds") or 0)

    def off(guess: float, real: float) -> str:
        return f"{guess:.0f} foretold, {real:.0f} made" + (f" ({real / guess - 1:+.0%})" if guess else "")

    return {
        "calls": off(said["calls"], calls), "tokens": off(guessed, tokens),
        "cost": f"{cost}, {sum(costs):.2f} spent" if costs else cost, "seconds": off(said["seconds"], took),
    }  # fmt: skip


def _game(grid: Grid, n: int) -> Game:
    row, card = grid.rows[n], grid.cards[n]
    named = {k.removeprefix("outcome:"): c for k, c in grid.columns.items() if k.startswith("outcome:")}
    return Game(
        **row.key._asdict(), folder=row.folder, bucket=row.bucket or "not over", why=row.why,
        outcomes={name: float(column[n]) for name, column in sorted(named.items()) if column[n] == column[n]},
        ending=card.get("ending", ""), verdict=card.get("verdict", ""), fails=tuple(card.get("fails", ())),
        failed_turns=sum(card.get("failed_by_seat", {}).values()), proofs=card.get("proofs", {}),
    )  # fmt: skip


# --- files ------------------------------------------------------------------------------------------------------------


def write_report(batch: Batch, out: Path | None = None, older: Findings | None = None) -> dict[str, Path]:
    """Write page, JSON and CSV, and return their paths.

    In the batch's own folder the page leads to transcripts, which are written there; elsewhere it stands alone.
    """
    page = out or batch.folder / "report.html"
    found = findings_of(batch)
    shown = _shown(found) if page.parent.resolve() == batch.folder.resolve() else []
    for game in shown:
        path = batch.folder / "runs" / game.folder / "transcript.html"
        if not path.exists() and path.parent.is_dir():
            write_atomically(path, render_html(load_record(path.parent)))
    paths = {"html": page, "json": page.with_suffix(".json"), "csv": page.with_suffix(".csv")}
    write_atomically(paths["html"], to_html(batch, found, {g.folder for g in shown}, older))
    write_atomically(paths["json"], found.model_dump_json(indent=1) + "\n")
    write_atomically(paths["csv"], to_csv(found))
    return paths


def _shown(found: Findings) -> list[Game]:
    """Games whose transcripts go with the report."""
    readable = [g for g in found.games if g.bucket in ("scored", "unscorable")]
    if len(readable) <= PAGES:
        return readable
    chosen: dict[str, Game] = {}
    for arm in found.arms:
        here = [g for g in readable if (g.arm, g.model) == (arm.name, arm.model) and found.primary in g.outcomes]
        here.sort(key=lambda g: (g.outcomes[found.primary], g.folder))
        chosen |= {g.folder: g for g in [*here[:1], *here[len(here) // 2 :][:1], *here[-1:]]}
    pair = beside.pair_of(found)
    chosen |= {g.folder: g for g in readable if pair and g.folder in pair}
    return list(chosen.values())


def to_html(batch: Batch, found: Findings, linked: set[str], older: Findings | None = None) -> str:
    """The page; `linked` are games whose transcripts lie beside it."""
    style = _style()
    return _environment().get_template("report.html.j2").render(
        found=found, style=Markup(style), style_source=style_source(style), linked=linked, runs="runs",
        pictures=pictures.draw(found), beside=beside.side_by_side(batch, found), changes=_changes(found, older),
        planned=[c for c in found.comparisons if c.planned], anchor=_anchor, behind=_behind(found),
        exploratory=[c for c in found.comparisons if not c.planned], figures=_figure_rows(found),
        groups=FIGURE_GROUPS,
    )  # fmt: skip


def _anchor(arm: Arm) -> str:
    """A word for an arm's place on the page."""
    return f"{arm.name}-{hashlib.sha256(arm.model.encode()).hexdigest()[:4]}" if arm.model else arm.name


def _behind(found: Findings) -> dict[tuple[str, str, int], list[Game]]:
    """Arm, model and variant -> its games."""
    games: dict[tuple[str, str, int], list[Game]] = {}
    for g in found.games:
        games.setdefault((g.arm, g.model, g.variant), []).append(g)
    return games


FIGURE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Items of the scorecard (0 to 2)": ("item:",),
    "Lenses": ("composite", "lens:"),
    "What each government would say": ("government:",),
    "Judged": ("judged:",),
    "Metrics: escalation, attempts per opportunity, leaks, refusals and the rest": ("metric:",),
    "Play: calls, repairs, FAILED turns": ("run:",),
}


def _figure_rows(found: Findings) -> dict[str, list[str]]:
    names = sorted({name for arm in found.arms for name in arm.figures})
    return {title: [n for n in names if n.startswith(starts)] for title, starts in FIGURE_GROUPS.items()}


def _changes(now: Findings, older: Findings | None) -> list[dict[str, Any]]:
    """Arm by arm, the primary outcome here and in an older batch, over games of the same variant and seed."""
    if older is None:
        return []
    before, after = _scores(older, now.primary), _scores(now, now.primary)
    rows = []
    for arm in now.arms:
        played = [a.model for a in older.arms if a.name == arm.name]
        model = played[0] if len(played) == 1 else arm.model  # One model then and another now: that is what changed.
        was = before.get((arm.name, model), {})
        pairs: dict[int, list[float]] = {}
        for key, value in after.get((arm.name, arm.model), {}).items():
            if key in was:
                pairs.setdefault(key[0], []).append(value - was[key])
        rows.append({"arm": arm, "was": model, "change": over_variants(pairs), "variants": len(pairs)})
    return rows


def _scores(found: Findings, outcome: str) -> dict[tuple[str, str], dict[tuple[int, int, int], float]]:
    """Arm and model -> variant, seed and repeat -> the outcome, of games that were scored."""
    scores: dict[tuple[str, str], dict[tuple[int, int, int], float]] = {}
    for g in found.games:
        if g.bucket == "scored" and outcome in g.outcomes:
            scores.setdefault((g.arm, g.model), {})[g.variant, g.seed, g.repeat] = g.outcomes[outcome]
    return scores


def to_csv(found: Findings) -> str:
    """One row a game."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    names = list(found.outcomes)
    head = ("arm", "variant", "model", "seed", "repeat", "bucket", "why", "ending", "verdict", "fails", "failed_turns")
    writer.writerow([*head, *names, "folder"])
    for g in found.games:
        row = [getattr(g, name) for name in head[:9]] + [" ".join(g.fails), g.failed_turns]
        writer.writerow([cell(v) for v in (*row, *(g.outcomes.get(n) for n in names), g.folder)])
    return out.getvalue()


@cache
def _style() -> str:
    return "".join((folder / name).read_text("utf-8") for folder, name in (
        (TRANSCRIPT_TEMPLATES, "style.css"), (TEMPLATES, "report.css")))  # fmt: skip


@cache
def _environment() -> Environment:
    made = environment().overlay(loader=FileSystemLoader(TEMPLATES))
    numbers = {"n": lambda x: "–" if x is None else f"{x:.4g}", "signed": lambda x: "–" if x is None else f"{x:+.4g}"}
    made.filters = {**made.filters, **numbers}
    return made
