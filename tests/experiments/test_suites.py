"""Suites as data: what is read, what is refused and where, and which games come of it."""

from __future__ import annotations

import pytest

from roleplay.errors import AuthorError, UsageError
from roleplay.experiments.suites import find_suites, lay_out, load_suite, spread
from tests.experiments.pond import SUITE, suite


@pytest.mark.parametrize("name", sorted(find_suites()))
def test_a_suite_that_ships_can_be_laid_out(name: str) -> None:
    matrix = lay_out(load_suite(name), {"model": "some-model", "base_url": "http://127.0.0.1:1/v1"})
    assert len({game.key for game in matrix.games}) == len(matrix.games)
    assert matrix.arms[-1].reference


def problem(**changed: str) -> str:
    with pytest.raises(AuthorError) as caught:
        suite(**changed)
    return str(caught.value)


def test_problems_name_file_and_line_what_was_found_and_what_is_allowed() -> None:
    said = problem(control="plian")
    assert "pond.yaml:11: control: level 'plian' does not exist; allowed: plain, hawkish" in said
    assert "did you mean 'plain'?" in said


def test_an_unknown_factor_setting_is_told_with_those_that_exist() -> None:
    assert "unknown key 'temprature'" in problem(base="{temprature: 1}")


def test_several_problems_are_told_at_once() -> None:
    said = problem(control="x", primary="y", planned="[z]")
    assert said.count("does not exist") == 3


def test_a_seed_list_with_repeats_is_no_larger_sample() -> None:
    assert "seeds: 1 stands twice" in problem(seeds="[1, 1, 2]")


def test_variants_and_seeds_are_not_settings_of_an_arm() -> None:
    assert "variants and seeds are the suite's own" in problem(base="{seed: 3}")


def test_an_outcome_has_one_source() -> None:
    with pytest.raises(AuthorError, match="give one of"):
        suite(SUITE.replace("{of: composite,", "{of: composite, count: {kind: move},"))


def test_a_gate_on_an_outcome_that_no_game_has_is_told() -> None:
    assert "outcome 'scoer' does not exist" in problem(gates="['scoer.lower >= 3']")
    assert "cannot be read" in problem(gates="['score >> 3']")


def test_variants_beyond_the_scenarios_are_refused() -> None:
    with pytest.raises(UsageError, match="has 0 to 5"):
        lay_out(suite(variants="[0, 6]"))


def test_a_strategy_without_a_policy_half_is_refused_on_a_seat_that_decides_by_policy() -> None:
    asked = suite(SUITE.replace("hawkish: {seats: {heron: baseline:hawk}}", "careful: {strategies: {heron: careful}}"))
    words = "arm 'careful': heron is played by baseline:steady; strategy 'careful' has no policy half"
    with pytest.raises(UsageError, match=words):
        lay_out(asked)


def test_the_same_strategy_is_welcome_where_a_model_decides() -> None:
    text = SUITE.replace("hawkish: {seats: {heron: baseline:hawk}}", "careful: {strategies: {heron: careful}}")
    matrix = lay_out(suite(text.replace("heron: baseline:steady", "heron: model")), {"model": "m"})
    assert not matrix.tests_harness
    assert {game.model for game in matrix.games} == {"m", ""}


def test_factors_are_crossed_excluded_and_included_again() -> None:
    text = SUITE.replace("control:", "  world:\n    article: {world: article}\n    'null': {world: 'null'}\ncontrol:")
    names = [arm.name for arm in lay_out(suite(text)).arms]
    assert names == ["plain.article", "plain.null", "hawkish.article", "hawkish.null", "floor"]
    fewer = suite(text, exclude="[{world: 'null'}]", include="[{play: plain, world: 'null'}]")
    assert [arm.name for arm in lay_out(fewer).arms] == ["plain.article", "hawkish.article", "plain.null", "floor"]


def test_more_variants_only_add_to_fewer_and_are_spread() -> None:
    assert spread(5, 48) == spread(12, 48)[:5]
    assert sorted(spread(48, 48)) == list(range(48))
    assert len({v // 12 for v in spread(8, 48)}) == 4


def test_an_unknown_suite_is_told_with_those_that_exist() -> None:
    with pytest.raises(UsageError, match="did you mean 'smoke'"):
        load_suite("smok")


def test_outcomes_name_what_their_crisis_has() -> None:
    asked = suite(SUITE.replace("seat: heron}", "seat: heorn}").replace("{of: composite,", "{of: 'metric:goldstine',"))
    with pytest.raises(AuthorError) as caught:
        lay_out(asked)
    assert "seat 'heorn' does not exist" in str(caught.value)
    assert "outcomes.moves.count.seat.0" in str(caught.value)


def test_a_figure_that_no_scorecard_has_is_told() -> None:
    words = load_suite("smoke")
    lost = words.model_copy(update={"outcomes": {"composite": words.outcomes["composite"].model_copy(
        update={"of": "metric:goldstine:mean"})}})  # fmt: skip
    with pytest.raises(AuthorError, match="metric 'goldstine' does not exist"):
        lay_out(lost)
