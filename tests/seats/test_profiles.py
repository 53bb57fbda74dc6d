from __future__ import annotations

import pytest

from roleplay.errors import UsageError
from roleplay.seats.profiles import load_profile, profiles

SHIPPED = {"steady", "tit-for-tat", "grit", "hawk", "dove", "hedger", "defiant", "exploiter", "random-legal",
           "saboteur"}  # fmt: skip


def test_every_profile_loads_under_the_name_of_its_file() -> None:
    assert set(profiles()) == SHIPPED


def test_steady_is_the_reference_that_adds_nothing_to_a_dossier() -> None:
    steady = load_profile("steady")
    assert (steady.readiness, steady.toughness, steady.openness, steady.families) == (0, 0, 0, {})


def test_no_two_profiles_play_alike() -> None:
    told = [p.model_dump(exclude={"id", "title", "note"}) for p in profiles().values()]
    assert all(a != b for i, a in enumerate(told) for b in told[:i])


def test_an_unknown_profile_is_refused_with_what_there_is_and_what_was_meant() -> None:
    with pytest.raises(UsageError, match=r"baseline 'hawkish' does not exist; there is .*tit-for-tat") as caught:
        load_profile("hawkish")
    assert "did you mean 'hawk'?" in caught.value.hint
