"""drf score --json equals transformers' Qwen3-VL asked one question at a time (tools/reference/qwen3_critic.py)."""

import pytest
import torch
from qwen3_critic import make_folder
from test_score import compare, random_frames


@pytest.fixture(scope="module", params=["untied", "tied"])
def folder(tmp_path_factory, request):
    torch.manual_seed(21)
    made = tmp_path_factory.mktemp("qwen3")
    make_folder(made, tied=request.param == "tied")
    return made


# As it is; a side below a token; three frames, which count as four; a clip that must shrink; a single frame.
@pytest.mark.parametrize("shape", [(8, 32, 40), (5, 6, 48), (3, 33, 47), (17, 64, 96), (1, 24, 16)], ids=str)
def test_float64(drf, tmp_path, folder, shape):
    compare(drf, tmp_path, random_frames(*shape), torch.float64, 1e-9, 8.0, folder=folder)


@pytest.mark.parametrize("fps", [3.0, 29.97])
def test_seconds_are_the_whole_clips(drf, tmp_path, folder, fps):
    compare(drf, tmp_path, random_frames(23, 24, 32), torch.float64, 1e-9, fps, sampled=7, folder=folder)


def test_fewer_pixels(drf, tmp_path, folder):
    compare(drf, tmp_path, random_frames(6, 64, 96), torch.float64, 1e-9, 8.0, max_pixels=1100, folder=folder)


def test_the_end_token_counts_on_request(drf, tmp_path, folder):
    compare(drf, tmp_path, random_frames(9, 32, 32), torch.float64, 1e-9, 8.0, end_token=True, folder=folder)


def test_float32(drf, tmp_path, folder):
    compare(drf, tmp_path, random_frames(9, 32, 32), torch.float32, 1e-4, 8.0, folder=folder)
