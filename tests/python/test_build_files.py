"""What the build makes beside programs: texts in them, from a folder whatever its name; licences where they are installed."""

import os
import subprocess

import pytest
from conftest import BINARY, ROOT


def cmake(*arguments):
    done = subprocess.run(["cmake", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_texts_are_embedded_from_a_folder_with_blanks(tmp_path):
    folder = tmp_path / "a folder's name"
    folder.mkdir()
    texts = {"kOne": "one; [two] \\ \"three\"\n", "kTwo": "alert('x');\n"}
    for name, text in texts.items():
        (folder / f"{name} x.js").write_text(text)
    pairs = "|".join(f"{name}={folder}/{name} x.js" for name in texts)
    out = folder / "embedded.cpp"
    cmake(f"-DOUT={out}", "-DHEADER=a.h", "-DNAMESPACE=a", f"-DTEXTS={pairs}", "-P", ROOT / "cmake/embed_text.cmake")
    made = out.read_text()
    for name, text in texts.items():
        assert f'const std::string_view {name} = R"drf_text({text})drf_text";' in made


def test_licences_are_installed_and_in_the_program(tmp_path):
    script = BINARY.parent / "cmake_install.cmake"
    if not script.exists():
        pytest.skip(f"{script} is not there: build first")
    cmake(f"-DCMAKE_INSTALL_PREFIX={tmp_path}", "-DCMAKE_INSTALL_COMPONENT=licences", "-P", script)
    where = tmp_path / "share/doc/drf"
    installed = {"LICENSE": "LICENSE", "NOTICE": "NOTICE", "LICENSE.WordNet": "assets/lexicon/LICENSE",
                 "LICENSE.spaCy": "assets/parser/LICENSE"}
    for name, source in installed.items():
        assert (where / name).read_bytes() == (ROOT / source).read_bytes()
    assert len(os.listdir(where)) == len(installed)
    assert b"# WordNet 3.0 Copyright 2006 by Princeton University" in BINARY.read_bytes()
