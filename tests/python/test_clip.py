"""drf gradient with rewards of kind clip equals transformers' CLIPModel on the frames that it writes."""

import re

import pytest
import torch
from clip import padded_pixels_of, pixels_of
from conftest import relative_error
from flow import PROMPTS, write_inputs
from lift import lifted
from safetensors.torch import load_file
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer

FOLDER = "tests/goldens/clip/"
# folder, frames and which of nine they are, scale, fit, weight
PICK = ("pick", 3, [0, 4, 8], "logit", "crop", 0.5)
HPS = ("hps", 4, [0, 3, 5, 8], "cosine", "pad", -20.0)  # 2.67 and 5.33


def write_config(folder, rewards):
    """The inputs of the other comparisons, with these rewards instead of the critic's."""
    path = write_inputs(folder, {"sampling": {"frames": 9}}, seed=11)
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"\[(critic|questions|reward)\]\n([^\[]*\n)*?(?=\[|\Z)", "", file.read())
    for name, frames, _, scale, fit, weight in rewards:
        text += (f'[[rewards]]\nkind = "clip"\nname = "{name}"\npath = "{FOLDER}{name}"\ndtype = "float64"\nframes = {frames}\n'
                 f'scale = "{scale}"\nfit = "{fit}"\nweight = {weight}\n')
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def score(reward, frames, prompt):
    """What transformers says of frames [F, 3, H, W], with a graph."""
    name, _, taken, scale, fit, _ = reward
    model = CLIPModel.from_pretrained(FOLDER + name, attn_implementation="eager").double().eval()
    batch = CLIPTokenizer.from_pretrained(FOLDER + name)(prompt, padding="max_length", truncation=True, return_tensors="pt",
                                                         max_length=model.config.text_config.max_position_embeddings)
    processor = CLIPImageProcessor.from_pretrained(FOLDER + name)
    with lifted():
        pixels = (pixels_of if fit == "crop" else padded_pixels_of)(processor, frames[taken])
        logits = model(**batch, pixel_values=pixels).logits_per_image
        return (logits if scale == "logit" else logits / model.logit_scale.exp()).mean()


@pytest.mark.parametrize("rewards", [[PICK], [HPS], [PICK, HPS]], ids=["pick", "hps", "both"])
def test_scores_and_the_gradient_to_the_frames(drf, tmp_path, rewards):
    config, out = write_config(tmp_path, rewards), tmp_path / "out.safetensors"
    drf("gradient", config, "--prompt", 1, "-o", out, "--dtype", "float64")
    got = load_file(out)
    frames = got["frames"].double().requires_grad_()
    want = [score(reward, frames, PROMPTS[1]) for reward in rewards]
    total = sum(reward[-1] * value for reward, value in zip(rewards, want, strict=True))
    total.backward()
    for reward, value in zip(rewards, want, strict=True):
        assert got[f"reward.{reward[0]}"].item() == pytest.approx(value.item(), rel=1e-9)
    assert got["reward"].item() == pytest.approx(total.item(), rel=1e-9)
    assert relative_error(got["d_frames"], frames.grad) < 1e-9
    assert torch.count_nonzero(got["d_x0"]) > 0
