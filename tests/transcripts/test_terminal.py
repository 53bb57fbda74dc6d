"""Replay and progress: who speaks in which ring, what was ruled, tension by round; at 80 columns and without colour."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from roleplay.events import Event, PhaseClosed, Spoken
from roleplay.transcripts.lines import Row, rows_of, short_row
from roleplay.transcripts.live import Progress
from roleplay.transcripts.names import Names
from roleplay.transcripts.record import RunRecord
from roleplay.transcripts.replay import length, replay_lines, show_replay
from tests.transcripts.builder import Game


class Terminal:
    """A console whose output is kept."""

    def __init__(self, *, terminal: bool = False, width: int = 80, encoding: str = "utf-8") -> None:
        self.raw = io.BytesIO()
        self.file = io.TextIOWrapper(self.raw, encoding=encoding, write_through=True)
        self.console = Console(file=self.file, width=width, force_terminal=terminal, color_system=None)

    @property
    def lines(self) -> list[str]:
        return self.raw.getvalue().decode(self.file.encoding).splitlines()

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.lines).split())


def replayed(record: RunRecord, *, width: int = 80, encoding: str = "utf-8") -> Terminal:
    screen = Terminal(width=width, encoding=encoding)
    show_replay(record, screen.console)
    return screen


def test_a_replay_tells_rounds_rings_with_their_audience_speech_rulings_deals_and_tension(record: RunRecord) -> None:
    text = replayed(record).text
    for wanted in (
        "Late August (Omniscient view)",
        "simulated: not a statement of any government",
        "moves: policy, words: model (135M)",
        "Round 2, 2017-08-30 ━",
        "us-dprk: Washington - Pyongyang, direct [US, DPRK only]",
        "DPRK “The hostile policy comes first.",
        "US x BLOCKED by rule T4: “accepts proposal 1”.",
        "= AGREED. Deal 2 binds DPRK and US",
        "! turn FAILED: no legal answer",
        "Tension █████████████████████░░░░░░░░░ 71.5 (+6.5)",
        "4 commitments in force, 1 broken or renounced, 1 FAILED turns",
    ):
        assert wanted in text


def test_a_ring_is_told_in_one_piece_before_the_next(record: RunRecord) -> None:
    lines = replayed(record).lines
    heads = [line.split(":")[0] for line in lines if "only]" in line and line[0].isalpha() and ": " in line]
    assert heads[:3] == ["us-rok", "us-prc", "us-dprk"]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_screen(record: RunRecord, width: int) -> None:
    assert max(len(line) for line in replayed(record, width=width).lines) <= width


def test_a_seats_replay_holds_its_own_thoughts_and_nobody_elses(record: RunRecord) -> None:
    text = replayed(record.as_seat("dprk")).text
    assert "Late August (As DPRK)" in text
    assert "(to itself) Ask high." in text
    assert "Keep to the script." not in text
    assert "BLOCKED" not in text


def test_the_public_hears_of_changes_whose_scale_it_does_not_know(record: RunRecord) -> None:
    text = replayed(record.as_seat("public")).text
    assert "tension (+6.5)" in text
    assert "█" not in text


def test_a_terminal_without_unicode_gets_what_it_can_show(record: RunRecord) -> None:
    screen = replayed(record, encoding="ascii")
    assert "Tension #####################--------- 71.5 (+6.5)" in screen.text
    assert "DPRK ?The hostile policy comes first." in screen.text


def test_control_characters_never_reach_the_terminal(record: RunRecord) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07 [bold]x[/bold] \u202e\x9b31m"
    events = tuple(
        e.model_copy(update={"text": evil}) if isinstance(e, Spoken) and e.text else e for e in record.events
    )
    screen = replayed(RunRecord(events))
    assert "[bold]x[/bold]" in screen.text
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set("".join(screen.lines))


def test_a_replay_is_paced_on_a_terminal_and_at_once_elsewhere(record: RunRecord) -> None:
    waits: list[float] = []
    show_replay(record, Terminal(terminal=True).console, 4.0, waits.append)
    steps = list(replay_lines(record, Terminal().console))
    assert sum(waits) == pytest.approx(sum(lines for _, lines in steps) / 4)
    waits.clear()
    show_replay(record, Terminal(terminal=True).console, 0, waits.append)
    show_replay(record, Terminal().console, 1.0, waits.append)
    assert not waits


def test_steps_count_their_lines(record: RunRecord) -> None:
    assert all(lines >= 1 for _, lines in replay_lines(record, Terminal().console))
    assert length("x" * 141) == 3


def told(game: Game, **options: str) -> Terminal:
    screen = Terminal()
    progress = Progress(screen.console, words="moves: policy, words: model (135M)", **options)
    for event in arrival(game):
        progress.on_event(event)
    return screen


def arrival(game: Game) -> list[Event]:
    """Events as a game writes them: a phase closes after all that happens in it."""
    return sorted(game.events, key=lambda e: (e.round, _phases.index(e.phase), isinstance(e, PhaseClosed)))


_phases = ("setup", "brief", "talks", "council", "act", "speak", "settle")


def test_progress_names_the_ring_on_each_line_of_talks(game: Game) -> None:
    lines = told(game).lines
    start = lines.index("talks")
    rings = [line[:9].strip() for line in lines[start + 1 : lines.index("act")] if line[:9].strip()]
    assert set(rings) == {"us-rok", "us-prc", "us-dprk"}
    assert any(line.startswith("us-dprk   US   x BLOCKED by rule T4") for line in lines)


def test_progress_tells_head_rounds_and_tension_but_no_private_thought(game: Game) -> None:
    text = told(game).text
    assert text.startswith(
        "Late August: 2 rounds from 2017-08-23 simulated: not a statement of any government moves: policy"
    )
    assert "Tension ████████████████████░░░░░░░░░░ 65 " in text
    assert "71.5 (+6.5)" in text
    assert "64.5 (−7)" in text
    assert "Ask high" not in text
    assert "privately" not in text


def test_progress_for_a_seat_tells_what_that_seat_may_read_once_the_phase_has_closed(game: Game) -> None:
    text = told(game, seat="prc").text
    assert "Late August: 2 rounds from 2017-08-23, as PRC" in text
    assert "Pressure without a road" in text
    assert "payment" not in text
    screen = Terminal()
    progress = Progress(screen.console, seat="prc")
    for event in arrival(game):
        if event.round == 1 and event.phase == "speak" and isinstance(event, PhaseClosed):
            break
        progress.on_event(event)
    assert "uses Visible deployment" in screen.text
    assert "provocation" not in screen.text


def test_progress_of_a_resumed_run_goes_on_where_it_stopped(game: Game) -> None:
    screen = Terminal()
    progress = Progress(screen.console)
    events = arrival(game)
    done = [e for e in events if e.round < 2]
    progress.catch_up(done)
    for event in events[len(done) :]:
        progress.on_event(event)
    assert "Round 1" not in screen.text
    assert "Round 2" in screen.text
    assert "64.5 (−7)" in screen.text


def test_every_event_but_bookkeeping_has_a_line_for_an_omniscient_reader(game: Game) -> None:
    names = Names.of(game.events)
    silent = {e.kind for e in game.events if not list(rows_of(e, names, private=True, whole=False))}
    assert silent == {"run", "role", "phase", "effect", "turn", "move"}
    acts = [e for e in game.events if isinstance(e, Spoken) and not list(rows_of(e, names, private=True))]
    assert all(e.text == "" and e.outcome == "ok" for e in acts)


def test_long_speeches_are_cut_in_progress() -> None:
    row = short_row(Row("r", "us", "", "word " * 100), 60)
    assert len(row.text) <= 60
    assert row.text.endswith(" …")
