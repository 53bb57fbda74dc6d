"""Computed prompt prefixes on disk, so that a dossier is read once a machine; knows nothing about who wrote them.

llama.cpp ends the process on a saved slot that is a byte short: a file's name holds its own hash, checked before use.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from . import Message
from .fetch import sha256_of

log = logging.getLogger(__name__)

KEEP = 24
"""Files kept, the last used; about 23 kB a token each."""


class PrefixStore:
    """Files of one directory, by the hash of a prefix and of the `maker` (model and library) whose state they hold."""

    def __init__(self, directory: Path, maker: str) -> None:
        self.directory = directory
        self._maker = maker

    def key(self, prefix: Sequence[Message]) -> str:
        """Name a prefix as computed by this maker."""
        return hashlib.sha256(json.dumps([self._maker, list(prefix)]).encode()).hexdigest()[:32]

    def find(self, key: str) -> str | None:
        """Return the name of a sound file, marking it as used; what is damaged goes."""
        for path in self.directory.glob(f"{key}.*.slot"):
            if path.name == f"{key}.{sha256_of(path)}.slot":
                path.touch()
                return path.name
            log.warning("saved prefix %s is damaged and is computed again", path.name)
            path.unlink()
        return None

    def keep(self, key: str, written: str) -> str:
        """Take over a file just written into the directory, drop those used least lately, and return its name."""
        path = self.directory / written
        kept = path.replace(self.directory / f"{key}.{sha256_of(path)}.slot")
        for old in sorted(self.directory.glob("*.slot"), key=lambda p: p.stat().st_mtime)[:-KEEP]:
            old.unlink()
        return kept.name
