"""A saved prefix comes back whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roleplay.models import Message
from roleplay.models.prefixes import KEEP, PrefixStore

PREFIX: list[Message] = [{"role": "system", "content": "You speak for China."}]


def save(store: PrefixStore, key: str, content: bytes = b"state") -> str:
    (store.directory / "writing").write_bytes(content)
    return store.keep(key, "writing")


def test_what_was_kept_is_found_by_prefix_and_maker(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, "model-a")
    name = save(store, store.key(PREFIX))
    assert store.find(store.key(PREFIX)) == name
    assert store.find(store.key([*PREFIX, *PREFIX])) is None
    assert store.find(PrefixStore(tmp_path, "model-b").key(PREFIX)) is None


@pytest.mark.parametrize("damage", [b"", b"stat", b"statE"])
def test_a_damaged_file_is_not_handed_out_and_goes(tmp_path: Path, damage: bytes) -> None:
    store = PrefixStore(tmp_path, "model-a")
    name = save(store, store.key(PREFIX))
    (tmp_path / name).write_bytes(damage)
    assert store.find(store.key(PREFIX)) is None
    assert list(tmp_path.iterdir()) == []


def test_the_files_used_least_lately_go(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, "model-a")
    for n in range(KEEP):
        os.utime(tmp_path / save(store, f"{n:032}"), (n, n))
    assert store.find(f"{0:032}")
    save(store, "f" * 32)
    assert store.find(f"{0:032}")
    assert store.find(f"{1:032}") is None
    assert len(list(tmp_path.iterdir())) == KEEP
