"""Goldens of Qwen3-VL from transformers: tests/goldens/qwen3_*.safetensors.

Each holds random weights (numbers that float32 holds exactly), two clips' patches and one sequence of tokens, and in
float64: the video's tokens, what deepstack adds, all logits, and the gradients of sum(logits * probe) with respect to patches
and parameters; bf16.* are the reference's own relative errors in bfloat16. The weights by which learned positions are
interpolated stay float32, as the reference has them in a model of any type. qwen3_positions holds position ids.

    python tools/reference/qwen3.py        (from the repository's root)
"""

import copy
import json

import torch
import torchvision_ops  # noqa: F401  (before transformers)
from lift import save_golden
from qwen import all_double
from qwen3_critic import float32_table, table_taps
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration
from transformers.models.qwen3_vl import modeling_qwen3_vl

IMAGE, VIDEO, START, END = 1, 2, 3, 4
CLIPS = 2


def config(text, vision, **more):
    return dict(
        model_type="qwen3_vl", image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START, vision_end_token_id=END,
        text_config=dict(model_type="qwen3_vl_text", hidden_act="silu", attention_bias=False, **text),
        vision_config=dict(hidden_act="gelu_pytorch_tanh", **vision), **more)


# name: config as it stands in config.json, grid (patches), layout of the prompt ("4.57" or "5"), text after the video
CASES = {
    # Deepstack out of order; a table of 5 x 5 with two rows to spare; 4 heads share 2 keys and are wider than the model
    "qwen3_odd": (
        config(
            dict(vocab_size=23, hidden_size=32, intermediate_size=22, num_hidden_layers=3, num_attention_heads=4,
                 num_key_value_heads=2, head_dim=12, rms_norm_eps=1e-6,
                 rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[2, 2, 2], mrope_interleaved=True)),
            dict(model_type="qwen3_vl_vision", depth=3, hidden_size=16, intermediate_size=18, num_heads=2, patch_size=2,
                 temporal_patch_size=2, spatial_merge_size=2, out_hidden_size=32, num_position_embeddings=27,
                 deepstack_visual_indexes=[2, 0])),
        (3, 4, 6), "4.57", [7, 20, 6, 11]),
    # No merging, one frame a patch, one row; most frequencies are time's; as many deepstack entries as layers
    "qwen3_row": (
        config(
            dict(vocab_size=19, hidden_size=20, intermediate_size=26, num_hidden_layers=2, num_attention_heads=3,
                 num_key_value_heads=1, head_dim=12, rms_norm_eps=1e-5, rope_theta=5e6,
                 rope_scaling=dict(rope_type="default", mrope_section=[2, 1, 1], mrope_interleaved=True)),
            dict(model_type="qwen3_vl", depth=4, hidden_size=12, intermediate_size=10, num_heads=3, patch_size=3,
                 temporal_patch_size=1, spatial_merge_size=1, out_hidden_size=20, num_position_embeddings=49,
                 deepstack_visual_indexes=[1, 3])),
        (4, 1, 5), "5", [8, 5]),
    # Merge 3, three frames a patch, one group, a tall picture; a pad token whose embedding takes no gradient
    "qwen3_tall": (
        config(
            dict(vocab_size=17, hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=6,
                 num_key_value_heads=3, head_dim=8, rms_norm_eps=1e-6, pad_token_id=9,
                 rope_parameters=dict(rope_type="default", rope_theta=5e5, mrope_section=[24, 20, 20])),
            dict(model_type="qwen3_vl_vision", depth=2, hidden_size=8, intermediate_size=10, num_heads=2, patch_size=1,
                 temporal_patch_size=3, spatial_merge_size=3, out_hidden_size=24, num_position_embeddings=16,
                 deepstack_visual_indexes=[0])),
        (1, 15, 6), "4.57", [9, 7, 7]),
    # No deepstack; tied, by the flag of the language model alone
    "qwen3_tied": (
        config(
            dict(vocab_size=21, hidden_size=28, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
                 num_key_value_heads=2, head_dim=14, rms_norm_eps=1e-6, tie_word_embeddings=True,
                 rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[3, 2, 2])),
            dict(model_type="qwen3_vl_vision", depth=1, hidden_size=16, intermediate_size=12, num_heads=1, patch_size=2,
                 temporal_patch_size=2, spatial_merge_size=2, out_hidden_size=28, num_position_embeddings=36,
                 deepstack_visual_indexes=[])),
        (2, 10, 4), "5", [5, 9, 7]),
}


def same_as_the_librarys(grid, side, merge):
    """float32_table() has what the library forms in float32, to the bit."""
    indices, weights = modeling_qwen3_vl.get_vision_interpolation_indices_and_weights(
        torch.tensor([grid]), num_grid_per_side=side, mode="bilinear", align_corners=True, spatial_merge_size=merge)
    ours = table_taps(grid, side, merge)
    assert torch.equal(indices, ours[0]) and torch.equal(weights, ours[1]) and weights.dtype is torch.float32


