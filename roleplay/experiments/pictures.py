"""Figures of a report as inline SVG by matplotlib: the same bytes for the same findings, under a strict CSP.

What matplotlib writes as style attributes becomes plain attributes, which a page's policy does not forbid, and ink
takes the page's own colour, whatever the theme. Knows nothing about the rest of the page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .findings import Arm, Comparison, Estimate, Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#010203"
"""Stands for the page's text colour."""
COLOURS = ("#3b7dd8", "#c8641b", "#2a9d6f", "#b6519e", "#8a8d1c", "#7a6fd0", "#c2464f", "#4f9aa8")
DASHES = ("-", "--", "-.", ":")
WIDTH = 8.0


@dataclass(frozen=True)
class Picture:
    """One figure: its SVG, a title, and what it shows in words."""

    name: str
    svg: str
    title: str
    summary: str


def draw(found: Findings) -> list[Picture]:
    """Every figure for which there is something to show."""
    planned = [c for c in found.comparisons if c.planned and c.difference.mean is not None]
    scored = [(_name(a), a.outcomes[found.primary]) for a in found.arms if a.outcomes[found.primary].mean is not None]
    made = []
    if planned:
        size = f"the smallest difference that would matter, ±{found.smallest_effect:g}, is shaded"
        made.append(_picture("forest", f"Differences from {found.control}", size,
                             lambda ax: _forest(ax, planned, found), 0.9 + 0.45 * len(planned)))  # fmt: skip
    if scored:
        made.append(_picture("arms", f"{found.outcomes[found.primary]} by arm", _listed(scored),
                             lambda ax: _points(ax, scored), 0.9 + 0.4 * len(scored)))  # fmt: skip
    made += [_tension_in(context, arms) for context, arms in _contexts(found).items()]
    if any(a.endings for a in found.arms):
        made.append(_picture("endings", "How games ended", "numbers are in the table of arms",
                             lambda ax: _endings(ax, found), 1.3 + 0.4 * len(found.arms)))  # fmt: skip
    if planned and any(len(c.by_variant) > 1 for c in planned):
        made.append(_picture("variants", "Difference in each scenario variant", "one dot a variant and comparison",
                             lambda ax: _variants(ax, planned), 0.9 + 0.5 * len(planned)))  # fmt: skip
    return made


def _name(arm: Any) -> str:
    return f"{arm.name} ({arm.model})" if arm.model and len(arm.model) < 24 else str(arm.name)


def _listed(rows: Sequence[tuple[str, Estimate]]) -> str:
    return ", ".join(f"{name} {e.mean:.3g}" for name, e in rows if e.mean is not None)


# --- what is drawn ----------------------------------------------------------------------------------------------------


def _forest(ax: Axes, planned: Sequence[Comparison], found: Findings) -> None:
    ax.axvspan(-found.smallest_effect, found.smallest_effect, color="#8a8d9180", alpha=0.25, lw=0)
    ax.axvline(0, color=INK, lw=0.8)
    _points(ax, [(c.level, c.difference) for c in planned])
    ax.set_xlabel(f"difference in {found.outcomes[found.primary]}")


def _points(ax: Axes, rows: Sequence[tuple[str, Estimate]]) -> None:
    for n, (_, e) in enumerate(rows):
        colour = COLOURS[n % len(COLOURS)]
        if e.low is not None and e.high is not None:
            ax.plot([e.low, e.high], [n, n], color=colour, lw=2.5, solid_capstyle="butt")
        ax.plot([e.mean or 0.0], [n], "o", color=colour, ms=7)
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)


def _contexts(found: Findings) -> dict[str, list[Arm]]:
    """Context -> the arms that were played in it, as far as there is a tension to show."""
    arms: dict[str, list[Arm]] = {}
    for a in found.arms:
        if a.tension and not a.reference:
            arms.setdefault(a.context, []).append(a)
    return arms


def _tension_in(context: str, arms: Sequence[Arm]) -> Picture:
    left = any(e.games < a.tension[0].games for a in arms for e in a.tension)
    ended = "; games that are over are in no later round" if left else ""
    summary = f"at the end: {_listed([(_name(a), a.tension[-1]) for a in arms])}{ended}"
    title = "Tension by round, with 95 % bands" + (f": {context}" if context else "")
    name = f"tension-{context}" if context else "tension"
    return _picture(name, title, summary, lambda ax: _tension(ax, arms), max(3.4, 0.8 + 0.22 * len(arms)))


