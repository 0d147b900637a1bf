"""Questions that show a second clip equal transformers with two videos, for both critics: drf score --json."""

import json

import pytest
import torch
from critic import Question, open_critic, write_questions
from lift import at_precision
from PIL import Image
from qwen3_critic import make_folder
from safetensors.torch import save_file

TINY = "assets/tiny/critic"


@pytest.fixture(scope="module")
def qwen3(tmp_path_factory):
    torch.manual_seed(22)
    folder = tmp_path_factory.mktemp("qwen3")
    make_folder(folder, tied=False)
    return folder


def write_pictures(folder, count, height, width, seed):
    folder.mkdir()
    pictures = torch.randint(0, 256, (count, height, width, 3), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    for i, picture in enumerate(pictures):
        Image.fromarray(picture.numpy()).save(folder / f"{i:03}.png")
    return str(folder)


@pytest.mark.parametrize("critic", ["qwen2.5", "qwen3"])
@pytest.mark.parametrize("sampled", [4, 5])
def test_equals_transformers_with_two_videos(drf, tmp_path, qwen3, critic, sampled):
    folder = TINY if critic == "qwen2.5" else qwen3
    a = write_pictures(tmp_path / "a", 7, 32, 24, 1)
    b = write_pictures(tmp_path / "b", 12, 16, 40, 2)  # longer than it is wide: times run ahead
    questions = [
        Question("a", 0, "PF", "yes_no", "Does it move as in the first clip?", "Yes", reference=a),
        Question("b", 0, "PF", "yes_no", "Does it move as in the first clip?", "Yes", reference=b),
        Question("c", 0, "TA", "yes_no", "Is the object red?", "No"),
        Question("d", 0, "TA", "dense", "How do they differ?", "the second is red", reference=a),
    ]
    frames = 0.5 + 0.5 * torch.randn(9, 3, 40, 32, generator=torch.Generator().manual_seed(3))
    save_file({"frames": frames}, tmp_path / "frames.safetensors")
    write_questions(tmp_path / "questions.jsonl", questions)
    rows = [json.loads(line) for line in drf("score", "--critic", folder, "--frames", tmp_path / "frames.safetensors", "--questions",
                                             tmp_path / "questions.jsonl", "--fps", 8.0, "--json", "--dtype", "float64",
                                             "--critic-frames", sampled).splitlines()]
    reference = open_critic(folder, torch.float64, sampled)
    with at_precision(torch.float64), torch.no_grad():
        logprobs, _ = reference.ask(frames.double(), 8.0, questions)
    assert [row["logprob"] for row in rows] == pytest.approx(logprobs.tolist(), rel=1e-9, abs=1e-9)
    assert rows[0]["logprob"] != rows[1]["logprob"]