def sequence(grid, merge, layout, after):
    """Text, and each group behind a timestamp of ordinary tokens; the layout of 5 keeps an outer pair."""
    groups = []
    for group in range(grid[0]):
        groups += [10 + group % 3, 12, START] + [VIDEO] * (grid[1] * grid[2] // merge**2) + [END]
    outer = ([START], [END]) if layout == "5" else ([], [])
    return torch.tensor([9, 5] + outer[0] + groups + outer[1] + after)


def run(model, patches, tokens, grid):
    """Video tokens [V, D], what deepstack adds, and logits [S, vocabulary] of one clip."""
    grid = torch.tensor([grid])
    seen = model.model.get_video_features(patches, grid)
    out = model(input_ids=tokens[None], pixel_values_videos=patches, video_grid_thw=grid,
                mm_token_type_ids=(tokens[None] == VIDEO).int() * 2, use_cache=False)
    return seen.pooler_output[0], [added[0] for added in seen.deepstack_features], out.logits[0]


def half_errors(model, patches, tokens, grid, probe, logits):
    """The reference's own relative errors in bfloat16: what ours is measured against."""
    half = copy.deepcopy(model).to(torch.bfloat16)
    language, vision = half.model.language_model, half.model.visual
    language.rotary_emb = type(language.rotary_emb)(config=language.config)  # float32, as it is loaded
    vision.rotary_pos_emb = type(vision.rotary_pos_emb)(vision.config)
    inputs = patches.detach().float().requires_grad_()
    out = torch.stack([run(half, clip, tokens, grid)[2] for clip in inputs])
    (out.float() * probe.float()).sum().backward()
    error = lambda got, want: repr(round((got.detach().double() - want.detach()).norm().div(want.detach().norm()).item(), 4))  # noqa: E731
    return {"bf16.logits": error(out, logits), "bf16.patches": error(inputs.grad, patches.grad)}


def build(raw):
    raw = json.loads(json.dumps(raw))
    made = Qwen3VLConfig(**raw)
    made.tie_word_embeddings = raw.get("tie_word_embeddings", False) or raw["text_config"].get("tie_word_embeddings", False)
    return Qwen3VLForConditionalGeneration._from_config(made, attn_implementation="eager")


def draw_weights(model):
    parameters = dict(model.named_parameters())
    for name, p in parameters.items():
        draw = torch.randn(p.shape) * (0.3 if p.dim() > 1 else 0.5) + ("norm" in name and name.endswith("weight"))
        p.data = draw.type(torch.FloatTensor).to(p.dtype)
    return parameters


def small(name, raw, grid, layout, after):
    torch.manual_seed(sum(map(ord, name)))
    vision = raw["vision_config"]
    side, merge = int(vision["num_position_embeddings"] ** 0.5), vision["spatial_merge_size"]
    tokens = sequence(grid, merge, layout, after)
    same_as_the_librarys(grid, side, merge)
    with float32_table([grid], side, merge):
        with all_double():
            model = build(raw).double().eval()
            parameters = draw_weights(model)
            values = 3 * vision["temporal_patch_size"] * vision["patch_size"] ** 2
            patches = torch.randn(CLIPS, grid[0] * grid[1] * grid[2], values).type(torch.FloatTensor).double().requires_grad_()
            results = [run(model, clip, tokens, grid) for clip in patches]
            seen = torch.stack([r[0] for r in results])
            added = [torch.stack(level) for level in zip(*[r[1] for r in results])]
            logits = torch.stack([r[2] for r in results])
            probe = torch.randn(logits.shape).type(torch.FloatTensor).double()
            (logits * probe).sum().backward()
            grads = {f"grad.param.{n}": p.grad if p.grad is not None else torch.zeros_like(p) for n, p in parameters.items()}
        errors = half_errors(model, patches, tokens, grid, probe, logits)
    single = torch.FloatTensor
    out = {f"param.{n}": p.data.type(single).contiguous() for n, p in parameters.items()}
    out |= {"in.patches": patches.detach().type(single), "in.ids": tokens, "in.grid": torch.tensor(grid), "probe": probe.type(single)}
    out |= {"out.embeddings": seen.detach(), "out.logits": logits.detach(), "grad.in.patches": patches.grad} | grads
    out |= {f"out.added.{i}": level.detach() for i, level in enumerate(added)}
    save_golden(f"tests/goldens/{name}.safetensors", out, {"config": raw} | errors)


# grids (patches) of the videos of a prompt, merge, layout
POSITIONS = [
    ([(1, 2, 2)], 2, "4.57"), ([(4, 4, 6)], 2, "4.57"), ([(4, 4, 6)], 2, "5"), ([(9, 3, 3)], 3, "4.57"), ([(3, 5, 2)], 1, "5"),
    ([(30, 2, 2)], 2, "4.57"), ([(2, 20, 2)], 2, "5"), ([(3, 4, 6), (2, 8, 2)], 2, "4.57"), ([(1, 2, 4), (2, 4, 4), (1, 6, 2)], 2, "5"),
]


def position_ids():
    raw = CASES["qwen3_odd"][0]
    with torch.device("meta"):
        model = build(raw).model
    out = {}
    for i, (grids, merge, layout) in enumerate(POSITIONS):
        model.config.vision_config.spatial_merge_size = merge
        parts = [sequence(grid, merge, layout, [8, 7]) for grid in grids]
        tokens = torch.cat(parts)
        found, _ = model.get_rope_index(tokens[None], (tokens[None] == VIDEO).int() * 2, video_grid_thw=torch.tensor(grids))
        out |= {f"{i}.ids": tokens, f"{i}.grids": torch.tensor(grids), f"{i}.positions": found[:, 0].contiguous(),
                f"{i}.merge": torch.tensor([merge])}
    save_golden("tests/goldens/qwen3_positions.safetensors", out, {"count": str(len(POSITIONS))})


if __name__ == "__main__":
    for name, case in CASES.items():
        small(name, *case)
    position_ids()
