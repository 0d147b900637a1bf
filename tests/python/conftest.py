"""What the comparisons with diffusers, transformers and peft share.

The binary is DRF_BINARY (default build/src/drf/cli/drf); everything runs from the repository's root. Without the binary
all tests are skipped, and say so.
"""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("DRF_BINARY", ROOT / "build/src/drf/cli/drf"))
sys.path.insert(0, str(ROOT / "tools/reference"))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch  # noqa: E402
import torchvision_ops  # noqa: E402, F401  (before diffusers and transformers)


@pytest.fixture(autouse=True)
def at_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def drf():
    """drf(*arguments, input=None): runs the binary, returns its stdout; a failure shows stderr."""
    if not BINARY.exists():
        pytest.skip(f"{BINARY} is not there: build it first, or name it in DRF_BINARY")

    def run(*arguments, input=None):
        done = subprocess.run([str(BINARY), *map(str, arguments)], cwd=ROOT, input=input, capture_output=True, text=True,
                              timeout=600, encoding="utf-8")
        assert done.returncode == 0, f"drf {' '.join(map(str, arguments))}\n{done.stderr}"
        return done.stdout

    return run


def relative_error(got, want):
    """Relative L2, in float64."""
    assert got.shape == want.shape, (got.shape, want.shape)
    got, want = got.double(), want.double()
    return ((got - want).norm() / want.norm().clamp_min(torch.finfo(torch.float64).tiny)).item()


def largest_difference(got, want):
    assert got.shape == want.shape, (got.shape, want.shape)
    return (got.double() - want.double()).abs().max().item()
