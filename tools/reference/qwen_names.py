"""Parameters of the real Qwen2.5-VL models, in both generations of names: tests/goldens/qwen_names_*.txt.

First line: the published config.json (the keys that shape the model), then one `name older-name d0,d1,...` a line, sorted.
The models are built on the meta device. That the older names mean the same is shown on a small model, which transformers
loads from a file with them.

    python tools/reference/qwen_names.py        (from the repository's root)
"""

import json
import re
import tempfile

import torch
import torchvision_ops  # noqa: F401  (before transformers)
from qwen import CASES
from safetensors.torch import save_file
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

VISION = dict(depth=32, hidden_act="silu", hidden_size=1280, intermediate_size=3420, num_heads=16, in_chans=3, patch_size=14,
              spatial_merge_size=2, spatial_patch_size=14, window_size=112, fullatt_block_indexes=[7, 15, 23, 31],
              tokens_per_second=2, temporal_patch_size=2)
TEXT = dict(model_type="qwen2_5_vl", vision_start_token_id=151652, vision_end_token_id=151653, vision_token_id=151654,
            image_token_id=151655, video_token_id=151656, hidden_act="silu", max_position_embeddings=128000,
            rms_norm_eps=1e-6, rope_theta=1000000.0, sliding_window=32768, use_sliding_window=False,
            rope_scaling=dict(type="mrope", mrope_section=[16, 24, 24]))
CONFIGS = {
    "7b": dict(TEXT, hidden_size=3584, intermediate_size=18944, max_window_layers=28, num_attention_heads=28,
               num_hidden_layers=28, num_key_value_heads=4, tie_word_embeddings=False, vocab_size=152064,
               vision_config=dict(VISION, out_hidden_size=3584)),
    "3b": dict(TEXT, hidden_size=2048, intermediate_size=11008, max_window_layers=70, num_attention_heads=16,
               num_hidden_layers=36, num_key_value_heads=2, tie_word_embeddings=True, vocab_size=151936,
               vision_config=dict(VISION, out_hidden_size=2048)),
}


def build(raw):
    return Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**json.loads(json.dumps(raw))))


def older(name):
    return re.sub(r"^model\.visual", "visual", re.sub(r"^model\.language_model", "model", name))


def prove_older_names():
    model = build(CASES["qwen_small"][0])
    with tempfile.TemporaryDirectory() as folder:
        model.config.save_pretrained(folder)
        save_file({older(n): p.data for n, p in model.named_parameters()}, f"{folder}/model.safetensors", {"format": "pt"})
        again, report = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, output_loading_info=True)
    assert not any(report.values()), report
    again = dict(again.named_parameters())
    assert all(torch.equal(again[n], p) for n, p in model.named_parameters())


if __name__ == "__main__":
    prove_older_names()
    for size, raw in CONFIGS.items():
        with torch.device("meta"):
            model = build(raw)
        # A tied head is no parameter of its own.
        lines = sorted(f"{n} {older(n)} {','.join(map(str, p.shape))}" for n, p in model.named_parameters())
        with open(f"tests/goldens/qwen_names_{size}.txt", "w", encoding="ascii") as file:
            file.write("\n".join([json.dumps(raw)] + lines) + "\n")
        print(size, len(lines), f"{sum(p.numel() for p in model.parameters()) / 1e9:.3f} G")
