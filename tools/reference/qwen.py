"""Goldens of Qwen2.5-VL from transformers: tests/goldens/qwen_*.safetensors.

Each small golden holds random weights (numbers that float32 holds exactly), two clips' patches and one sequence of
tokens, and in float64: the video's embeddings, all logits, and the gradients of sum(logits * probe) with respect to
patches and parameters; bf16.* are the reference's own relative errors in bfloat16. qwen_tiny holds float32 logits of the tiny checkpoint in assets/tiny/critic.
qwen_positions holds position ids. Text goes on after a video as the model was trained (positions.py): in qwen_small and the
longer grids of qwen_positions that is not where transformers 5 would go on.

    python tools/reference/qwen.py        (from the repository's root)
"""

import contextlib
import copy
import json

import torch
import torchvision_ops  # noqa: F401  (before transformers)
from lift import lifted, save_golden
from positions import trained_positions
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

IMAGE, VIDEO, START, END = 1, 2, 3, 4


def ids(**more):
    return dict(model_type="qwen2_5_vl", image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START,
                vision_end_token_id=END, **more)


# name: config as it stands in config.json, grid (patches), seconds per grid, text tokens before and after the video
CASES = {
    # windows of 3 x 3 units cut at the right and the bottom; 4 heads share 2 keys; transformers 5 spelling
    "qwen_windows": (
        ids(
            text_config=dict(vocab_size=21, hidden_size=32, intermediate_size=22, num_hidden_layers=2, num_attention_heads=4,
                             num_key_value_heads=2, rms_norm_eps=1e-6, hidden_act="silu",
                             rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[1, 1, 2])),
            vision_config=dict(depth=3, hidden_size=16, intermediate_size=18, num_heads=2, patch_size=2,
                               temporal_patch_size=2, spatial_merge_size=2, window_size=12, out_hidden_size=32,
                               fullatt_block_indexes=[1], tokens_per_second=3, hidden_act="silu"),
        ), (3, 8, 10), 0.37, [5, START], [END, 7, 20, 6, 11]),
    # the hub's flat spelling; tied; no merging; one key head for three; no block with full attention
    "qwen_flat_tied": (
        ids(
            vocab_size=17, hidden_size=30, intermediate_size=26, num_hidden_layers=2, num_attention_heads=3,
            num_key_value_heads=1, rms_norm_eps=1e-5, hidden_act="silu", rope_theta=1e6, tie_word_embeddings=True,
            use_sliding_window=False, sliding_window=32768, max_window_layers=1,
            rope_scaling=dict(type="mrope", mrope_section=[2, 2, 1]),
            vision_config=dict(depth=2, hidden_size=12, intermediate_size=10, num_heads=3, patch_size=3, in_chans=3,
                               spatial_patch_size=3, temporal_patch_size=1, spatial_merge_size=1, window_size=7,
                               out_hidden_size=30, fullatt_block_indexes=[], tokens_per_second=2, hidden_act="silu"),
        ), (5, 3, 2), 1.0, [START], [END, 8]),
    # a single temporal patch, merge 3, a tall picture, all blocks full; 6 heads on 3 keys
    "qwen_tall": (
        ids(
            text_config=dict(vocab_size=13, hidden_size=36, intermediate_size=20, num_hidden_layers=1, num_attention_heads=6,
                             num_key_value_heads=3, rms_norm_eps=1e-6, hidden_act="silu",
                             rope_parameters=dict(rope_type="default", rope_theta=5e5, mrope_section=[1, 1, 1])),
            vision_config=dict(depth=2, hidden_size=8, intermediate_size=10, num_heads=2, patch_size=1,
                               temporal_patch_size=4, spatial_merge_size=3, window_size=6, out_hidden_size=36,
                               fullatt_block_indexes=[0, 1], tokens_per_second=4, hidden_act="silu"),
        ), (1, 15, 6), 0.5, [6, 5, START], [END, 7, 7, 9]),
    # smaller than one window; time runs far ahead of rows and columns; a pad token whose embedding takes no gradient
    "qwen_small": (
        ids(
            text_config=dict(vocab_size=19, hidden_size=32, intermediate_size=24, num_hidden_layers=3, num_attention_heads=2,
                             num_key_value_heads=2, rms_norm_eps=1e-6, hidden_act="silu", pad_token_id=9,
                             rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[2, 3, 3])),
            vision_config=dict(depth=2, hidden_size=16, intermediate_size=12, num_heads=1, patch_size=2,
                               temporal_patch_size=2, spatial_merge_size=2, window_size=32, out_hidden_size=32,
                               fullatt_block_indexes=[1], tokens_per_second=25, hidden_act="silu"),
        ), (4, 4, 6), 0.73, [9, 5, START], [END, 9, 7]),
}
CLIPS = 2


@contextlib.contextmanager
def all_double():
    """lifted(), and rotary frequencies in float64 (the reference spells their type torch.float)."""
    float32 = torch.float
    torch.set_default_dtype(torch.float64)
    with lifted():
        torch.float = torch.float64
        try:
            yield
        finally:
            torch.float = float32
            torch.set_default_dtype(float32)


def run(model, patches, tokens, grid, seconds):
    """Embeddings [V, D] and logits [S, vocabulary] of one clip."""
    positions = trained_positions(model.model, tokens[None], VIDEO, grid, torch.tensor([seconds]).type(torch.FloatTensor))
    grid = torch.tensor([grid])
    embeddings = model.model.get_video_features(patches, grid).pooler_output[0]
    out = model(
        input_ids=tokens[None], pixel_values_videos=patches, video_grid_thw=grid, position_ids=positions,
        mm_token_type_ids=(tokens[None] == VIDEO).int() * 2, use_cache=False)
    return embeddings, out.logits[0]


