"""How events move indicators by the rows of a world; knows no row by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..crises.means import Indicator
from ..crises.worlds import EffectRow, WorldRow
from ..drafts import Draft
from ..events import Breach, Channel, Deal, Effect, Event, Moved
from ..moves import Use
from . import Situation, narrowed, pairs


def world_effects(situation: Situation) -> Iterator[Draft]:
    """Effects of this round's events, row by row, but for those that the adjudicator has set aside."""
    for row, cause in due(situation):
        if cause is None or (row.id, cause.id) not in situation.set_aside:
            for draft in apply(situation, row.effects, cause, row.claim, row.id):
                yield _once(situation, draft, cause) if isinstance(cause, Breach) else draft


def _once(situation: Situation, draft: Draft, breach: Breach) -> Draft:
    """An effect of a breach; where some had known of it, it names what they have counted as its origin."""
    events, made = list(situation.ever()), draft.fields
    earlier = {e.id for e in events if isinstance(e, Breach) and e.commitment == breach.commitment} - {breach.id}
    counted = (e for e in events if isinstance(e, Effect) and not earlier.isdisjoint(e.cause))
    same = (made["row"], made["indicator"], made["of"])
    origin = next((e.origin or e.id for e in counted if (e.row, e.indicator, e.of) == same), None)
    return replace(draft, fields={**made, "origin": origin})


def due(situation: Situation) -> Iterator[tuple[WorldRow, Event | None]]:
    """Every row that applies in this round, with the event that it follows from."""
    for row in situation.table.rows:
        if not situation.crisis.matcher.all_hold(row.given, situation.state):
            continue
        when = row.when
        if when is None:
            yield row, None
            continue
        causes = [e for e in situation.now if situation.crisis.matcher.fits(when, e)]
        for cause in causes[: row.at_most]:
            yield row, cause


def apply(
    situation: Situation, rows: Iterable[EffectRow], cause: Event | None, claim: str, name: str
) -> Iterator[Draft]:
    """Drafts of the effects of one cause; those who may not read the cause do not read its effects."""
    for row in rows:
        indicator = situation.crisis.indicators[row.indicator]
        for of in whose(situation, row.of, indicator, cause):
            readers = readers_of(situation, indicator, of)
            if cause is not None:
                readers = narrowed(readers, [cause])
            fields = {
                "indicator": indicator.id, "of": of, "by": row.by, "claim": claim, "row": name,
                "cause": (cause.id,) if cause else (),
            }  # fmt: skip
            yield Draft("effect", None, readers, fields)


def whose(situation: Situation, of: str, indicator: Indicator, cause: Event | None) -> list[str]:
    """The seats, pairs or keys that `of` means: ids, or the words actor, target, parties and everyone."""
    if indicator.per == "one":
        return [""]
    if of == "parties":
        parties = _parties(cause)
        return list(pairs(parties)) if indicator.per == "pair" else sorted(parties)
    if of == "everyone":
        return list(situation.seats) if indicator.per == "seat" else list(indicator.keys)
    words = [_meant(situation, word, cause) for word in of.split(":")]
    if any(not word for word in words) or (indicator.per == "pair" and len(set(words)) < 2):
        return []
    if indicator.per == "pair":
        return [":".join(sorted(words))]
    found = words[0]
    if indicator.per == "key" and indicator.keys and found not in indicator.keys:
        return []
    return [found]


def _meant(situation: Situation, word: str, cause: Event | None) -> str:
    if word == "actor":
        return (cause.seat or "") if cause else ""
    if word == "target":
        return _target(situation, cause)
    return word


def _target(situation: Situation, cause: Event | None) -> str:
    if not (isinstance(cause, Moved) and isinstance(cause.move, Use)):
        return ""
    params = cause.move.params
    for name in ("target", "jurisdiction"):
        if name in params:
            return str(params[name])
    towards = situation.crisis.instruments[cause.move.instrument].towards
    return towards[0] if towards else ""


def _parties(cause: Event | None) -> tuple[str, ...]:
    match cause:
        case Deal(parties=parties):
            return parties
        case Channel(members=members):
            return members
        case _:
            return ()


def readers_of(situation: Situation, indicator: Indicator, of: str) -> tuple[str, ...]:
    """Who may read the indicator `of` this seat, pair or key."""
    match indicator.readers:
        case "public":
            return situation.public
        case "owner":
            return tuple(s for s in situation.seats if s in of.split(":"))
        case "nobody":
            return ()
