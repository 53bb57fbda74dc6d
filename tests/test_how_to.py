"""How-tos: every shell block of these pages runs, one after the other, in an empty folder and without any model."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = (
    "author-a-crisis.md",
    "author-a-persona.md",
    "author-a-scenario.md",
    "keep-and-branch-runs.md",
    "../tutorial-class.md",
)
HOW_TO = Path(__file__).parent.parent / "docs" / "how-to"


@pytest.mark.parametrize("page", PAGES)
def test_the_snippets_of_a_how_to_run(page: str, tmp_path: Path) -> None:
    blocks = re.findall(r"^```bash\n(.*?)^```$", (HOW_TO / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)], cwd=tmp_path, capture_output=True, text=True,
        env={"PATH": path, "HOME": str(tmp_path), "LANG": "C.UTF-8"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
