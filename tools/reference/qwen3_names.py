"""Parameters of the released dense Qwen3-VL models: tests/goldens/qwen3_names_{4b,8b}.txt and qwen3_counts.json.

First line of a list: config.json by the keys that shape the model; then one `name d0,d1,...` a line, sorted. The counts are of
all four sizes: numbers and tensors of the whole and of the vision tower. The models are built on the meta device.

    python tools/reference/qwen3_names.py        (from the repository's root)
"""

import json

import torch
from qwen3 import build

VISION = dict(model_type="qwen3_vl", depth=27, hidden_act="gelu_pytorch_tanh", hidden_size=1152, intermediate_size=4304, num_heads=16,
              in_channels=3, patch_size=16, spatial_merge_size=2, temporal_patch_size=2, num_position_embeddings=2304,
              deepstack_visual_indexes=[8, 16, 24])
SMALL_VISION = dict(VISION, depth=24, hidden_size=1024, intermediate_size=4096, deepstack_visual_indexes=[5, 11, 17])
TEXT = dict(model_type="qwen3_vl_text", hidden_act="silu", vocab_size=151936, num_key_value_heads=8, head_dim=128, attention_bias=False,
            rms_norm_eps=1e-6, rope_theta=5000000, rope_scaling=dict(rope_type="default", mrope_interleaved=True, mrope_section=[24, 20, 20]))


def raw(vision, layers, hidden, inner, heads, tied):
    return dict(model_type="qwen3_vl", image_token_id=151655, video_token_id=151656, vision_start_token_id=151652,
                vision_end_token_id=151653, tie_word_embeddings=tied, vision_config=dict(vision, out_hidden_size=hidden),
                text_config=dict(TEXT, num_hidden_layers=layers, hidden_size=hidden, intermediate_size=inner, num_attention_heads=heads))


CONFIGS = {"2b": raw(SMALL_VISION, 28, 2048, 6144, 16, True), "4b": raw(SMALL_VISION, 36, 2560, 9728, 32, True),
           "8b": raw(VISION, 36, 4096, 12288, 32, False), "32b": raw(VISION, 64, 5120, 25600, 64, False)}

if __name__ == "__main__":
    counts = {}
    for size, config in CONFIGS.items():
        with torch.device("meta"):
            model = build(config)
        parameters = dict(model.named_parameters())  # a tied head is no parameter of its own
        vision = [p for name, p in parameters.items() if name.startswith("model.visual.")]
        counts[size] = dict(config=config, numbers=sum(p.numel() for p in parameters.values()), tensors=len(parameters),
                            vision_numbers=sum(p.numel() for p in vision), vision_tensors=len(vision))
        print(size, {k: v for k, v in counts[size].items() if k != "config"})
        if size in ("4b", "8b"):
            lines = sorted(f"{n} {','.join(map(str, p.shape))}" for n, p in parameters.items())
            with open(f"tests/goldens/qwen3_names_{size}.txt", "w", encoding="ascii") as file:
                file.write("\n".join([json.dumps(config)] + lines) + "\n")
    with open("tests/goldens/qwen3_counts.json", "w", encoding="ascii") as file:
        json.dump(counts, file)
