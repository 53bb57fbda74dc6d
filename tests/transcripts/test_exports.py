"""Every format holds what its view may know and nothing else; files are written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
from pathlib import Path

import pytest
from rich.console import Console

from roleplay.errors import DiskError, UsageError
from roleplay.transcripts.export import COLUMNS, FORMATS, cell, export, write_atomically
from roleplay.transcripts.live import Progress
from roleplay.transcripts.markdown import inert, inline
from roleplay.transcripts.record import RunRecord
from roleplay.transcripts.replay import show_replay
from tests.transcripts.builder import Game
from tests.transcripts.conftest import record_of_game
from tests.transcripts.planting import marked_game, poisoned


def test_there_are_four_formats_and_a_fifth_is_a_usage_error(record: RunRecord) -> None:
    assert list(FORMATS) == ["jsonl", "md", "html", "csv"]
    with pytest.raises(UsageError, match="format 'pdf' does not exist; there is csv, html, jsonl, md"):
        export(record, "pdf")


class TestSecrecy:
    """A mark of its own in every text: no view shows a mark of an event that it may not read."""

    def shown(self, record: RunRecord, game: Game, seat: str) -> str:
        console = Console(file=io.StringIO(), width=2000)
        show_replay(record, console)
        progress = Progress(console, seat=seat)
        for event in game.events:
            progress.on_event(event)
        file = console.file
        assert isinstance(file, io.StringIO)
        return "".join([*(export(record, name) for name in FORMATS), file.getvalue()])

    @pytest.mark.parametrize("seat", ["us", "rok", "jpn", "prc", "rus", "dprk", "public"])
    def test_no_view_shows_what_it_may_not_read(self, seat: str) -> None:
        game, readers = marked_game()
        assert len(readers) > 40
        secret = {mark for mark, who in readers.items() if seat not in who}
        shown = self.shown(record_of_game(game).as_seat(seat), game, seat).casefold()
        assert not [mark for mark in secret if mark.casefold() in shown]
        assert not [mark for mark in secret if mark[::-1].casefold() in shown]

    def test_each_format_shows_all_that_its_view_may_read(self) -> None:
        game, readers = marked_game()
        record = record_of_game(game).as_seat("dprk")
        own = {mark for mark, who in readers.items() if "dprk" in who}
        assert not [mark for mark in own if mark not in export(record, "jsonl")]
        noted = {m for m in own if m in str(next(e.role for e in record.events if e.kind == "role"))}
        for name in ("md", "html"):
            assert not [mark for mark in own - noted if mark not in export(record, name)]

    def test_the_search_would_find_a_planted_leak(self) -> None:
        game, readers = marked_game()
        whole = export(record_of_game(game), "md")
        assert sum(mark in whole for mark, who in readers.items() if "jpn" not in who) > 10


class TestCsv:
    def rows(self, record: RunRecord) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(export(record, "csv"), newline="")))

    def test_one_row_an_event_with_its_words(self, record: RunRecord) -> None:
        rows = self.rows(record)
        assert [row["id"] for row in rows] == [e.id for e in record.events]
        assert tuple(rows[0]) == COLUMNS
        assert rows[0]["words"].startswith("Omniscient view. ")
        assert "simulated: not a statement of any government" in rows[0]["words"]
        assert json.loads(rows[0]["fields"])["notice"]
        deal = next(row for row in rows if row["kind"] == "deal")
        assert deal["words"].startswith("Deal 2 binds North Korea and United States: (1) ")

    @pytest.mark.parametrize(
        "start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＋", "－", "＠", "\x00=", "\u00a0="]
    )
    def test_a_cell_that_looks_like_a_formula_is_text(self, start: str) -> None:
        assert cell(f"{start}cmd|' /C calc'!A0").startswith("'")

    def test_harmless_cells_stay_as_they_are(self) -> None:
        assert [cell(v) for v in (None, 3, "a=b", "Deal 1", "")] == ["", "3", "a=b", "Deal 1", ""]

    def test_no_cell_of_a_poisoned_game_can_start_a_formula(self, game: Game) -> None:
        start = tuple("=+-@\t\r\n")
        events = poisoned(game.events, '\r\n=HYPERLINK("https://e.example")\r\n";=1+1;')
        text = export(RunRecord(events), "csv")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert {len(row) for row in rows} == {len(COLUMNS)}
        assert not [value for row in rows for value in row if value.startswith(start)]


class TestMarkdown:
    @pytest.mark.parametrize(
        "text",
        [
            "# heading", "- item", "+ item", "> quote", "1. item", "10) item", "=====", "---", "*b* _i_ **b** `c`",
            "[link](https://e.example)", "![image](https://e.example/x.png)", "<script>alert(1)</script>", "a | b",
            "$x$", "~~gone~~", "<!-- -->", "&lt;b&gt;", "\\*", "mail me@e.example", "https://e.example",
            "www.e.example", "@everyone", "line\n# two", "    code", "[^1]: note", "javascript:alert(1)",
        ],
    )  # fmt: skip
    def test_a_text_cannot_become_markup(self, text: str) -> None:
        shown = inert(text)
        assert "\n" not in shown
        assert "<" not in shown
        assert not shown.startswith(("#", "-", "+", ">", "=", " "))
        for sign in ("`", "[", "]", "|", "*", "_", "$", "~"):
            assert shown.count(sign) == shown.count(f"\\{sign}")
        assert not any(address in shown for address in ("https:", "www.", "@e", "@every"))

    def test_plain_text_stays_readable(self) -> None:
        text = "The pause (26 weeks) costs 1.5 points - no more; isn't it so?"
        assert inert(text) == inline(text) == text

    def test_a_text_cannot_break_out_of_its_table_or_fold(self, game: Game) -> None:
        clean = export(RunRecord(game.events), "md")
        events = poisoned(game.events, " | x |\n\n# H\n</details><img src=https://e.example>")
        dirty = export(RunRecord(events), "md")
        for start in ("# ", "## ", "### ", "#### ", "|", "<details>", "</details>", "> "):
            assert sum(line.startswith(start) for line in dirty.split("\n")) == sum(
                line.startswith(start) for line in clean.split("\n")
            )
        assert "<img" not in dirty

    def test_the_notice_is_on_top_and_names_the_view(self, record: RunRecord) -> None:
        first, second, *_ = export(record.as_seat("rok"), "md").split("\n")
        assert first.startswith("> **Simulated: not a statement of any government.** As ROK: ")
        assert second == "> Moves: policy, words: model (135M)."


class TestWriting:
    def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(self, tmp_path: Path) -> None:
        path = tmp_path / "run.md"
        write_atomically(path, "old")
        write_atomically(path, "new €\n")
        assert path.read_bytes() == "new €\n".encode()
        assert [p.name for p in tmp_path.iterdir()] == ["run.md"]

    def test_a_full_disk_keeps_the_old_file_and_is_a_disk_error(self, tmp_path: Path) -> None:
        path = tmp_path / "run.md"
        write_atomically(path, "old")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        try:
            with pytest.raises(DiskError, match="cannot write"):
                write_atomically(path, "x" * 100_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert path.read_text(encoding="utf-8") == "old"
        assert [p.name for p in tmp_path.iterdir()] == ["run.md"]

    def test_a_place_that_cannot_be_written_is_a_disk_error(self, tmp_path: Path) -> None:
        target = tmp_path / "taken"
        target.mkdir()
        (target / "inside").touch()
        with pytest.raises(DiskError, match="cannot write"):
            write_atomically(target, "x")
        assert [p.name for p in tmp_path.iterdir()] == ["taken"]

    def test_a_pipe_is_written_to_and_stays_a_pipe(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        write_atomically(pipe, "text")
        assert os.read(reader, 100) == b"text"
        os.close(reader)
        assert pipe.is_fifo()

    def test_a_missing_folder_is_a_usage_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="does not exist"):
            write_atomically(tmp_path / "none" / "run.md", "x")
