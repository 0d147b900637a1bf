"""The released Wan 2.1 T2V 1.3B (or 14B) and Qwen2.5-VL 7B as files of the right names, shapes and types without their numbers.

    python bench/release_shapes.py --out DIR [--size 14B]

writes DIR/generator, DIR/critic and DIR/config.toml (configs/wan2.1-t2v-1.3b.toml with these paths, one prompt and the bench's
questions). The files are sparse: 30 GB (14B: 85) in name, some megabytes on disk. Good for `drf plan` and `drf inspect`; what anything
computes from them is zero. Tokenizers are the tiny models'.
"""

import argparse
import json
import pathlib
import shutil
import struct

from make_models import PROMPT, ROOT, TINY, make_questions  # first: it finds the reference's modules
import torch
from critic import write_questions
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, UMT5Config, UMT5EncoderModel

NAMES = {torch.bfloat16: "BF16", torch.float32: "F32"}


def save_shapes(model, path, dtype):
    """A safetensors file whose header is true and whose numbers are a hole."""
    header, end = {}, 0
    for name, tensor in model.state_dict().items():
        if name == "encoder.embed_tokens.weight":  # the same as "shared.weight", and stored once
            continue
        begin, end = end, end + tensor.numel() * dtype.itemsize
        header[name] = {"dtype": NAMES[dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)


SIZES = {"1.3B": {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30},
         "14B": {"num_attention_heads": 40, "ffn_dim": 13824, "num_layers": 40}}


def make_generator(folder, size):
    for part in ("scheduler", "tokenizer"):
        shutil.copytree(TINY / "generator" / part, folder / part, dirs_exist_ok=True)
    shutil.copy(TINY / "generator/model_index.json", folder)
    transformer = WanTransformer3DModel(attention_head_dim=128, **SIZES[size])
    save_shapes(transformer, folder / "transformer/diffusion_pytorch_model.safetensors", torch.float32)
    transformer.save_config(folder / "transformer")
    vae = AutoencoderKLWan()
    save_shapes(vae, folder / "vae/diffusion_pytorch_model.safetensors", torch.float32)
    vae.save_config(folder / "vae")
    text = UMT5Config(vocab_size=256384, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64,
                      feed_forward_proj="gated-gelu", pad_token_id=0, eos_token_id=1)
    save_shapes(UMT5EncoderModel(text), folder / "text_encoder/model.safetensors", torch.bfloat16)
    text.save_pretrained(folder / "text_encoder")


def make_critic(folder):
    config = json.loads((TINY / "critic/config.json").read_text())
    del config["architectures"]
    config["tie_word_embeddings"] = False
    config["text_config"].update(vocab_size=152064, hidden_size=3584, intermediate_size=18944, num_attention_heads=28,
                                 num_key_value_heads=4, num_hidden_layers=28, layer_types=["full_attention"] * 28,
                                 max_position_embeddings=128000, tie_word_embeddings=False)
    config["text_config"]["rope_parameters"].update(rope_theta=1e6, mrope_section=[16, 24, 24])
    config["vision_config"].update(depth=32, hidden_size=1280, intermediate_size=3420, num_heads=16, patch_size=14,
                                   out_hidden_size=3584, window_size=112, fullatt_block_indexes=[7, 15, 23, 31])
    config = Qwen2_5_VLConfig(**config)
    save_shapes(Qwen2_5_VLForConditionalGeneration(config), folder / "model.safetensors", torch.bfloat16)
    config.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TINY / "critic" / name, folder)
    processor = json.loads((TINY / "critic/video_preprocessor_config.json").read_text())
    processor |= {"patch_size": 14, "size": {"shortest_edge": 128 * 28 * 28, "longest_edge": 768 * 28 * 28}}
    (folder / "video_preprocessor_config.json").write_text(json.dumps(processor, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", choices=list(SIZES), default="1.3B")
    arguments = parser.parse_args()
    out = pathlib.Path(arguments.out).resolve()
    with torch.device("meta"):
        make_generator(out / "generator", arguments.size)
        make_critic(out / "critic")
    (out / "prompts.txt").write_text(PROMPT + "\n")
    write_questions(out / "questions.jsonl", make_questions(8))
    config = (ROOT / "configs/wan2.1-t2v-1.3b.toml").read_text()
    for old, new in {"models/Wan2.1-T2V-1.3B-Diffusers": "generator", "models/Qwen2.5-VL-7B-Instruct": "critic",
                     "prompts.txt": "prompts.txt", "questions.jsonl": "questions.jsonl"}.items():
        config = config.replace(f'"{old}"', f'"{out / new}"')
    config = "".join(line + "\n" for line in config.splitlines() if not line.startswith("held_out"))
    (out / "config.toml").write_text(config)
    print(out / "config.toml")


if __name__ == "__main__":
    main()
