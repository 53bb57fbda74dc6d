"""Seats, rings, vocabulary and set-up of the fixture game; knows nothing about what is played."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from roleplay.events import everyone

SEATS = {
    "us": "United States",
    "rok": "Republic of Korea",
    "jpn": "Japan",
    "prc": "China",
    "rus": "Russia",
    "dprk": "North Korea",
}
ALL = everyone(tuple(SEATS))
RINGS = ("us-rok", "us-jpn", "us-prc", "six-party", "us-dprk", "council", "us-room")
MEMBERS = {
    "us-rok": ("us", "rok"),
    "us-jpn": ("us", "jpn"),
    "us-prc": ("us", "prc"),
    "six-party": tuple(SEATS),
    "us-dprk": ("us", "dprk"),
    "council": ("us", "jpn", "prc", "rus"),
    "us-room": ("us",),
}
TITLES = {
    "us-rok": "Washington - Seoul",
    "us-jpn": "Washington - Tokyo",
    "us-prc": "Washington - Beijing",
    "six-party": "Six-party forum",
    "us-dprk": "Washington - Pyongyang, direct",
    "council": "Security Council",
    "us-room": "US security council (own room)",
}
DAYS = {0: "2017-08-23", 1: "2017-08-23", 2: "2017-08-30"}

INDICATORS: dict[str, dict[str, Any]] = {
    "tension": {"title": "Tension", "start": 62, "per": "one", "readers": "public"},
    "incident_risk": {"title": "Incident risk", "start": 38, "per": "one", "readers": "public"},
    "council_unity": {"title": "Council unity", "start": 70, "per": "one", "readers": "public"},
    "trust": {"title": "Trust", "start": 20, "per": "pair", "readers": "owner"},
    "programme": {"title": "Programme progress", "start": 71, "per": "one", "readers": "public"},
}
TYPES: dict[str, dict[str, Any]] = {
    "moratorium": {"title": "Moratorium", "broken_by": [{"instrument": "icbm_test"}]},
    "communication": {"title": "Line of communication", "broken_by": []},
    "sanctions_easing": {"title": "Easing of a sanction", "broken_by": [{"instrument": "sanction_step"}]},
    "sanctions_measure": {"title": "Sanctions measure", "broken_by": []},
    "target_limit": {"title": "Off-limits target area", "broken_by": [{"instrument": "missile_test"}]},
    "provision": {"title": "Goods or money", "broken_by": []},
}
OBJECTS = {
    "icbm_tests": "flight tests of long-range missiles",
    "military_hotline": "military hotline",
    "textile_exports": "textile exports",
    "labour_exports": "labour abroad",
    "guam_waters": "waters around Guam",
    "fuel": "fuel deliveries",
}
INSTRUMENTS = {
    "visible_deployment": "Visible deployment",
    "missile_test": "Missile test",
    "enforcement": "Enforcement of a resolution",
    "restraint": "Act of restraint",
}
LINES = {
    "talks_open": "The door to talks is open",
    "deterrence": "An attack would be answered",
    "denounce": "Denounces pressure",
}
POSTS = {
    "us": {"state": "Secretary of State", "leader": "President"},
    "dprk": {"fm": "Foreign Ministry", "kcna": "State agency"},
}

TRADE: list[dict[str, Any]] = [
    {
        "parties": ["dprk"],
        "type": "moratorium",
        "object": "icbm_tests",
        "scope": "every range above 5,500 km",
        "start": "2017-09-04",
        "duration": {"kind": "dated", "detail": "26 weeks"},
        "verification": ["national_technical_means", "notification_exchange"],
        "on_breach": "clause 2 ends at once",
        "reversible": "snapback",
    },
    {
        "parties": ["us"],
        "type": "sanctions_easing",
        "object": "textile_exports",
        "scope": "licences for existing contracts",
        "duration": {"kind": "while_talks"},
        "conditions": "no launch in the meantime",
        "in_return_for": "1",
    },
    {"parties": ["us", "dprk"], "type": "communication", "object": "military_hotline", "duration": {"kind": "open"}},
]
PAYMENT: list[dict[str, Any]] = [
    {"parties": ["us"], "type": "provision", "object": "fuel", "scope": "500,000 t a year"}
]
BAN: list[dict[str, Any]] = [
    {
        "parties": ["us", "jpn", "prc", "rus"],
        "type": "sanctions_measure",
        "object": "labour_exports",
        "scope": "no new permits",
        "duration": {"kind": "open"},
        "verification": ["third_party"],
    }
]
AREA: dict[str, Any] = {
    "parties": ["dprk"],
    "type": "target_limit",
    "object": "guam_waters",
    "duration": {"kind": "open"},
}

SETUP: dict[str, Any] = {
    "settings": {"scenario": "august-2017", "mode": "block", "variant": 0, "seed": 7, "world": None},
    "crisis": {"file": {"id": "korea", "tension": "tension"}},
    "plans": {
        "us": {"driver": "voice:steady", "model": None, "strategy": "free-play"},
        "rok": {"driver": "baseline:steady", "model": None, "strategy": "free-play"},
        "jpn": {"driver": "human", "model": None, "strategy": "free-play"},
        "prc": {"driver": "model:gpt-x", "model": "gpt-x", "strategy": "free-play"},
        "rus": {"driver": "script:rus.yaml", "model": None, "strategy": "free-play"},
        "dprk": {"driver": "voice:hawk", "model": "SmolLM2-135M-Instruct", "strategy": "free-play"},
    },
}


def role(seat: str, text: Callable[[str], str] = str) -> dict[str, Any]:
    """A role sheet with what transcripts read of it."""
    return {
        "seat": seat,
        "persona": {
            "id": seat,
            "name": SEATS[seat],
            "posts": [{"id": k, "title": v} for k, v in POSTS.get(seat, {}).items()],
        },
        "strategy": {"id": "steady", "title": text(f"Strategy of {SEATS[seat]}"), "note": text("Keep steady.")},
        "rings": {r: {"id": r, "title": TITLES[r], "members": list(MEMBERS[r])} for r in RINGS if seat in MEMBERS[r]},
        "instruments": {i: {"id": i, "title": t} for i, t in INSTRUMENTS.items()},
        "types": {i: {"id": i, **row} for i, row in TYPES.items()},
        "objects": {i: {"id": i, "title": t} for i, t in OBJECTS.items()},
        "lines": {i: {"id": i, "title": t} for i, t in LINES.items()},
        "indicators": {i: {"id": i, "low": 0, "high": 100, "unit": "points", **row} for i, row in INDICATORS.items()},
        "baseline": "steady",
    }
