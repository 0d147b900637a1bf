"""Goldens of Qwen2.5-VL's video processor: tests/goldens/qwen_processor.safetensors and qwen_smart_resize.json.

The processor's own resize, rescale, normalise and patchify on float frames (its rounding to 8 bits happens to uint8 only).

    python tools/reference/qwen_processor.py        (from the repository's root)
"""

import json
import random

import torch
import torchvision_ops  # noqa: F401  (before transformers)
from lift import save_golden
from transformers import Qwen2VLVideoProcessor
from transformers.models.qwen2_vl.video_processing_qwen2_vl import smart_resize

# processor's settings, frames, height, width
CASES = [
    (dict(patch_size=4, size=dict(shortest_edge=64, longest_edge=4096)), 2, 24, 32),  # the size stays
    (dict(patch_size=4, size=dict(shortest_edge=64, longest_edge=700)), 3, 37, 30),  # shrinks; an odd number of frames
    (dict(patch_size=4, min_pixels=900, max_pixels=4096), 1, 9, 14),  # grows; the older spelling of the limits
    (dict(patch_size=4, size=dict(shortest_edge=64, longest_edge=4096)), 2, 12, 28),  # halves round to even multiples
    (dict(patch_size=2, merge_size=1, temporal_patch_size=3, size=dict(shortest_edge=4, longest_edge=99)), 4, 11, 13),
    (dict(patch_size=2, merge_size=3, temporal_patch_size=1, size=dict(shortest_edge=36, longest_edge=250)), 2, 20, 15),
    (dict(patch_size=2, size=dict(shortest_edge=16, longest_edge=4096), cap_pixels_per_frame=True, max_video_tokens=20), 5, 16, 24),
    (dict(patch_size=4, size=dict(shortest_edge=64, longest_edge=4096), do_normalize=False), 2, 16, 20),
]


def process(processor, frames):
    """What _preprocess does, on floats."""
    p = processor
    video = p.resize(frames * 255, p.size, p.resample, factor=p.patch_size * p.merge_size, temporal_factor=p.temporal_patch_size,
                     cap_pixels_per_frame=p.cap_pixels_per_frame)
    video = p.rescale_and_normalize(video, p.do_rescale, p.rescale_factor, p.do_normalize, p.image_mean, p.image_std)
    return p.patchify(video, p.patch_size, p.merge_size, p.temporal_patch_size)


def uint8_agrees(processor, frames):
    """The pieces above are the whole: on 8-bit frames whose size stays they give what the processor itself gives."""
    eight = (frames * 255).clamp(0, 255).round().to(torch.uint8)
    own = processor(videos=list(eight), return_tensors="pt", do_sample_frames=False)
    pieces = process(processor, eight.float() / 255)[0]
    torch.testing.assert_close(own.pixel_values_videos, pieces.flatten(0, 1), atol=1e-5, rtol=0)


def whole_number_cases():
    numbers = random.Random(1)
    rows = []
    for _ in range(400):
        factor = numbers.choice([2, 4, 16, 28])
        height, width = numbers.randint(1, 1200), numbers.randint(1, 1200)
        low = numbers.choice([1, factor * factor, 3136, 100352])
        high = numbers.choice([low * 2, 602112, 12845056])
        try:
            rows.append([height, width, factor, low, high, *smart_resize(height, width, factor, low, high)])
        except ValueError:
            rows.append([height, width, factor, low, high, 0, 0])  # refused
    return rows


if __name__ == "__main__":
    torch.manual_seed(11)
    out, settings = {}, []
    for i, (options, *shape) in enumerate(CASES):
        processor = Qwen2VLVideoProcessor(**options)
        # Beyond [0, 1] too: decoders overshoot, and nothing may be clamped.
        frames = torch.rand(1 + (i == 1), shape[0], 3, *shape[1:]) * 1.4 - 0.2
        if i == 0:
            uint8_agrees(processor, frames)
        patches, t, h, w = process(processor, frames)
        out |= {f"{i}.frames": frames, f"{i}.patches": patches, f"{i}.grid": torch.tensor([t, h, w])}
        as_saved = json.loads(processor.to_json_string())
        keep = ("size", "patch_size", "merge_size", "temporal_patch_size", "resample", "do_resize", "do_rescale", "do_normalize",
                "rescale_factor", "image_mean", "image_std", "cap_pixels_per_frame", "max_video_tokens")
        as_saved = {key: as_saved.get(key) for key in keep}
        if "min_pixels" in options:
            del as_saved["size"]
        settings.append(as_saved | options)
    save_golden("tests/goldens/qwen_processor.safetensors", out, {"settings": settings})
    with open("tests/goldens/qwen_smart_resize.json", "w", encoding="ascii") as file:
        json.dump(whole_number_cases(), file)
