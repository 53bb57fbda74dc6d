"""Which instruments a weighted baseline plans to use, and with what parameters. Knows no instrument by name."""

from __future__ import annotations

from typing import assert_never

from ..crises.means import Instrument, Param
from ..moves import Parameter, Use
from ..personas.models import Leaning
from .conduct import TARGETS, hostility
from .reading import Reading, one_of, points

STRANGE = -0.5
"""Weight of an instrument on which the dossier is silent."""
TIRED = 0.5
"""Weight that an instrument loses in the round after its use."""
HIGH, LOW = 0.6, 0.4
"""Share of its range from which tension is high, below which it is low."""
PRESSED = 0.5
"""Conduct of others from which a seat feels pressed."""


def planned(r: Reading) -> list[Use]:
    """The instruments that the seat would use this round, heaviest first; at most as many as its profile allows."""
    return r.view.once(("planned", r.profile.id, r.round), lambda: _planned(r))


def _planned(r: Reading) -> list[Use]:
    weighed = [(weight(r, i), i) for i in r.sheet.instruments.values() if _exists(r, i)]
    chosen = sorted((w, i.id) for w, i in weighed if w >= r.profile.threshold)
    uses = [_use(r, r.sheet.instruments[name]) for _, name in reversed(chosen)]
    return [u for u in uses if r.profile.treachery or not r.breaks(u)][: r.profile.acts]


def weight(r: Reading, instrument: Instrument) -> float:
    """Dossier, strategy and manner of play, with what others did, how tense it is, and a little chance."""
    hostile = hostility(instrument)
    rows = _leanings(r, instrument)
    leaning = sum(row.weight for row in rows if _holds(r, row)) if rows else STRANGE
    caution = (1 - r.dossier.temper.risk) * r.tension * max(0.0, hostile)
    in_kind = hostile * r.profile.reciprocity * r.conduct.worst(aimed_at(r, instrument))
    tired = TIRED if r.last_use(instrument.id) == r.round - 1 else 0.0
    chance = r.profile.noise * (2 * r.draw(f"weight-{instrument.id}") - 1)
    return leaning + _preferred(r, instrument) + in_kind - caution - tired + chance


def _leanings(r: Reading, instrument: Instrument) -> list[Leaning]:
    return [row for row in r.dossier.instruments if row.id in (instrument.id, instrument.family)]


def _preferred(r: Reading, instrument: Instrument) -> float:
    """What strategy and profile add: by instrument, by family, by how hostile it is."""
    added = r.strategy.instruments
    by_strategy = added.get(instrument.id, 0.0) + added.get(instrument.family, 0.0)
    by_profile = r.profile.families.get(instrument.family, 0.0) + r.profile.toughness * hostility(instrument)
    return by_strategy + by_profile


def _holds(r: Reading, row: Leaning) -> bool:
    match row.when:
        case "always":
            return True
        case "tension_high":
            return r.tension >= HIGH
        case "tension_low":
            return r.tension < LOW
        case "after_test":
            return r.conduct.tested
        case "after_pressure":
            return r.conduct.worst(r.conduct.of) >= PRESSED
        case _:
            assert_never(row.when)


def _exists(r: Reading, instrument: Instrument) -> bool:
    return instrument.available_from is None or instrument.available_from.isoformat() <= r.view.date


def aimed_at(r: Reading, instrument: Instrument) -> tuple[str, ...]:
    """Seats at which it may be aimed; every other seat where its data names none."""
    named = {v for name in TARGETS if name in instrument.params for v in instrument.params[name].values}
    seats = [s for s in r.view.run.seats if s != r.me]
    return tuple(s for s in seats if s in {*named, *instrument.towards}) or tuple(seats)


def _use(r: Reading, instrument: Instrument) -> Use:
    params: dict[str, Parameter] = {
        name: _value(r, instrument, name, param) for name, param in instrument.params.items()
    }
    return Use(instrument=instrument.id, params=params)


def _value(r: Reading, instrument: Instrument, name: str, param: Param) -> Parameter:
    """The default where there is one; else a target by conduct, or one of the values, those listed first more often."""
    if param.default is not None:
        return param.default
    match param.type:
        case "flag":
            return True
        case "number":
            return param.low + (param.high - param.low) // 2
        case "text":
            return param.meaning or instrument.title
        case "choice":
            return _choice(r, instrument, name, param)


def _choice(r: Reading, instrument: Instrument, name: str, param: Param) -> str:
    seats = [v for v in param.values if v in r.conduct.of]
    if name in TARGETS and seats and hostility(instrument) > 0:
        return max(seats, key=lambda s: (r.conduct.of[s] - r.conduct.trust(s), s))
    return one_of(param.values, r.draw(f"param-{instrument.id}-{name}"))


def reason(r: Reading, use: Use) -> str:
    """Why a planned instrument was chosen, in one line."""
    instrument = r.sheet.instruments[use.instrument]
    holding = [row for row in _leanings(r, instrument) if _holds(r, row) and row.weight > 0]
    why = f": {max(holding, key=lambda row: row.weight).why}" if holding else ""
    return f"'{instrument.title}' weighs {points(weight(r, instrument))} now{why}."
