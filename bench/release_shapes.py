"""The released Wan 2.1 T2V and Qwen2.5-VL 7B as files of the right names, shapes and types without their numbers.

    python3 bench/release_shapes.py --out DIR [--size 1.3B|14B]

writes DIR/generator, DIR/critic and DIR/config.toml (configs/wan2.1-t2v-1.3b.toml with these paths, one prompt and eight
questions). The files are sparse: 30 GB in name (14B: 85), some megabytes on disk. Good for `drf plan`, `drf inspect` and
`drf bench --random-weights`; read as they are, all numbers are zero. Tokenizers are the tiny models', names and shapes the
goldens' (tests/goldens/names_*.txt, made from the reference libraries). Needs Python alone.
"""

import argparse
import json
import math
import pathlib
import shutil
import struct

ROOT = pathlib.Path(__file__).resolve().parent.parent
TINY, GOLDENS = ROOT / "assets/tiny", ROOT / "tests/goldens"
BYTES = {"BF16": 2, "F32": 4}

PROMPT = "a red ball moves left on a black background"
# aspect, text, answer: six yes/no and two dense ones over all aspects
QUESTIONS = [
    ("TA", "Is the object red?", "Yes"), ("TA", "Is the object yellow?", "No"),
    ("TA", "Does the object move left?", "Yes"), ("TA", "Describe the video.", PROMPT),
    ("PF", "Does the object move smoothly?", "Yes"), ("PF", "What does the object do?", "it moves left"),
    ("VQ", "Are the corners clean?", "Yes"), ("VQ", "Is the picture sharp?", "Yes"),
]

TRANSFORMERS = {
    "1.3B": {"num_attention_heads": 12, "num_layers": 30, "ffn_dim": 8960},
    "14B": {"num_attention_heads": 40, "num_layers": 40, "ffn_dim": 13824},
}


def shapes(golden):
    """name -> shape of lines "name 1,2,3" or "name in the library, name in the release, 1,2,3"."""
    lines = (line.split() for line in (GOLDENS / golden).read_text().splitlines() if not line.startswith("{"))
    return {words[-2]: [int(extent) for extent in words[-1].split(",")] for words in lines}


def save_shapes(tensors, path, dtype):
    """A safetensors file whose header is true and whose numbers are a hole."""
    header, end = {}, 0
    for name, shape in tensors.items():
        begin, end = end, end + math.prod(shape) * BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)


def save_json(values, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=2) + "\n")


def changed(path, **values):
    return json.loads(path.read_text()) | values


def make_generator(folder, size):
    for part in ("scheduler", "tokenizer"):
        shutil.copytree(TINY / "generator" / part, folder / part, dirs_exist_ok=True)
    shutil.copy(TINY / "generator/model_index.json", folder)
    weights = "diffusion_pytorch_model.safetensors"
    transformer = changed(TINY / "generator/transformer/config.json", attention_head_dim=128, in_channels=16, out_channels=16,
                          text_dim=4096, freq_dim=256, rope_max_seq_len=1024, **TRANSFORMERS[size])
    save_json(transformer, folder / "transformer/config.json")
    save_shapes(shapes(f"names_wan_{size.lower()}.txt"), folder / "transformer" / weights, "F32")
    vae = changed(TINY / "generator/vae/config.json", base_dim=96, z_dim=16, dim_mult=[1, 2, 4, 4], num_res_blocks=2,
                  temperal_downsample=[False, True, True], scale_factor_temporal=4, scale_factor_spatial=8,
                  latents_mean=[0.0] * 16, latents_std=[1.0] * 16)
    save_json(vae, folder / "vae/config.json")
    save_shapes(shapes("names_wan_vae.txt"), folder / "vae" / weights, "F32")
    text = changed(TINY / "generator/text_encoder/config.json", vocab_size=256384, d_model=4096, d_kv=64, d_ff=10240,
                   num_layers=24, num_heads=64)
    save_json(text, folder / "text_encoder/config.json")
    save_shapes(shapes("names_umt5_xxl.txt"), folder / "text_encoder/model.safetensors", "BF16")


def make_critic(folder):
    config = json.loads((GOLDENS / "qwen_names_7b.txt").read_text().splitlines()[0])
    tiny = json.loads((TINY / "critic/config.json").read_text())  # its tokenizer has other ids
    config |= {key: value for key, value in tiny.items() if key.endswith("_token_id") and key in config}
    save_json(config, folder / "config.json")
    save_shapes(shapes("qwen_names_7b.txt"), folder / "model.safetensors", "BF16")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TINY / "critic" / name, folder)
    limits = {"shortest_edge": 128 * 28 * 28, "longest_edge": 768 * 28 * 28}
    save_json(changed(TINY / "critic/video_preprocessor_config.json", patch_size=14, size=limits),
              folder / "video_preprocessor_config.json")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", choices=sorted(TRANSFORMERS), default="1.3B")
    options = parser.parse_args()
    out = pathlib.Path(options.out).resolve()
    make_generator(out / "generator", options.size)
    make_critic(out / "critic")
    (out / "prompts.txt").write_text(PROMPT + "\n")
    with open(out / "questions.jsonl", "w", encoding="utf-8") as file:
        for i, (aspect, text, answer) in enumerate(QUESTIONS):
            kind = "yes_no" if answer in ("Yes", "No") else "dense"
            file.write(json.dumps({"id": f"p0-q{i}", "prompt": 0, "aspect": aspect, "kind": kind, "text": text,
                                   "answer": answer, "weight": 1.0}) + "\n")
    config = (ROOT / "configs/wan2.1-t2v-1.3b.toml").read_text()
    for old, new in {"models/Wan2.1-T2V-1.3B-Diffusers": "generator", "models/Qwen2.5-VL-7B-Instruct": "critic",
                     "prompts.txt": "prompts.txt", "questions.jsonl": "questions.jsonl"}.items():
        config = config.replace(f'"{old}"', f'"{out / new}"')
    config = "".join(line + "\n" for line in config.splitlines() if not line.startswith("held_out"))
    (out / "config.toml").write_text(config)
    print(out / "config.toml")


if __name__ == "__main__":
    main()
