"""drf score --json equals transformers' Qwen2.5-VL asked one question at a time (tools/reference/critic.py)."""

import json

import pytest
import torch
from critic import Question, frame_indices, open_critic, write_questions
from lift import at_precision
from safetensors.torch import load_file, save_file

CRITIC = "assets/tiny/critic"
QUESTIONS = [
    Question("a", 0, "TA", "yes_no", "Is the object red?", "Yes"),
    Question("b", 0, "TA", "yes_no", "Is the object red?", "No"),
    Question("c", 0, "PF", "yes_no", "Does the object move smoothly?", "Yes"),
    Question("d", 0, "VQ", "yes_no", "Are the corners clean?", "No"),
    Question("e", 0, "TA", "dense", "Describe the video.", "a red ball moves left on a black background"),
    Question("f", 0, "TA", "dense", "What color is the object?", "red"),
    Question("g", 0, "TA", "dense", "Wie heißt das? 你好", "naïve 😀"),
]


def random_frames(count, height, width, seed=0):
    """Beyond [0, 1] at both ends: nothing may clamp or round."""
    return 0.5 + 0.5 * torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(seed))


def compare(drf, tmp_path, frames, dtype, tolerance, fps, sampled=None, max_pixels=0, end_token=False, folder=CRITIC):
    save_file({"frames": frames}, tmp_path / "frames.safetensors")
    write_questions(tmp_path / "questions.jsonl", QUESTIONS)
    options = ["--fps", fps, "--json", "--dtype", str(dtype).removeprefix("torch.")]
    options += ["--critic-frames", sampled] if sampled else []
    options += ["--max-pixels", max_pixels] if max_pixels else []
    options += ["--end-token"] if end_token else []
    rows = [json.loads(line) for line in drf("score", "--critic", folder, "--frames", tmp_path / "frames.safetensors",
                                             "--questions", tmp_path / "questions.jsonl", *options).splitlines()]
    critic = open_critic(folder, dtype, sampled or min(16, len(frames)), max_pixels, end_token)
    with at_precision(dtype), torch.no_grad():
        logprobs, p_yes = critic.ask(frames.to(dtype), fps, QUESTIONS)
    assert [row["id"] for row in rows] == [q.id for q in QUESTIONS]
    for row, question, logprob, p in zip(rows, QUESTIONS, logprobs.tolist(), p_yes):
        assert (row["aspect"], row["kind"]) == (question.aspect, question.kind)
        assert row["logprob"] == pytest.approx(logprob, rel=tolerance, abs=tolerance), question.text
        assert row["p_yes"] == (None if p is None else pytest.approx(p, rel=tolerance, abs=tolerance))


@pytest.mark.parametrize("shape", [(9, 32, 32), (5, 16, 48), (2, 40, 56), (17, 33, 47), (4, 8, 90)], ids=str)
@pytest.mark.parametrize("fps", [8.0, 3.0])
def test_float64(drf, tmp_path, shape, fps):
    # Frames are float32 in the file and exact from there on.
    compare(drf, tmp_path, random_frames(*shape), torch.float64, 1e-9, fps)


@pytest.mark.parametrize("sampled", [2, 3, 7])
def test_frames_left_out(drf, tmp_path, sampled):
    compare(drf, tmp_path, random_frames(11, 32, 32), torch.float64, 1e-9, 24.0, sampled=sampled)


def test_fewer_pixels(drf, tmp_path):
    compare(drf, tmp_path, random_frames(5, 64, 96), torch.float64, 1e-9, 8.0, max_pixels=1100)


def test_the_end_token_counts_on_request(drf, tmp_path):
    compare(drf, tmp_path, random_frames(9, 32, 32), torch.float64, 1e-9, 8.0, end_token=True)


def test_float32(drf, tmp_path):
    # Log-probabilities of float32 logits of up to about 20 through eight layers.
    compare(drf, tmp_path, random_frames(9, 32, 32), torch.float32, 1e-4, 8.0)


def test_a_clip_of_the_tiny_world_is_understood(drf, tmp_path):
    frames = load_file("tests/goldens/oracle_cases.safetensors")["clips"][0].permute(0, 3, 1, 2) / 255
    compare(drf, tmp_path, frames.contiguous(), torch.float64, 1e-9, 8.0)


def test_the_reference_rounds_halves_to_even():
    assert frame_indices(9, 9) == list(range(9))
    assert frame_indices(6, 3) == [0, 2, 5]  # 2.5
    assert frame_indices(4, 3) == [0, 2, 3]  # 1.5
    assert frame_indices(81, 16)[1:3] == [5, 11]
