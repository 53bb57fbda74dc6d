"""Intervals, tests and power; their levels over thousands of batches are measured in bench/statistics.py."""

from __future__ import annotations

import numpy as np
import pytest

from roleplay.experiments import statistics as st


def test_a_mean_has_the_t_interval_of_its_variants() -> None:
    band = st.difference(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), "continuous")
    half = 2.7764 * np.sqrt(2.5) / np.sqrt(5)
    assert (band.low, band.high) == pytest.approx((3 - half, 3 + half), abs=1e-3)


def test_games_that_are_missing_change_no_weight_of_a_variant() -> None:
    scores = np.array([[1.0, 3.0], [5.0, np.nan], [np.nan, np.nan]])
    assert st.means_of(scores)[:2].tolist() == [2.0, 5.0]
    assert st.arm(st.means_of(scores), "continuous").n == 2


def test_a_rate_with_one_game_a_variant_has_wilsons_interval() -> None:
    band = st.arm(np.array([1.0] * 7 + [0.0] * 3), "binary")
    assert (float(band.low), float(band.high)) == pytest.approx((0.3968, 0.8922), abs=1e-3)


def test_a_rate_of_nothing_still_has_a_width() -> None:
    band = st.arm(np.zeros(10), "binary", games=3)
    assert band.low == pytest.approx(0, abs=1e-12)
    assert band.high > 0.2


def test_a_discrete_outcome_that_hardly_changes_is_wide_on_purpose() -> None:
    rare = np.array([0.0] * 8 + [1.0, 1.0])
    assert st.difference(rare, "binary").wide
    assert not st.difference(rare, "continuous").wide
    assert st.difference(rare, "binary").low < 0


def test_an_exact_sign_flip_counts_flips() -> None:
    assert st.sign_flip(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])) == pytest.approx(2 / 64)
    assert st.sign_flip(np.zeros(6)) == 1.0


def test_holm_steps_down_and_leaves_out_what_is_no_comparison() -> None:
    held = st.holm(np.array([0.01, 0.04, 0.03, np.nan]))
    assert held[:3].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(held[3])


def test_equivalence_is_more_than_no_difference_found() -> None:
    tight, loose = np.tile([0.1, -0.1], 10), np.tile([9.0, -9.0], 10)
    assert st.within(tight, "continuous", smallest=1)
    assert not st.within(loose, "continuous", smallest=1)


def test_bounds_take_missing_games_at_both_ends_of_the_scale() -> None:
    assert st.bounds(np.array([1.0, np.nan]), planned=3, low=0, high=2) == pytest.approx((1 / 3, 5 / 3))


def test_power_agrees_with_what_was_simulated_for_the_recipe() -> None:
    assert st.power(0.8, st.spread_planned(1.0, seeds=1), 20) == pytest.approx(0.78, abs=0.12)
    assert st.power(0, 1.0, 20) == pytest.approx(0.05, abs=1e-6)


def test_variants_needed_and_the_detectable_effect_undo_each_other() -> None:
    needed = st.variants_needed(0.5, 1.0)
    found = st.detectable(1.0, needed)
    assert found is not None
    assert found <= 0.5 < (st.detectable(1.0, needed - 1) or 0)


def test_one_variant_has_a_mean_and_no_interval() -> None:
    band = st.difference(np.array([3.0]), "continuous")
    assert band.mean == 3.0
    assert np.isnan(band.low)
    assert st.detectable(1.0, 1) is None


def test_better_half_of_the_time_is_no_difference() -> None:
    band = st.superiority(np.array([1.0, 0.0] * 10))
    assert band.mean == 0.5
    assert band.low < 0.5 < band.high


def test_a_difference_in_standard_deviations_is_one_of_games_within_an_arm() -> None:
    low, high = np.array([[0.0], [1.0], [2.0]]), np.array([[10.0], [11.0], [12.0]])
    assert st.standardised(10.0, high, low) == pytest.approx(10.0)
    assert np.isnan(st.standardised(1.0, np.ones((3, 1)), np.zeros((3, 1)))), "there is no spread to measure by"


def test_what_is_far_beyond_the_spread_is_found_for_sure() -> None:
    assert st.power(5, 1e-9, 6) == 1.0


def test_two_variants_and_many_comparisons_still_have_a_detectable_effect() -> None:
    found = st.detectable(1.0, 2, alpha=0.05 / 20)
    assert found is not None
    assert st.power(found, 1.0, 2, alpha=0.05 / 20) == pytest.approx(0.8, abs=1e-3)
