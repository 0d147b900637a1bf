"""The critic in plain PyTorch: frames and questions in, log-probabilities out, one question at a time.

Follows docs/method.md sections 4 and 5 on transformers' Qwen2.5-VL, differentiable from the answers to the frames. The
processor's own functions resize and patchify; its rounding to 8 bits is left out. ask() belongs inside
at_precision(dtype).
"""

import dataclasses
import json
import math
import pathlib

import numpy
import torch
import torchvision_ops  # noqa: F401  (before transformers)
from lift import at_precision, proven
from PIL import Image
from positions import trained_positions_of_all
from transformers import AutoTokenizer, Qwen2_5_VLForConditionalGeneration, Qwen2VLVideoProcessor
from transformers.image_utils import SizeDict

SYSTEM = "You are a helpful assistant."
REFERENCE_FPS = 16.0  # what drf takes a folder of pictures for


@dataclasses.dataclass
class Question:
    id: str
    prompt: int
    aspect: str
    kind: str
    text: str
    answer: str
    weight: float = 1.0
    reference: str = ""  # a folder of pictures, shown before the clip at REFERENCE_FPS


def read_questions(path):
    with open(path, encoding="utf-8") as file:
        return [Question(**json.loads(line)) for line in file if line.strip()]


def write_questions(path, questions):
    with open(path, "w", encoding="utf-8") as file:
        for q in questions:
            file.write(json.dumps({k: v for k, v in dataclasses.asdict(q).items() if k != "reference" or v}) + "\n")


def read_pictures(folder):
    """[F, 3, H, W] in [0, 1], numbers of float32 in float64, of a folder's pictures by name."""
    pictures = [numpy.array(Image.open(file).convert("RGB")) for file in sorted(pathlib.Path(folder).iterdir())]
    # By numpy: inside lifted() torch would divide in float64, and the program has float32 frames.
    frames = numpy.stack(pictures).astype(numpy.float32) / numpy.float32(255)
    return torch.from_numpy(frames.astype(numpy.float64)).permute(0, 3, 1, 2)


def frame_indices(frames, wanted):
    """round(linspace(0, F-1, n)), halves to even; in whole numbers, so that a half is a half."""
    if wanted == 1:
        return [0]
    indices = []
    for i in range(wanted):
        low, rest = divmod(i * (frames - 1), wanted - 1)
        twice = 2 * rest
        up = twice > wanted - 1 or (twice == wanted - 1 and low % 2 == 1)
        indices.append(low + up)
    return indices


def rebuild_tables(model):
    """Rotary tables in the precision of the surroundings; from_pretrained() left them in float32."""
    language, vision = model.model.language_model, model.model.visual
    language.rotary_emb = type(language.rotary_emb)(config=language.config)
    vision.rotary_pos_emb = type(vision.rotary_pos_emb)(vision.config)


