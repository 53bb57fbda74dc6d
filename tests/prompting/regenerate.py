"""The golden prompt: `uv run python -m tests.prompting.regenerate` writes it anew after a change of templates."""

from __future__ import annotations

from pathlib import Path

from roleplay.prompting.prompt import Prompter
from roleplay.prompting.templates import load_templates
from roleplay.views import Moment
from tests.prompting.game import Game

GOLDEN = Path(__file__).parent / "golden" / "alpha-talks.md"


def golden_prompt() -> str:
    """What alpha is sent in round 5, in talks with bravo and charlie, after bravo has spoken."""
    view = Game().open().play(5).view("alpha", Moment(5, "talks", "forum", 3))
    messages = Prompter(load_templates(), 8000).messages(view)
    return "\n\n".join(f"=== {m['role']} ===\n{m['content']}" for m in messages) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(golden_prompt(), encoding="utf-8")