def sequence(config, grid, before, after):
    merge = config.vision_config.spatial_merge_size
    count = grid[0] * grid[1] * grid[2] // merge**2
    return torch.tensor(before + [VIDEO] * count + after)


def half_errors(model, patches, tokens, grid, seconds, probe, logits):
    """The reference's own relative errors in bfloat16: what ours is measured against."""
    half = copy.deepcopy(model).to(torch.bfloat16)
    inputs = patches.detach().float().requires_grad_()
    out = torch.stack([run(half, clip, tokens, grid, seconds)[1] for clip in inputs])
    (out.float() * probe.float()).sum().backward()
    error = lambda got, want: repr(round((got.detach().double() - want.detach()).norm().div(want.detach().norm()).item(), 4))  # noqa: E731
    return {"bf16.logits": error(out, logits), "bf16.patches": error(inputs.grad, patches.grad)}


def small(name, raw, grid, seconds, before, after):
    torch.manual_seed(sum(map(ord, name)))
    with all_double():
        config = Qwen2_5_VLConfig(**json.loads(json.dumps(raw)))
        config._attn_implementation = "eager"
        model = Qwen2_5_VLForConditionalGeneration._from_config(config, attn_implementation="eager").double().eval()
        parameters = dict(model.named_parameters())
        for parameter_name, p in parameters.items():
            draw = torch.randn(p.shape) * (0.3 if p.dim() > 1 else 0.5) + ("norm" in parameter_name or "ln_q" in parameter_name)
            p.data = draw.type(torch.FloatTensor).double()
        v = config.vision_config
        values = 3 * v.temporal_patch_size * v.patch_size**2
        count = grid[0] * grid[1] * grid[2]
        patches = torch.randn(CLIPS, count, values).type(torch.FloatTensor).double().requires_grad_()
        tokens = sequence(config, grid, before, after)
        results = [run(model, clip, tokens, grid, seconds) for clip in patches]
        embeddings, logits = (torch.stack(parts) for parts in zip(*results))
        probe = torch.randn(logits.shape).type(torch.FloatTensor).double()
        (logits * probe).sum().backward()
        grads = {f"grad.param.{n}": p.grad if p.grad is not None else torch.zeros_like(p) for n, p in parameters.items()}
    errors = half_errors(model, patches, tokens, grid, seconds, probe, logits)
    half = torch.FloatTensor
    out = {f"param.{n}": p.data.type(half).contiguous() for n, p in parameters.items()}
    out |= {"in.patches": patches.detach().type(half), "in.ids": tokens, "in.grid": torch.tensor(grid), "probe": probe.type(half)}
    out |= {"out.embeddings": embeddings.detach(), "out.logits": logits.detach(), "grad.in.patches": patches.grad} | grads
    save_golden(f"tests/goldens/{name}.safetensors", out, {"config": raw, "seconds": repr(seconds)} | errors)


def tiny():
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained("assets/tiny/critic").eval()
    torch.manual_seed(3)
    grid, seconds = (2, 6, 8), 0.5
    values = 3 * 2 * 8 * 8
    patches = torch.randn(grid[0] * grid[1] * grid[2], values)
    video = model.config.video_token_id
    tokens = torch.tensor([401, 403] + [video] * 24 + [404, 12, 40, 77, 402])
    positions = trained_positions(model.model, tokens[None], video, grid, torch.tensor([seconds]))
    with torch.no_grad():
        logits = model(input_ids=tokens[None], pixel_values_videos=patches, video_grid_thw=torch.tensor([grid]),
                       position_ids=positions, mm_token_type_ids=(tokens[None] == video).int() * 2,
                       use_cache=False).logits[0]
    save_golden("tests/goldens/qwen_tiny.safetensors",
                {"in.patches": patches[None], "in.ids": tokens, "in.grid": torch.tensor(grid), "out.logits": logits[None]},
                {"seconds": repr(seconds)})


# grid (patches), merge, tokens per second, seconds per grid
POSITIONS = [
    ((1, 2, 2), 2, 2, 1.0), ((4, 4, 6), 2, 2, 0.5), ((4, 4, 6), 2, 2, 0.49), ((5, 6, 4), 2, 4, 0.3), ((7, 2, 8), 2, 2, 2 / 7.5),
    ((9, 3, 3), 3, 25, 0.73), ((3, 5, 2), 1, 2, 0.1), ((16, 4, 4), 2, 2, 2 / (16 * 15 / 80)), ((20, 2, 2), 2, 3, 1 / 3),
    ((30, 2, 2), 1, 1, 0.7), ((30, 2, 2), 2, 7, 0.1), ((2, 20, 2), 2, 2, 4.0),
]


def position_ids():
    out = {}
    config = Qwen2_5_VLConfig(**json.loads(json.dumps(CASES["qwen_small"][0])))
    with torch.device("meta"):
        model = Qwen2_5_VLForConditionalGeneration(config).model
    for i, (grid, merge, rate, seconds) in enumerate(POSITIONS):
        config.vision_config.spatial_merge_size, config.vision_config.tokens_per_second = merge, rate
        model.config = config
        tokens = sequence(config, grid, [5, 6, START], [END, 8, 7, 5])
        found = trained_positions(model, tokens[None], VIDEO, grid, torch.tensor([seconds]))
        out |= {f"{i}.ids": tokens, f"{i}.grid": torch.tensor(grid), f"{i}.positions": found[:, 0].contiguous(),
                f"{i}.merge": torch.tensor([merge, rate]), f"{i}.seconds": torch.tensor([seconds], dtype=torch.float64)}
    save_golden("tests/goldens/qwen_positions.safetensors", out, {"count": str(len(POSITIONS))})


if __name__ == "__main__":
    for name, case in CASES.items():
        small(name, *case)
    tiny()
    position_ids()