class Critic:
    model_class, processor_class = Qwen2_5_VLForConditionalGeneration, Qwen2VLVideoProcessor

    def __init__(self, folder, dtype=torch.float32, frames=16, max_pixels=0, end_token=False):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.processor = self.processor_class.from_pretrained(folder)
        self.model = self.open(folder, dtype)
        self.dtype, self.frames, self.max_pixels, self.end_token = dtype, frames, max_pixels, end_token
        self.yes, self.no = self.spellings("yes"), self.spellings("no")

    def open(self, folder, dtype):
        """The model, frozen, in this dtype."""
        model = self.model_class.from_pretrained(folder, attn_implementation="eager").eval()
        model.requires_grad_(False)
        with at_precision(dtype):
            with proven(dtype):
                rebuild_tables(model)
            model.to(dtype)
        return model

    def encode(self, text):
        return self.tokenizer(text, add_special_tokens=False).input_ids

    def spellings(self, word):
        forms = [gap + w for w in (word.capitalize(), word, word.upper()) for gap in ("", " ")]
        return sorted({ids[0] for ids in map(self.encode, forms) if len(ids) == 1})

    def patches(self, frames_F3HW):
        """Patches and grid of the sampled frames, as the video processor makes them, without its rounding."""
        p = self.processor
        size = SizeDict(shortest_edge=p.size["shortest_edge"], longest_edge=self.max_pixels or p.size["longest_edge"])
        video = frames_F3HW[frame_indices(frames_F3HW.shape[0], self.frames)][None].to(self.dtype)
        video = p.resize(video, size, p.resample, factor=p.patch_size * p.merge_size,
                         temporal_factor=p.temporal_patch_size, cap_pixels_per_frame=False)
        mean, std = (torch.tensor(v, dtype=self.dtype, device=video.device).view(3, 1, 1) for v in (p.image_mean, p.image_std))
        patches, t, h, w = p.patchify((video - mean) / std, p.patch_size, p.merge_size, p.temporal_patch_size)
        return patches[0], (t, h, w)

    def seconds_per_grid(self, num_frames, fps):
        """Rounded to float32, as the processor's tensor of it is: it decides where temporal positions are cut off."""
        sampled = fps * (self.frames - 1) / (num_frames - 1) if num_frames > 1 and self.frames > 1 else fps
        return float(numpy.float32(self.processor.temporal_patch_size / sampled))

    def timing(self, num_frames, fps):
        """What the prompt and its positions need to know of time."""
        return self.seconds_per_grid(num_frames, fps)

    def opening(self):
        return f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n"

    def video_text(self, grid, timing):
        return "<|vision_start|>" + "<|video_pad|>" * (math.prod(grid) // self.processor.merge_size**2) + "<|vision_end|>"

    def prefix(self, *videos):
        """videos: (grid, timing) each, in the prompt's order."""
        labels = [f"Video {i}: " if len(videos) > 1 else "" for i in range(1, len(videos) + 1)]
        return self.encode(self.opening() + "".join(label + self.video_text(*video) for label, video in zip(labels, videos)))

    def logits(self, ids, videos):
        """videos: (patches, grid, timing) each."""
        ids, video = torch.tensor([ids]), self.model.config.video_token_id
        patches, grids, seconds = zip(*videos)
        positions = trained_positions_of_all(self.model.model, ids[0], video, grids, list(seconds))
        return self.model(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values_videos=torch.cat(patches),
                          video_grid_thw=torch.tensor(grids), position_ids=positions,
                          mm_token_type_ids=2 * (ids == video).int(), use_cache=False).logits[0]

    def look(self, frames_F3HW, fps):
        return *self.patches(frames_F3HW), self.timing(frames_F3HW.shape[0], fps)

    def ask(self, frames_F3HW, fps, questions):
        """(log-probabilities [Q] with their graph, p(yes) per question: None for dense ones)."""
        clip = self.look(frames_F3HW, fps)
        values, p_yes = [], []
        for q in questions:
            videos = [clip]
            if q.reference:
                with torch.no_grad():
                    videos = [self.look(read_pictures(q.reference).to(self.dtype), REFERENCE_FPS), clip]
            ids = self.prefix(*[video[1:] for video in videos]) + self.encode(f"{q.text}<|im_end|>\n<|im_start|>assistant\n")
            if q.kind == "yes_no":
                logp = self.logits(ids, videos)[-1].log_softmax(-1)
                yes, no = logp[self.yes].logsumexp(0), logp[self.no].logsumexp(0)
                both = torch.logaddexp(yes, no)
                values.append((yes if q.answer == "Yes" else no) - both)
                p_yes.append((yes - both).exp().item())
            else:
                answer = self.encode(q.answer)
                if self.end_token:
                    answer = answer + [self.tokenizer.convert_tokens_to_ids("<|im_end|>")]
                logp = self.logits(ids + answer, videos).log_softmax(-1)
                rows = torch.arange(len(ids) - 1, len(ids) + len(answer) - 1)
                values.append(logp[rows, torch.tensor(answer)].mean())
                p_yes.append(None)
        return torch.stack(values), p_yes


def open_critic(folder, *args):
    """The critic of whichever model the folder holds."""
    with open(f"{folder}/config.json", encoding="utf-8") as file:
        if json.load(file)["model_type"] == "qwen3_vl":
            from qwen3_critic import Qwen3Critic

            return Qwen3Critic(folder, *args)
    return Critic(folder, *args)


def reward(logprobs, questions, weights, focus=False, margin=1.0):
    """sum over aspects of lambda (sum w f r / sum w); with focus f = 1 - p, a constant, else 1."""
    total = logprobs.new_zeros(())
    for aspect, scale in weights.items():
        mine = [i for i, q in enumerate(questions) if q.aspect == aspect]
        if not mine:
            continue
        r = logprobs[mine]
        w = torch.tensor([questions[i].weight for i in mine], dtype=r.dtype, device=r.device)
        f = 1 - r.detach().exp() if focus else torch.ones_like(w)
        if margin < 1:
            r = r.clamp(max=math.log(margin))
        total = total + scale * (w * f * r).sum() / w.sum()
    return total
