"""Goldens of Qwen3-VL's processor: tests/goldens/qwen3_processor.safetensors, qwen3_sizes.json and qwen3_prompts.json.

Patches: the video processor's own resize, rescale, normalise and patchify on float frames. Sizes: its smart_resize, and what
it makes of its limits. Prompts: the tokens of clips in both layouts, 4.57's (in which the timestamps and groups replace the
template's start, pad and end) and that of the library from 5.12 (in which they replace the pad alone); timestamps and groups
are the library's own text.

    python tools/reference/qwen3_processor.py        (from the repository's root)
"""

import json
import random

import torch
import torchvision_ops  # noqa: F401  (before transformers)
from lift import save_golden
from transformers import AutoTokenizer, Qwen3VLProcessor, Qwen3VLVideoProcessor
from transformers.models.qwen3_vl.video_processing_qwen3_vl import smart_resize
from transformers.video_utils import VideoMetadata

# processor's settings, frames, height, width
CASES = [
    (dict(size=dict(shortest_edge=64, longest_edge=99999), patch_size=4), 2, 24, 32),  # the size stays
    (dict(size=dict(shortest_edge=64, longest_edge=1500), patch_size=4), 3, 37, 30),  # shrinks: 3 frames count as 4
    (dict(size=dict(shortest_edge=3000, longest_edge=9999), patch_size=4), 5, 9, 14),  # grows: 5 frames count as 4
    (dict(size=dict(shortest_edge=64, longest_edge=9999), patch_size=4), 2, 5, 70),  # a side below a token grows first
    (dict(size=dict(shortest_edge=4, longest_edge=300), patch_size=2, merge_size=1, temporal_patch_size=3), 4, 11, 13),
    (dict(size=dict(shortest_edge=36, longest_edge=500), patch_size=2, merge_size=3, temporal_patch_size=1), 2, 20, 15),
    (dict(size=dict(shortest_edge=16, longest_edge=9999), patch_size=2, cap_pixels_per_frame=True, max_video_tokens=12), 5, 16, 24),
    (dict(size=dict(shortest_edge=64, longest_edge=9999), patch_size=4, do_normalize=False), 2, 16, 20),
]


def process(processor, frames):
    """What _preprocess does, on floats."""
    p = processor
    video = p.resize(frames * 255, p.size, p.resample, factor=p.patch_size * p.merge_size, temporal_factor=p.temporal_patch_size,
                     cap_pixels_per_frame=p.cap_pixels_per_frame)
    video = p.rescale_and_normalize(video, p.do_rescale, p.rescale_factor, p.do_normalize, p.image_mean, p.image_std)
    return p.patchify(video, p.patch_size, p.merge_size, p.temporal_patch_size)


def patches():
    out, settings = {}, []
    for i, (options, *shape) in enumerate(CASES):
        processor = Qwen3VLVideoProcessor(**options)
        # Beyond [0, 1] too: decoders overshoot, and nothing may be clamped.
        frames = torch.rand(1 + (i == 1), shape[0], 3, *shape[1:]) * 1.4 - 0.2
        found, t, h, w = process(processor, frames)
        if i == 0:  # the pieces are the whole: on 8-bit frames whose size stays they give what the processor itself gives
            eight = (frames * 255).clamp(0, 255).round().to(torch.uint8)
            own = processor(videos=list(eight), return_tensors="pt", do_sample_frames=False)
            torch.testing.assert_close(own.pixel_values_videos, process(processor, eight.float() / 255)[0].flatten(0, 1), atol=1e-5, rtol=0)
        out |= {f"{i}.frames": frames, f"{i}.patches": found, f"{i}.grid": torch.tensor([t, h, w])}
        as_saved = json.loads(processor.to_json_string())
        keep = ("size", "patch_size", "merge_size", "temporal_patch_size", "resample", "do_resize", "do_rescale", "do_normalize",
                "rescale_factor", "image_mean", "image_std", "cap_pixels_per_frame", "max_video_tokens")
        settings.append({key: as_saved.get(key) for key in keep} | options)
    save_golden("tests/goldens/qwen3_processor.safetensors", out, {"settings": settings})


