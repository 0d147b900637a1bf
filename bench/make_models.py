"""Models with random weights for the benchmarks, in the hub's own layouts, with all else that an update reads.

    python bench/make_models.py --set mid|long --out DIR [--seed 0]        (from anywhere)

writes DIR/generator (a diffusers Wan pipeline), DIR/critic (Qwen2.5-VL), lora.safetensors (both matrices non-zero),
noise.safetensors, prompts.txt, questions.jsonl and config.toml: about 30 million parameters with the released models'
geometry (a VAE of 8 x 8 pixels and 4 frames a latent, critic patches of 14 x 14 x 2, windows of 112 pixels) at smaller widths.
The answers of random weights mean nothing; the work is that of real ones.
"""

import argparse
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))
from reference import ROOT  # noqa: E402

import torch  # noqa: E402
import torchvision_ops  # noqa: E402, F401  (before diffusers and transformers)
from critic import Question, write_questions  # noqa: E402
from diffusers import AutoencoderKLWan, WanTransformer3DModel  # noqa: E402
from flow import TARGETS, save_lora, write_toml  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import (Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, UMT5Config,  # noqa: E402
                          UMT5EncoderModel)

TINY = ROOT / "assets/tiny"  # tokenizers and schedulers come from there
TEXT_WIDTH = 128
PIXELS = 128  # side of a clip's frames
# frames of a clip, side of a critic's frame in pixels (16 of them give 8 x (side / 28)^2 video tokens), questions
SETS = {"mid": (17, 168, 8), "long": (33, 448, 16)}

PROMPT = "a red ball moves left on a black background"  # one, so that every update is the same work
# aspect, text, answer; the first eight are six yes/no and two dense ones over all aspects, the rest more of that mix
QUESTIONS = [
    ("TA", "Is the object red?", "Yes"), ("TA", "Is the object yellow?", "No"),
    ("TA", "Does the object move left?", "Yes"), ("TA", "Describe the video.", PROMPT),
    ("PF", "Does the object move smoothly?", "Yes"), ("PF", "What does the object do?", "it moves left"),
    ("VQ", "Are the corners clean?", "Yes"), ("VQ", "Is the picture sharp?", "Yes"),
    ("TA", "Is the object a ball?", "Yes"), ("TA", "Is the background black?", "Yes"),
    ("TA", "Is the object a triangle?", "No"), ("TA", "What shape is the object?", "ball"),
    ("PF", "Does the object keep its color?", "Yes"), ("PF", "What color is the background?", "black"),
    ("VQ", "Does the picture flicker?", "No"), ("VQ", "Is there noise in the background?", "No"),
]


def make_questions(count):
    return [Question(f"p0-q{i}", 0, aspect, "yes_no" if answer in ("Yes", "No") else "dense", text, answer)
            for i, (aspect, text, answer) in enumerate(QUESTIONS[:count])]


def make_generator(folder):
    for part in ("scheduler", "tokenizer"):
        shutil.copytree(TINY / "generator" / part, folder / part, dirs_exist_ok=True)
    shutil.copy(TINY / "generator/model_index.json", folder)
    vocabulary = json.loads((TINY / "generator/text_encoder/config.json").read_text())["vocab_size"]
    models = {
        "text_encoder": UMT5EncoderModel(UMT5Config(
            vocab_size=vocabulary, d_model=TEXT_WIDTH, d_kv=32, d_ff=320, num_layers=4, num_heads=4, dropout_rate=0.0,
            feed_forward_proj="gated-gelu", pad_token_id=0, eos_token_id=1, decoder_start_token_id=0)),
        "transformer": WanTransformer3DModel(
            patch_size=(1, 2, 2), num_attention_heads=8, attention_head_dim=40, in_channels=16, out_channels=16,
            text_dim=TEXT_WIDTH, freq_dim=256, ffn_dim=1280, num_layers=8, cross_attn_norm=True, rope_max_seq_len=1024),
        "vae": AutoencoderKLWan(base_dim=24, z_dim=16, dim_mult=[1, 2, 4, 4], num_res_blocks=2, attn_scales=[],
                                temperal_downsample=[False, True, True]),
    }
    for name, model in models.items():
        model.save_pretrained(folder / name)
    return models.values()


def make_critic(folder, side):
    config = json.loads((TINY / "critic/config.json").read_text())
    del config["architectures"]
    # Wider draws than the released models start from: at these widths 0.02 would let hardly anything of the video through.
    config["text_config"].update(hidden_size=256, intermediate_size=768, num_attention_heads=8, num_key_value_heads=2,
                                 num_hidden_layers=6, layer_types=["full_attention"] * 6, initializer_range=0.06,
                                 max_position_embeddings=32768)
    config["text_config"]["rope_parameters"].update(rope_theta=1e6)
    config["vision_config"].update(depth=6, hidden_size=160, intermediate_size=480, num_heads=4, out_hidden_size=256,
                                   patch_size=14, window_size=112, fullatt_block_indexes=[2, 5], initializer_range=0.06)
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**config))
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TINY / "critic" / name, folder)
    processor = json.loads((TINY / "critic/video_preprocessor_config.json").read_text())
    # Just below the square of the side: smart resizing rounds up to multiples of 28.
    processor |= {"patch_size": 14, "size": {"shortest_edge": (side - 1) ** 2, "longest_edge": 768 * 28 * 28}}
    (folder / "video_preprocessor_config.json").write_text(json.dumps(processor, indent=2))
    return [model]


def make_config(folder, frames):
    return {
        "generator": {"path": str(folder / "generator"), "dtype": "float32", "text_length": 512},
        "critic": {"path": str(folder / "critic"), "dtype": "float32", "frames": 16},
        "prompts": {"train": str(folder / "prompts.txt")},
        "questions": {"file": str(folder / "questions.jsonl")},
        "sampling": {"frames": frames, "width": PIXELS, "height": PIXELS, "fps": 16.0, "steps": 10, "shift": 3.0,
                     "guidance": 1.0, "noise": str(folder / "noise.safetensors")},
        "flow": {"K": 2, "recompute": "block"},
        "lora": {"init_from": str(folder / "lora.safetensors")},
        "train": {"lr": 1e-4, "clip": 1.0},
        "output": {"dir": str(folder / "run")},
    }


def make(name, folder, seed):
    """Fills `folder`; returns the path of its config.toml."""
    frames, side, questions = SETS[name]
    folder = pathlib.Path(folder).resolve()
    for part in ("generator", "critic"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    models = [*make_generator(folder / "generator"), *make_critic(folder / "critic", side)]
    # alpha = 4: with save_lora's draws an adapter adds about a third of what its layer gives.
    save_lora(str(folder / "generator"), str(folder / "lora.safetensors"), 16, 4, TARGETS, seed + 1)
    shape = (16, (frames - 1) // 4 + 1, PIXELS // 8, PIXELS // 8)
    save_file({"noise": torch.randn(shape, generator=torch.Generator().manual_seed(seed + 2))},
              folder / "noise.safetensors")
    (folder / "prompts.txt").write_text(PROMPT + "\n")
    write_questions(folder / "questions.jsonl", make_questions(questions))
    write_toml(folder / "config.toml", make_config(folder, frames))
    print(f"{folder}: {sum(p.numel() for m in models for p in m.parameters()) / 1e6:.1f} million parameters")
    return folder / "config.toml"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=SETS, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    make(options.set, options.out, options.seed)


if __name__ == "__main__":
    main()
