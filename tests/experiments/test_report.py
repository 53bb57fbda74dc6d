"""Reports: the answer with its interval, what else could have produced it, the same bytes for the same batch."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from roleplay.experiments.analysis import analyse
from roleplay.experiments.batch import Batch
from roleplay.experiments.findings import Findings
from roleplay.experiments.gates import exit_code, gates_now, gates_of, to_junit
from roleplay.experiments.grid import read_grid
from roleplay.experiments.report import findings_of, write_report
from roleplay.experiments.runner import Opener
from roleplay.experiments.suites import Outcome
from roleplay.game import Run
from tests.experiments.pond import SUITE, Scorer, play, suite


def findings(folder: Path) -> Findings:
    with Batch.read(folder) as batch:
        return findings_of(batch)


def test_the_answer_is_one_sentence_with_effect_interval_n_and_estimand(six: Path) -> None:
    said = findings(six).headline
    assert re.match(r"hawkish is [\d.]+ (higher|lower) than plain \(95 % interval", said)
    assert "6 variants, 6 pairs of games; p = " in said
    assert said.endswith("the mean over variants like these of dam, for the players named below.")


def test_arms_played_by_policies_say_so_in_the_title(six: Path) -> None:
    found = findings(six)
    assert found.title == "The pond – policies: this tests the harness, not a model"
    assert any("No model decided" in text for text in found.reservations)


def test_the_same_batch_gives_the_same_bytes(six: Path, tmp_path: Path) -> None:
    with Batch.read(six) as batch:
        paths = [write_report(batch, tmp_path / f"{n}.html") for n in range(2)]
    for kind in ("html", "json", "csv"):
        assert paths[0][kind].read_bytes() == paths[1][kind].read_bytes()


def test_the_page_holds_no_script_no_address_and_no_style_that_its_own_policy_forbids(
    six: Path, tmp_path: Path
) -> None:
    with Batch.read(six) as batch:
        page = write_report(batch, tmp_path / "r.html")["html"].read_text("utf-8")
    assert "<script" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert 'style="' not in page
    assert page.count("<style") == 1


def test_every_picture_is_named_in_words_and_ids_are_unique(six: Path, tmp_path: Path) -> None:
    with Batch.read(six) as batch:
        page = write_report(batch, tmp_path / "r.html")["html"].read_text("utf-8")
    assert page.count('<svg role="img" aria-label="') == 5
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    targets = re.findall(r'href="#([^"]+)"', page)
    assert set(targets) <= set(ids)


def test_numbers_lead_to_games_and_games_to_lines_of_their_transcripts(six: Path) -> None:
    with Batch.read(six) as batch:
        page = write_report(batch)["html"].read_text("utf-8")
    assert 'href="#games-plain"' in page
    links = re.findall(r'href="(runs/[^"#]+)#(e-[0-9a-f]+)"', page)
    assert links
    for file, line in links[:20]:
        assert f'id="{line}"' in (six / file).read_text("utf-8")


def test_two_games_stand_side_by_side_and_part_somewhere(six: Path) -> None:
    with Batch.read(six) as batch:
        page = write_report(batch)["html"].read_text("utf-8")
    assert page.count('class="parts"') in (1, 2)


def test_the_json_is_what_its_schema_says(six: Path) -> None:
    with Batch.read(six) as batch:
        data = json.loads(write_report(batch)["json"].read_text("utf-8"))
    assert data["schema"] == 1
    assert Findings.model_validate(data) == findings(six)


def test_the_headline_is_also_told_under_every_lens(six: Path) -> None:
    found = findings(six)
    assert {c.outcome for c in found.elsewhere} == {"lens:plain", "lens:other"}


def test_an_older_batch_is_compared_game_by_game(six: Path, tmp_path: Path) -> None:
    with Batch.read(six) as batch:
        page = write_report(batch, tmp_path / "r.html", findings_of(batch))["html"].read_text("utf-8")
    assert "Against the older batch" in page


def test_only_scores_of_the_same_outcome_are_compared_with_an_older_batch(six: Path, tmp_path: Path) -> None:
    play(tmp_path / "old", suite(variants="6"), Scorer(unscorable="hawkish.v3"))
    was = findings(tmp_path / "old")
    other = was.model_copy(update={"games": tuple(g.model_copy(update={"outcomes": {"x": 1.0}}) for g in was.games)})
    for older, variants in ((was, ["6", "5"]), (other, ["0", "0"])):
        with Batch.read(six) as batch:
            page = write_report(batch, tmp_path / "r.html", older)["html"].read_text("utf-8")
        rows = page[page.index('id="changes"') :].split("</table>")[0].split("<tr>")
        assert [re.findall(r">(\d+)</td>", row)[-1] for row in rows if "plain" in row or "hawkish" in row] == variants


def test_below_six_variants_no_p_value_is_given(tmp_path: Path) -> None:
    play(tmp_path)
    (planned,) = (c for c in findings(tmp_path).comparisons if c.planned)
    assert planned.p is None
    assert planned.verdict == "these scenarios only"
    assert [row.variant for row in planned.by_variant] == [0, 1]


def test_games_without_a_score_are_counted_and_bounded(tmp_path: Path) -> None:
    play(tmp_path, scorer=Scorer(choke="hawkish.v1", unscorable="plain.v0"))
    found = findings(tmp_path)
    plain, hawkish = found.arms[0], found.arms[1]
    assert (plain.scored, plain.unscorable, hawkish.broken) == (1, 1, 1)
    estimate = hawkish.outcomes["score"]
    assert estimate.worst is not None
    assert estimate.best is not None
    assert estimate.best - estimate.worst == pytest.approx(50)
    assert plain.with_unscorable.games == 2
    assert found.comparisons[0].by_variant == ()
    assert any("gave no score" in text for text in found.reservations)


def test_a_batch_of_which_all_games_failed_still_has_a_report(tmp_path: Path) -> None:
    play(tmp_path, scorer=Scorer(choke="v"))
    with Batch.read(tmp_path) as batch:
        page = write_report(batch)["html"].read_text("utf-8")
    assert "No game has the primary outcome &#39;score&#39; (0 scored, 0 unscorable, 6 broken, 0 missing)" in page


def test_an_arm_with_one_game_has_a_mean_and_no_interval(tmp_path: Path) -> None:
    play(tmp_path, suite(variants="[0]"))
    estimate = findings(tmp_path).arms[0].outcomes["score"]
    assert (estimate.games, estimate.low) == (1, None)
    assert "plain: one game; nothing is known of how others would go." in findings(tmp_path).reservations


def gated(folder: Path, *gates: str) -> tuple[list[bool | None], int]:
    play(folder, suite(variants="6", gates=json.dumps(gates)))
    with Batch.read(folder) as batch:
        found = gates_now(batch)
        assert to_junit(batch.suite, found).count("<testcase") == len(gates)
        return [gate.held for gate in found], exit_code(found)


def test_gates_hold_fail_or_cannot_be_measured_each_with_its_code(six: Path) -> None:
    assert gated(six, "score >= 0", "primary.upper <= 100") == ([True, True], 0)
    assert gated(six, "score >= 0", "primary.lower >= 1000") == ([True, False], 7)
    assert gated(six, "metric:kahn == 0", "score >= 1000") == ([None, False], 8)


def test_a_gate_on_a_figure_that_has_parts_is_told_what_they_are(six: Path) -> None:
    with Batch.read(six) as batch:
        found, grid = batch.suite.model_copy(update={"gates": ("run == 0",)}), read_grid(batch)
        (gate,) = gates_of(found, grid, [], [])
    assert gate.held is None
    assert gate.found.startswith("run is no number; it has the parts run:blocked, run:calls")


def told(arm: str) -> str:
    """The suite with a heron that is mute in the control, and this program in the other arm."""
    seat = "{seats: {heron: 'python:tests.experiments.seats:%s'}}"
    return SUITE.replace("plain: {}", f"plain: {seat % 'Mute'}").replace("{seats: {heron: baseline:hawk}}", seat % arm)


def test_a_claim_can_be_confirmed_and_disconfirmed(tmp_path: Path) -> None:
    claim = "{id: C0, says: Talkers move more., confirm: 'moves.lower > 0.5', disconfirm: 'moves.upper < 0.5'}"
    for name, verdict in (("Talkative", "confirmed"), ("Mute", "disconfirmed")):
        play(tmp_path / name, suite(told(name), variants="6", claim=claim))
        found = findings(tmp_path / name).claim
        assert found is not None
        assert found["verdict"] == verdict


def test_a_lens_that_says_the_opposite_qualifies_the_headline(tmp_path: Path) -> None:
    play(tmp_path, suite(told("Talkative"), variants="6"))
    found = findings(tmp_path)
    assert found.comparisons[0].verdict == "better"
    assert "hawkish: under lens:other the difference points the other way." in found.reservations
    assert "policies" not in found.title, "a program may ask a model"


def test_contexts_repeat_the_comparison_under_other_worlds(tmp_path: Path) -> None:
    text = SUITE.replace("control:", "  world:\n    article: {world: article}\n    'null': {world: 'null'}\ncontrol:")
    play(tmp_path, suite(text))
    with Batch.read(tmp_path) as batch:
        found = analyse(batch)
    assert [c.name for c in found.contexts] == ["article", "null"]
    assert "the mean over variants like these of dam, article, for the players" in findings(tmp_path).headline
    assert {c.context for c in found.elsewhere() if c.outcome == "score"} == {"null"}


def test_links_lead_somewhere_where_an_arm_is_named_by_two_factors(tmp_path: Path) -> None:
    text = SUITE.replace("control:", "  world:\n    article: {world: article}\n    'null': {world: 'null'}\ncontrol:")
    play(tmp_path, suite(text))
    with Batch.read(tmp_path) as batch:
        page = write_report(batch)["html"].read_text("utf-8")
    ids = re.findall(r' id="([^"]+)"', page)
    assert {"arm-hawkish.null", "tension-null-figure_1"} <= set(ids)
    assert sorted(ids) == sorted(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


THREE = SUITE.replace("control:", "    randomly: {seats: {heron: baseline:random-legal}}\ncontrol:")


def test_several_comparisons_are_answered_with_their_intervals_and_n(tmp_path: Path) -> None:
    play(tmp_path, suite(THREE, variants="6"))
    said = findings(tmp_path).headline
    assert said.startswith("Against plain on score, 2 planned comparisons over 6 variants, 6 pairs of games each: ")
    assert len(re.findall(r"(hawkish|randomly) [+-][\d.]+ \(95 % interval [+-][\d.]+ to [+-][\d.]+\)", said)) == 2


def test_a_level_that_was_not_planned_is_no_matter_of_a_gate(tmp_path: Path) -> None:
    play(tmp_path, suite(THREE, variants="6", planned="[hawkish]", gates="['primary.difference > -1000']"))
    with Batch.read(tmp_path) as batch:
        (gate,) = gates_now(batch)
    assert "hawkish" in gate.found
    assert "randomly" not in gate.found


class Steady(Scorer):
    """Scores in tenths: one in one variant, and seven more for the hawk."""

    async def score(self, run: Run, open_model: Opener) -> Mapping[str, Any]:
        card = dict(await super().score(run, open_model))
        value = 0.1 * (run.setup.settings.variant == 3) + 0.7 * ("hawkish" in run.folder.name)
        return {**card, "composite": {**card["composite"], "value": value}}


def test_what_binary_fractions_leave_is_no_spread_to_be_sure_by(tmp_path: Path) -> None:
    play(tmp_path, suite(variants="6"), Steady())
    found = findings(tmp_path).comparisons[0]
    assert found.p == found.p_sign_flip == pytest.approx(2 / 64)
    assert found.words.endswith("better, by less than the 2 that would matter.")


def test_an_interval_does_not_leave_the_scale_and_the_scale_holds_what_was_seen(tmp_path: Path) -> None:
    play(tmp_path / "in", suite(variants="6"), Steady())
    low = findings(tmp_path / "in").arms[0].outcomes["score"]
    assert low.low == 0
    play(tmp_path / "out", suite(variants="6").model_copy(update={"outcomes": {
        "score": Outcome(of="composite", low=0, high=0.2)}}), Steady())  # fmt: skip
    beyond = findings(tmp_path / "out").arms[1].outcomes["score"]
    assert beyond.mean is not None
    assert beyond.high is not None
    assert beyond.high > beyond.mean > 0.2
