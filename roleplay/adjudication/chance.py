"""Named draws: the same names give the same numbers in every run of a variant and seed; no shared stream."""

from __future__ import annotations

import hashlib


def draw(variant: int, seed: int, round: int, phase: str, name: str) -> float:
    """A number in [0, 1) that depends on its name and place alone, so that runs of a variant and seed can be paired."""
    text = f"{variant}|{seed}|{round}|{phase}|{name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
