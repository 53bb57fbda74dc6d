"""Metrics of how it was done: the mix of tools, steps, rooms, public words, leaks, rulings, turns.

Each function's docstring is its entry in docs/metrics.md: what it is, then unit, range and source.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from ..events import Channel, Event, Leaked, Moved, Ruling, Spoken, Verdict
from ..moves import TONES, Accept, Amend, Prearrange, Statement, Table
from ..rules.attempts import attempts
from .case import Case
from .outcome import Found, Measure

HEAT = TONES.index("threat")


def share(part: float, whole: float) -> float | None:
    """A share, None of nothing."""
    return round(part / whole, 4) if whole else None


def ids(events: Iterator[Event] | list[Event]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e.id for e in events))


def tool_mix(case: Case) -> Found | None:
    """Share of rounds in which the sheet's seat used each of the four families of a policy mix; `missing` lists
    families never used.

    share of rounds; 0-1; article-map F3, S12
    """
    mix = case.rules.mix
    if mix is None or not case.rounds:
        return None
    used = {name: [e for e in case.find_all(patterns) if e.seat == mix.seat] for name, patterns in mix.families.items()}
    value = {n: share(len({e.round for e in es}), case.rounds) for n, es in used.items()}
    return Found(
        {**value, "missing": [n for n, es in used.items() if not es]}, ids([e for es in used.values() for e in es])
    )


def ladder(case: Case) -> Found | None:
    """New measures adopted step by step: steps taken, steps skipped (a higher scope of an object whose lower one never
    stood), and objects raised by two steps in one round.

    steps; 0 and up; article-map S10
    """
    rule = case.rules.ladder
    if rule is None:
        return None
    held: dict[str, int] = {}
    taken: Counter[str] = Counter()
    evidence: dict[str, None] = {}
    for entry in case.play.ledger.entries.values():
        clause = entry.commitment
        if not case.fits(rule.clause, entry) or clause.scope not in rule.scopes:
            continue
        step, before = rule.scopes.index(clause.scope) + 1, held.get(clause.object, 0)
        if entry.round and step > before:
            taken["steps"] += 1
            taken["skipped"] += step - before - 1
            evidence[entry.deal] = None
        held[clause.object] = max(step, before)
    return Found({name: taken[name] for name in ("steps", "skipped")}, tuple(evidence))


def centrality(case: Case) -> Found:
    """Share of the other governments with which each one spoke in some ring (degree centrality).

    share of governments; 0-1; article-map D1
    """
    met: dict[str, set[str]] = defaultdict(set)
    for one, other in _talks(case):
        met[one].add(other)
    return Found({seat: share(len(met[seat]), len(case.seats) - 1) for seat in case.seats})


def dyads(case: Case) -> Found:
    """Turns with words in rings, counted for each pair of governments that both spoke there in that round.

    turns; by pair 'a:b'; article-map D2
    """
    counts = Counter(":".join(sorted(pair)) for pair in _talks(case))
    return Found(dict(sorted(counts.items())))


def _talks(case: Case) -> Iterator[tuple[str, str]]:
    """(speaker, member who spoke there in the same round) for each turn with words in a ring."""
    rooms: dict[tuple[int, str], list[str]] = defaultdict(list)
    for event in case.by_kind["turn"]:
        if isinstance(event, Spoken) and event.ring and event.seat and event.text and event.outcome != "failed":
            rooms[event.round, event.ring].append(event.seat)
    for spoken in rooms.values():
        for one in spoken:
            yield from ((one, other) for other in dict.fromkeys(spoken) if other != one)


# --- public words ----------------------------------------------------------------------------------------------------


def _lines(case: Case) -> dict[str, list[tuple[Moved, Statement]]]:
    found: dict[str, list[tuple[Moved, Statement]]] = defaultdict(list)
    for event in case.by_kind["move statement"]:
        if isinstance(event, Moved) and isinstance(event.move, Statement) and event.seat:
            found[event.seat].append((event, event.move))
    return found


def public_heat(case: Case) -> Found:
    """Mean severity of each government's public lines as they were typed: 0 conciliatory to 4 threat.

    severity; 0-4; article-map P1, measures.md 8
    """
    spoken = _lines(case)
    value = {s: round(sum(TONES.index(m.tone) for _, m in x) / len(x), 3) for s, x in spoken.items()}
    return Found(value, ids([e for x in spoken.values() for e, m in x if TONES.index(m.tone) >= HEAT]))


def heated_share(case: Case) -> Found:
    """Share of each government's public lines that are threats.

    share of lines; 0-1; article-map P1, measures.md 1
    """
    spoken = _lines(case)
    hot = {seat: [e for e, m in x if TONES.index(m.tone) >= HEAT] for seat, x in spoken.items()}
    value = {seat: share(len(hot[seat]), len(x)) for seat, x in spoken.items()}
    return Found(value, ids([e for events in hot.values() for e in events]))


def contradictions(case: Case) -> Found:
    """Public lines that contradict one which the same government took in the same round or the one before.

    lines; 0 and up; article-map P2, P5, P8
    """
    return _against(case, dict.fromkeys(case.seats, 0), window=1)


def off_script(case: Case) -> Found:
    """Public lines that contradict, or are threats, after the government named the official who answers for its policy.

    lines; 0 and up; article-map P7
    """
    named = {e.seat: case.order[e.id] for e in reversed(case.by_kind["move name_official"]) if e.seat}
    return _against(case, named, window=1000, heat=True)


def _against(case: Case, since: Mapping[str, int], window: int, heat: bool = False) -> Found:
    value = {}
    evidence: dict[str, None] = {}
    for seat, lines in _lines(case).items():
        script = [(e, m) for e, m in lines if seat in since and case.order[e.id] >= since[seat]]
        bad = 0
        for n, (event, move) in enumerate(script):
            said = [e for e, m in script[:n] if event.round - e.round <= window and _contradict(case, m, move)]
            if said or (heat and n and TONES.index(move.tone) >= HEAT):
                bad += 1
                evidence.update(dict.fromkeys([*(e.id for e in said), event.id]))
        value[seat] = bad
    return Found(value, tuple(evidence))


def _contradict(case: Case, one: Statement, other: Statement) -> bool:
    lines = case.crisis.lines
    return any(
        (a in lines and b in lines[a].contradicts) or (b in lines and a in lines[b].contradicts)
        for a in one.lines for b in other.lines
    )  # fmt: skip


def signal_phrases(case: Case) -> Found | None:
    """How far each prearranged phrase came: 1 agreed in a ring or by a contact, 2 spoken in public, 3 the ring opened.

    steps by ring; 1-3; article-map P6e
    """
    value = {}
    evidence: list[Event] = []
    for event in case.by_kind["move prearrange"]:
        if not isinstance(event, Moved) or not isinstance(event.move, Prearrange):
            continue
        ring, phrase = event.move.ring, event.move.phrase
        about = [e for e in case.by_kind["channel"] if isinstance(e, Channel) and e.about == ring]
        said = [e for e in about if (e.state, e.words) == ("signalled", phrase) and _after(case, event, e)]
        opened = [e for e in about if said and e.state == "open" and _after(case, said[0], e)]
        value[ring] = 1 + bool(said) + bool(opened)
        evidence += [event, *said[:1], *opened[:1]]
    return Found(value, ids(evidence)) if value else None


def _after(case: Case, one: Event, other: Event) -> bool:
    return case.order[other.id] > case.order[one.id]


# --- secrets ---------------------------------------------------------------------------------------------------------


def leaks(case: Case) -> Found:
    """Leaks of each ring, and the clauses that its members offered or accepted for themselves a round before the first
    leak and after it.

    leaks, clauses a round; 0 and up; article-map D6
    """
    found: dict[str, list[Leaked]] = defaultdict(list)
    for event in case.by_kind["leak"]:
        if isinstance(event, Leaked):
            found[event.about.split("/")[0]].append(event)
    value = {}
    for ring, events in found.items():
        when = events[0].round
        given = _concessions(case, ring)
        early = sum(number <= when for number in given)
        before, after = share(early, when), share(len(given) - early, case.rounds - when)
        value[ring] = {"leaks": len(events), "before": before, "after": after}
    return Found(value, ids([e for events in found.values() for e in events]))


def _concessions(case: Case, ring: str) -> list[int]:
    """The round of each clause that a member offered for itself, and of each acceptance."""
    rounds = []
    for event in case.by_kind["move"]:
        if isinstance(event, Moved) and event.ring == ring:
            match event.move:
                case Table(commitments=clauses) | Amend(commitments=clauses):
                    rounds += [event.round for c in clauses if event.seat in c.parties]
                case Accept():
                    rounds.append(event.round)
                case _:
                    pass
    return rounds


# --- rules and turns -------------------------------------------------------------------------------------------------


def rulings(case: Case) -> Found:
    """How often rules spoke to each seat: moves blocked, let through and noted, credited (rule_attempts: by rule).

    rulings; by seat and verdict; ARCHITECTURE.md, One turn
    """
    counts: dict[str, Counter[str]] = {seat: Counter() for seat in case.seats}
    for event in case.by_kind["ruling"]:
        if isinstance(event, Ruling) and event.seat:
            counts[event.seat][event.verdict] += 1
    value = {seat: {verdict: of[verdict] for verdict in get_args(Verdict)} for seat, of in counts.items()}
    return Found(value, ids(case.by_kind["ruling"]))


def rule_attempts(case: Case) -> Found:
    """Turns of each bound seat in which a policy rule could have been broken, in which it was tried (null where there
    was no opportunity, as where the mode does not offer the move), blocked, or earned credit.

    turns by rule and seat; 0 and up, null; ARCHITECTURE.md, One turn
    """
    found = attempts(case.crisis, case.events, case.source.mode or "block")
    value: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in found:
        value[row.rule][row.seat] = row.model_dump(include={"opportunities", "attempts", "blocked", "credited"})
    return Found(dict(value), tuple(dict.fromkeys(i for row in found for i in row.evidence)))


def turns(case: Case) -> Found:
    """Turns of each seat: all, FAILED, answered after a repair, passed; and how often its model refused to answer (null
    where an export does not tell).

    turns; 0 and up; ARCHITECTURE.md, One turn
    """
    refused = case.play.record.played.refused
    value = {
        seat: {
            "turns": sum(of.values()), **{name: of.get(name, 0) for name in ("failed", "repaired", "passed")},
            "refused": None if refused is None else refused.get(seat, 0),
        }
        for seat, of in case.play.turns.items()
    }  # fmt: skip
    return Found(value, ids([e for e in case.by_kind["turn"] if isinstance(e, Spoken) and e.outcome == "failed"]))


def failed_share(case: Case) -> Found:
    """Share of each seat's turns that FAILED; above a tenth the run is unscorable.

    share of turns; 0-1; own definition, for reports
    """
    return Found({seat: share(of.get("failed", 0), sum(of.values())) for seat, of in case.play.turns.items()})


def key_moments(case: Case) -> Found:
    """The turns and events after which indicators or the ledger changed most, in the order of play.

    events; at most six; own definition, for reports
    """
    moments = case.play.key_moments()
    return Found([round(m.weight, 2) for m in moments], ids([m.event for m in moments]))


OF_RUNS: Mapping[str, Measure] = {
    "tool_mix": tool_mix, "ladder": ladder, "centrality": centrality, "dyads": dyads, "public_heat": public_heat,
    "heated_share": heated_share, "contradictions": contradictions, "off_script": off_script,
    "signal_phrases": signal_phrases, "leaks": leaks, "rulings": rulings, "rule_attempts": rule_attempts,
    "turns": turns,
    "failed_share": failed_share, "key_moments": key_moments,
}  # fmt: skip
