"""Profiles: how a baseline plays, as numbers in YAML files; knows nothing about dossiers, crises or how it is applied.

A dossier says what a government wants; a profile says how it goes about it, so that one policy can be played in the
manner of tit-for-tat, of GRIT, of a hawk.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ..frozen import Frozen, Id, Note
from ..loading import load_model
from ..moves import Tone
from ..resources import unknown

FOLDER = Path(__file__).parent / "baselines"

Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=-3, le=3)]


class Profile(Frozen):
    """A manner of play. Points are those of a dossier's values: 3 is a vital interest, 1 is worth having."""

    id: Id
    title: Note
    note: str
    """What it stands for, and whose idea it is."""
    play: Literal["weighted", "uniform"] = "weighted"
    """uniform: any legal move is as likely as any other; nothing below is read."""

    # bargaining
    readiness: Annotated[float, Field(ge=-9, le=9)] = 0
    """Points added to the worth of every text it is asked to accept; at -9 no text is good enough."""
    softening: Points = 0.1
    """Points a round by which it asks for less, at full patience none of it."""
    initiative: Share = 0.8
    """Chance of tabling an offer when it has one."""
    haggling: Annotated[int, Field(ge=0, le=6)] = 2
    """How often a text may be rewritten before it refuses instead of amending."""
    openness: Points = 0
    """Points added to its wish to open a ring."""
    grudge: Points = 1.5
    """Provocation from which it makes no offers to whoever provoked it."""
    walkout: Annotated[float, Field(ge=0, le=9)] | None = None
    """Provocation from which it suspends a ring; null: never."""

    # reciprocity
    reciprocity: Points = 0.5
    """How much others' recent conduct counts, in bargaining and in the choice of instruments."""
    forgiveness: Share = 0.5
    """Share of a round's conduct that is forgotten with every round that passes; 1: only the last round counts."""

    # instruments
    toughness: Points = 0
    """Points added to the most hostile instrument and taken from the most conciliatory, by Goldstein code."""
    families: dict[Id, Points] = Field(default={})
    """Points added to the instruments of a family."""
    threshold: Points = 0.75
    """Weight from which an instrument is used."""
    acts: Annotated[int, Field(ge=0, le=2)] = 1
    """Instruments a round at most."""
    coordinates: bool = True
    """Authorises and consults on an instrument before it uses it."""
    treachery: bool = False
    """Uses an instrument although that breaks its own commitment."""

    # public lines
    silence: Share = 0.3
    """Chance of saying nothing in public."""
    tone: Tone = "neutral"
    """Its tone where nobody has provoked or pleased it."""
    heat: Points = 0.5
    """Steps of tone for each point of provocation."""
    discipline: Share = 0.8
    """Chance that the post that spoke last speaks again, to script; else any post takes any line."""
    first_steps: bool = False
    """Announces small unconditional steps, and goes on for a while where nobody answers them."""
    announces: Share = 0.5
    """Chance of announcing a deal that is no secret."""
    confides: Share = 0.2
    """Chance of telling an ally of a hidden ring."""
    leaks: Share = 0
    """Chance of letting the press have what a closed room is about."""

    noise: Share = 0.2
    """Points by which an instrument's weight may be off, up or down."""


@cache
def profiles() -> dict[str, Profile]:
    """Every profile that is shipped, by id."""
    found = [load_model(path, Profile) for path in sorted(FOLDER.glob("*.yaml"))]
    return {profile.id: profile for profile in found}


def load_profile(name: str) -> Profile:
    """The shipped profile of this name; raises UsageError that says which there are."""
    known = profiles()
    if name not in known:
        raise unknown("baseline", name, known)
    return known[name]