def sizes():
    """[frames, height, width, temporal, factor, min, max, cap tokens or 0, new height, new width]; 0, 0: refused."""
    numbers = random.Random(1)
    rows = []
    for _ in range(500):
        temporal, factor = numbers.choice([1, 2, 2, 2, 3]), numbers.choice([4, 16, 32, 32])
        frames = numbers.randint(temporal, 33)
        height, width = numbers.randint(1, 1200), numbers.randint(1, 1200)
        if numbers.random() < 0.2:
            height = numbers.randint(1, factor)
        low, high = numbers.choice([(4096, 25165824), (131072, 786432), (factor**2, 8 * factor**2), (600000, 700000)])
        cap = numbers.choice([0, 0, 0, 768, 20])
        most = high
        if cap:
            most = max(min(cap * factor**2, high // frames), int(low * 1.05)) * frames  # as Qwen3VLVideoProcessor.resize
        try:
            rows.append([frames, height, width, temporal, factor, low, high, cap,
                         *smart_resize(frames, height, width, temporal, factor, low, most)])
        except ValueError:
            rows.append([frames, height, width, temporal, factor, low, high, cap, 0, 0])
    # Released limits and the class's: 16 frames of 480 x 832 are 3120 tokens or 360.
    for low, high, tokens in ((4096, 25165824, 3120), (131072, 786432, 360)):
        h, w = smart_resize(16, 480, 832, 2, 32, low, high)
        assert 8 * h * w // 32**2 == tokens, (h, w)
        rows.append([16, 480, 832, 2, 32, low, high, 0, h, w])
    with open("tests/goldens/qwen3_sizes.json", "w", encoding="ascii") as file:
        json.dump(rows, file)


# indices in the whole clip, its frames a second, temporal patch, tokens of a group
PROMPTS = [
    ([0, 1], 8.0, 2, 3), ([0, 2, 5, 7, 9, 11, 14, 16], 16.0, 2, 4), ([0, 3, 7], 24.0, 2, 1), ([0, 1, 2, 3], 4.0, 2, 2),
    ([0, 0], 16.0, 2, 1), ([0, 40, 80], 16.0, 1, 2), ([0, 3, 6, 9], 29.97, 3, 2), ([0, 5, 11, 16, 21, 27, 32, 37, 43, 48, 53, 59, 64, 69, 75, 80], 16.0, 2, 6),
    ([0, 1000], 3.0, 2, 1),
]


def prompts():
    tokenizer = AutoTokenizer.from_pretrained("assets/tiny/critic")
    rows = []
    for indices, fps, temporal, tokens in PROMPTS:
        processor = Qwen3VLProcessor.__new__(Qwen3VLProcessor)  # its text alone: no image processor is at hand
        processor.video_processor = Qwen3VLVideoProcessor(temporal_patch_size=temporal, merge_size=1)
        processor.video_token, processor.vision_start_token, processor.vision_end_token = "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"
        groups = -(-len(indices) // temporal)
        inputs = {"video_grid_thw": torch.tensor([[groups, 1, tokens]]),
                  "video_metadata": [VideoMetadata(total_num_frames=indices[-1] + 1, fps=fps, frames_indices=list(indices))]}
        video = processor.replace_video_token(inputs, 0)
        head, tail = "<|im_start|>user\n", "Is it red?<|im_end|>\n<|im_start|>assistant\n"
        encode = lambda text: tokenizer(text, add_special_tokens=False).input_ids  # noqa: E731
        rows.append(dict(indices=indices, fps=fps, temporal=temporal, tokens=tokens, text=video, tail=tail,
                         ids=encode(head + video + tail), ids_5=encode(f"{head}<|vision_start|>{video}<|vision_end|>{tail}")))
    assert any(len(r["ids_5"]) == len(r["ids"]) + 2 for r in rows)
    with open("tests/goldens/qwen3_prompts.json", "w", encoding="ascii") as file:
        json.dump(rows, file)


if __name__ == "__main__":
    torch.manual_seed(12)
    patches()
    sizes()
    prompts()