def _tension(ax: Axes, arms: Sequence[Arm]) -> None:
    for n, arm in enumerate(arms):
        colour, rounds = COLOURS[n % len(COLOURS)], range(len(arm.tension))
        means = [e.mean or 0.0 for e in arm.tension]
        lows = [e.mean or 0.0 if e.low is None else e.low for e in arm.tension]
        highs = [e.mean or 0.0 if e.high is None else e.high for e in arm.tension]
        ax.fill_between(rounds, lows, highs, color=colour, alpha=0.18, lw=0)
        dash = DASHES[(n + n // len(COLOURS)) % len(DASHES)]
        ax.plot(rounds, means, dash, color=colour, lw=2, label=_name(arm))
    ax.set_xticks(range(max(len(arm.tension) for arm in arms)))
    ax.set_xlabel("round (0: the opening)")
    ax.set_ylabel("tension")
    ax.legend(frameon=False, fontsize=9, labelcolor=INK, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _endings(ax: Axes, found: Findings) -> None:
    names = sorted({name for arm in found.arms for name in arm.endings})
    left = np.zeros(len(found.arms))
    for n, name in enumerate(names):
        counts = np.array([float(arm.endings.get(name, 0)) for arm in found.arms])
        shares = counts / np.maximum([max(1, sum(a.endings.values())) for a in found.arms], 1)
        ax.barh(range(len(found.arms)), shares, left=left, color=COLOURS[n % len(COLOURS)], label=name, height=0.6)
        left += shares
    ax.set_yticks(range(len(found.arms)), [_name(arm) for arm in found.arms])
    ax.set_ylim(len(found.arms) - 0.4, -0.6)
    ax.set_xlabel("share of games")
    ax.legend(frameon=False, fontsize=9, ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0), labelcolor=INK)


def _variants(ax: Axes, planned: Sequence[Comparison]) -> None:
    ax.axvline(0, color=INK, lw=0.8)
    for n, c in enumerate(planned):
        values = [row.difference for row in c.by_variant]
        ax.plot(values, [n] * len(values), "o", color=COLOURS[n % len(COLOURS)], alpha=0.6, ms=6, mew=0)
    ax.set_yticks(range(len(planned)), [c.level for c in planned])
    ax.set_ylim(len(planned) - 0.4, -0.6)
    ax.set_xlabel("difference")


# --- how it becomes part of a page ------------------------------------------------------------------------------------


def _picture(name: str, title: str, summary: str, paint: Callable[[Any], None], height: float) -> Picture:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    plain: dict[Any, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": name, "font.size": 10, "axes.edgecolor": INK, "axes.labelcolor": INK,
        "text.color": INK, "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False,
    }  # fmt: skip
    with mpl.rc_context(dict(mpl.rcParamsDefault) | plain):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0)
        ax = figure.add_subplot()
        ax.patch.set_alpha(0)
        paint(ax)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return Picture(name, _plain(out.getvalue(), name, f"{title}: {summary}."), title, summary)


def _plain(svg: str, name: str, label: str) -> str:
    """One element for a page: no prolog, no style sheet or attribute, ids of its own, a name for who cannot see it."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'style="([^"]*)"', lambda m: _attributes(m[1]), svg)
    svg = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r' (width|height)="[0-9.]+pt"', "", svg, count=2)
    quoted = label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    opening = f'<svg role="img" aria-label="{quoted}" stroke-linejoin="round" '
    return svg.replace("<svg ", opening, 1).replace(INK, "currentColor").strip()


def _attributes(style: str) -> str:
    pairs = [part.partition(":") for part in style.split(";") if ":" in part]
    kept = {k.strip(): v.strip() for k, _, v in pairs if k.strip() not in ("font", "font-family")}
    if size := re.search(r"font: *(?:[a-z]+ )*([0-9.]+)px", style):
        kept["font-size"] = size[1]
    return " ".join(f'{k}="{v}"' for k, v in kept.items())
