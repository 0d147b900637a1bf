"""Qwen3-VL as the critic of critic.py, and small ones with random weights in a folder of their own.

The prompt has the layout of transformers 4.57, in which the model was released. The weights that interpolate its learned
positions are formed in float32, as the reference forms them, also where everything else is lifted to float64.
"""

import contextlib
import json
import math
import pathlib
import shutil

import numpy
import torch
from critic import Critic, frame_indices
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration, Qwen3VLProcessor, Qwen3VLVideoProcessor
from transformers.image_utils import SizeDict
from transformers.models.qwen3_vl import modeling_qwen3_vl

TINY = pathlib.Path("assets/tiny/critic")  # its tokenizer


def table_taps(grid, side, merge):
    """Rows of a side x side table under each patch, in merge-block order, and their float32 weights: [patches, 4] each."""
    t, h, w = grid
    order = numpy.arange(h * w).reshape(h // merge, merge, w // merge, merge).transpose(0, 2, 1, 3).reshape(-1)

    def axis(index, size):
        source = index.astype(numpy.float32) * numpy.float32(side - 1) / numpy.float32(max(size - 1, 1))
        low = numpy.floor(source)
        taps = numpy.clip(low.astype(int)[:, None] + [0, 1], 0, side - 1)
        distance = numpy.abs(source[:, None] - low[:, None] - numpy.array([0, 1], numpy.float32))
        return taps, numpy.maximum(numpy.float32(1) - distance, 0)

    rows, down = axis(order // w, h)
    columns, across = axis(order % w, w)
    indices = (rows[:, :, None] * side + columns[:, None, :]).reshape(-1, 4)
    weights = (down[:, :, None] * across[:, None, :]).reshape(-1, 4)
    assert weights.dtype == numpy.float32
    lifted = torch.float32 is torch.float64
    weights = numpy.tile(weights, (t, 1)).astype(numpy.float64 if lifted else numpy.float32)  # the same numbers
    return torch.from_numpy(numpy.tile(indices, (t, 1))), torch.from_numpy(weights)


@contextlib.contextmanager
def float32_table(grids, side, merge):
    """Inside, the model's positions are interpolated by table_taps()."""
    own = modeling_qwen3_vl.get_vision_interpolation_indices_and_weights
    taps = tuple(torch.cat(parts) for parts in zip(*[table_taps(grid, side, merge) for grid in grids]))
    modeling_qwen3_vl.get_vision_interpolation_indices_and_weights = lambda *args, **kwargs: taps
    try:
        yield
    finally:
        modeling_qwen3_vl.get_vision_interpolation_indices_and_weights = own


class Qwen3Critic(Critic):
    model_class, processor_class = Qwen3VLForConditionalGeneration, Qwen3VLVideoProcessor

    def patches(self, frames_F3HW):
        p = self.processor
        video = frames_F3HW[frame_indices(frames_F3HW.shape[0], self.frames)][None].to(self.dtype)
        if video.shape[1] < p.temporal_patch_size:  # which the library refuses
            video = video.expand(-1, p.temporal_patch_size, -1, -1, -1)
        counted = round(video.shape[1] / p.temporal_patch_size) * p.temporal_patch_size
        longest = min(p.size["longest_edge"], self.max_pixels * counted) if self.max_pixels else p.size["longest_edge"]
        size = SizeDict(shortest_edge=p.size["shortest_edge"], longest_edge=longest)
        video = p.resize(video, size, p.resample, factor=p.patch_size * p.merge_size, temporal_factor=p.temporal_patch_size,
                         cap_pixels_per_frame=False)
        mean, std = (torch.tensor(v, dtype=self.dtype).view(3, 1, 1) for v in (p.image_mean, p.image_std))
        patches, t, h, w = p.patchify((video - mean) / std, p.patch_size, p.merge_size, p.temporal_patch_size)
        return patches[0], (t, h, w)

    def timing(self, num_frames, fps):
        """When each temporal group is: the whole clip's indices over its own frames a second."""
        indices = frame_indices(num_frames, self.frames)
        return Qwen3VLProcessor._calculate_timestamps(None, indices, fps, self.processor.temporal_patch_size)

    def opening(self):
        return "<|im_start|>user\n"

    def video_text(self, grid, seconds):
        pads = grid[1] * grid[2] // self.processor.merge_size**2
        assert len(seconds) == grid[0]
        return "".join(f"<{s:.1f} seconds><|vision_start|>" + "<|video_pad|>" * pads + "<|vision_end|>" for s in seconds)

    def logits(self, ids, videos):
        ids, config = torch.tensor([ids]), self.model.config
        side = math.isqrt(config.vision_config.num_position_embeddings)
        grids = [grid for _, grid, _ in videos]
        with float32_table(grids, side, config.vision_config.spatial_merge_size):
            return self.model(input_ids=ids, attention_mask=torch.ones_like(ids),
                              pixel_values_videos=torch.cat([patches for patches, _, _ in videos]),
                              video_grid_thw=torch.tensor(grids), mm_token_type_ids=2 * (ids == config.video_token_id).int(),
                              use_cache=False).logits[0]


def make_folder(folder, tied):
    """A small model with random weights and the bundled critic's tokenizer, without a chat template."""
    folder = pathlib.Path(folder)
    tokens = {key: value for key, value in json.loads((TINY / "config.json").read_text()).items() if key.endswith("_token_id")}
    text = dict(vocab_size=448, hidden_size=40, intermediate_size=56, num_hidden_layers=3, num_attention_heads=4,
                num_key_value_heads=2, head_dim=12, rms_norm_eps=1e-6, tie_word_embeddings=tied,
                rope_parameters=dict(rope_type="default", rope_theta=1e4, mrope_section=[2, 2, 2]))
    vision = dict(depth=3, hidden_size=24, intermediate_size=30, num_heads=2, patch_size=4, temporal_patch_size=2,
                  spatial_merge_size=2, out_hidden_size=40, num_position_embeddings=25, deepstack_visual_indexes=[2, 0])
    config = Qwen3VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=tied, **tokens)
    model = Qwen3VLForConditionalGeneration(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    shutil.copy(TINY / "tokenizer.json", folder / "tokenizer.json")
    settings = json.loads((TINY / "tokenizer_config.json").read_text())
    settings.pop("chat_template")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    Qwen3VLVideoProcessor(patch_size=4, size=dict(shortest_edge=512, longest_edge=9000)).save_pretrained(folder)
