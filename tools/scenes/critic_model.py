"""The critic's model and the two forwards that training needs: the frames of many clips at once, and all questions of a
clip behind one prefix. Both equal transformers' own forward (`python tools/scenes/critic_model.py` checks).

Every temporal patch of two frames is one window: 6 x 6 patches, 3 x 3 tokens. Positions are those that drf asks with and
Qwen2.5-VL was trained with: text goes on after the largest of the video's three axes. `tokens_per_second` is 4, so that
at 8 frames a second each temporal patch has a position of its own.
"""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: E402, F401
import torch  # noqa: E402
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration  # noqa: E402
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import rotate_half  # noqa: E402

import texts  # noqa: E402
import world  # noqa: E402

PATCH, MERGE, TWO = 8, 2, 2
TIMES, SIDE = (world.FRAMES + 1) // 2, world.SIZE // PATCH // MERGE  # 5 temporal patches of 3 x 3 tokens
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
WIDTHS = {"first": dict(vision=96, language=128), "second": dict(vision=80, language=96)}


def build(tokenizer, vision, language):
    ids = {t: tokenizer.token_to_id(t) for t in texts.SPECIAL}
    heads = language // 32
    config = Qwen2_5_VLConfig(
        text_config=dict(
            hidden_size=language, intermediate_size=2 * language, num_hidden_layers=4, num_attention_heads=heads,
            num_key_value_heads=heads // 2 if heads % 2 == 0 else 1, vocab_size=(tokenizer.get_vocab_size() + 31) // 32 * 32,
            max_position_embeddings=2048, rope_parameters={"rope_type": "default", "rope_theta": 10000.0,
                                                           "mrope_section": [4, 6, 6]},
            bos_token_id=ids["<|endoftext|>"], eos_token_id=ids["<|im_end|>"], pad_token_id=ids["<|endoftext|>"]),
        vision_config=dict(
            depth=4, hidden_size=vision, intermediate_size=2 * vision, num_heads=4, out_hidden_size=language, in_channels=3,
            patch_size=PATCH, spatial_merge_size=MERGE, temporal_patch_size=TWO, window_size=world.SIZE,
            fullatt_block_indexes=[0, 1, 2, 3], tokens_per_second=4, hidden_act="silu"),
        image_token_id=ids["<|image_pad|>"], video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"], vision_end_token_id=ids["<|vision_end|>"], tie_word_embeddings=False)
    return Qwen2_5_VLForConditionalGeneration(config)


def patches(clips):
    """[B, TIMES*36, 3*2*8*8] of clips [B,F,48,48,3] in [0,1], in the processor's order."""
    b = len(clips)
    x = (clips - torch.tensor(MEAN)) / torch.tensor(STD)
    x = torch.cat([x, x[:, -1:]], 1).permute(0, 1, 4, 2, 3)
    x = x.reshape(b, TIMES, TWO, 3, SIDE, MERGE, PATCH, SIDE, MERGE, PATCH)
    return x.permute(0, 1, 4, 7, 5, 8, 3, 2, 6, 9).reshape(b, TIMES * SIDE * SIDE * MERGE * MERGE, -1)


def look(model, clips):
    """The video's tokens [B, TIMES*9, language width]."""
    tower, b = model.model.visual, len(clips)
    per = SIDE * SIDE * MERGE * MERGE
    x = tower.patch_embed(patches(clips).reshape(b * TIMES * per, -1)).reshape(b * TIMES, per, -1)
    at = torch.arange(SIDE * MERGE).reshape(SIDE, MERGE)
    row = at[:, None, :, None].expand(SIDE, SIDE, MERGE, MERGE).reshape(-1)
    column = at[None, :, None, :].expand(SIDE, SIDE, MERGE, MERGE).reshape(-1)
    cos, sin = tower.rotary_pos_emb(x, torch.stack([row, column], -1))
    for block in tower.blocks:
        a, n = block.attn, block.attn.num_heads
        q, k, v = a.qkv(block.norm1(x)).reshape(b * TIMES, per, 3, n, -1).permute(2, 0, 3, 1, 4)
        q, k = q * cos + rotate_half(q) * sin, k * cos + rotate_half(k) * sin
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        x = x + a.proj(y.transpose(1, 2).reshape(b * TIMES, per, -1))
        x = x + block.mlp(block.norm2(x))
    return tower.merger(x).reshape(b, TIMES * SIDE * SIDE, -1)


class Texts:
    """Ids of the prefix around the video and of questions, and Yes and No."""

    def __init__(self, tokenizer):
        self.encode = lambda text: tokenizer.encode(text).ids
        self.before = self.encode(f"<|im_start|>system\n{texts.SYSTEM}<|im_end|>\n<|im_start|>user\n<|vision_start|>")
        self.after = self.encode("<|vision_end|>")
        spelled = lambda word: [self.encode(g + w) for w in (word, word.lower(), word.upper()) for g in ("", " ")]  # noqa: E731
        self.yes = sorted({i[0] for i in spelled("Yes") if len(i) == 1})
        self.no = sorted({i[0] for i in spelled("No") if len(i) == 1})
        self.end = self.encode("<|im_end|>\n<|im_start|>assistant\n")
        self.known = {}

    def question(self, text):
        if text not in self.known:
            self.known[text] = self.encode(text) + self.end
        return self.known[text]

    def prefix_positions(self):
        """[3, P] of prefix and video, and where the text goes on."""
        n, size = len(self.before), TIMES * SIDE * SIDE
        i = torch.arange(size)
        video = n + torch.stack([i // (SIDE * SIDE), i // SIDE % SIDE, i % SIDE])
        begin = n + max(TIMES, SIDE)
        rest = begin + torch.arange(len(self.after))
        return torch.cat([torch.arange(n).expand(3, n), video, rest.expand(3, -1)], 1), begin + len(self.after)


def answer_logits(model, text, clips, suffixes, answers=None):
    """Logits at each question's answer: suffixes[b][j] the ids of a question of clip b. Without `answers` [sum, V], one row a
    question. With them (ids that follow a suffix, maybe none) the rows of an answer's own tokens come after."""
    seen = look(model, clips)
    embed = model.model.language_model.embed_tokens
    before, after = embed(torch.tensor(text.before)), embed(torch.tensor(text.after))
    positions, begin = text.prefix_positions()
    head = positions.shape[1]
    tails = [[s + (answers[b][j] if answers else []) for j, s in enumerate(row)] for b, row in enumerate(suffixes)]
    length = head + max(sum(map(len, row)) for row in tails)
    n = len(clips)
    ids = torch.zeros(n, length - head, dtype=torch.long)
    where = positions[:, None].repeat(1, n, 1)
    where = torch.cat([where, torch.zeros(3, n, length - head, dtype=torch.long)], 2)
    owner = torch.full((n, length), -1)  # padding belongs to nobody
    owner[:, :head] = 0
    rows, at, answer_rows = [], [], []
    for b, row in enumerate(tails):
        i = 0
        for j, tail in enumerate(row):
            ids[b, i : i + len(tail)] = torch.tensor(tail)
            where[:, b, head + i : head + i + len(tail)] = begin + torch.arange(len(tail))
            owner[b, head + i : head + i + len(tail)] = j + 1
            last = head + i + len(suffixes[b][j]) - 1
            rows.append(b), at.append(last)
            answer_rows += [(b, last + k) for k in range(len(tail) - len(suffixes[b][j]))]
            i += len(tail)
    rows, at = rows + [r for r, _ in answer_rows], at + [c for _, c in answer_rows]
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    sees = (owner[:, None, :] == 0) | (owner[:, :, None] == owner[:, None, :])
    sees = (sees & (owner[:, None, :] >= 0) | torch.eye(length, dtype=torch.bool)) & causal
    mask = torch.zeros(n, 1, length, length).masked_fill(~sees[:, None], torch.finfo(torch.float32).min)
    x = torch.cat([before.expand(n, -1, -1), seen, after.expand(n, -1, -1), embed(ids)], 1)
    hidden = model.model.language_model(inputs_embeds=x, attention_mask={"full_attention": mask}, position_ids=where,
                                        use_cache=False).last_hidden_state
    return model.lm_head(hidden[torch.tensor(rows), torch.tensor(at)])


def log_odds(text, logits):
    """log p(yes) - log p(no) over all spellings: what drf's reward is made of."""
    return logits[:, text.yes].logsumexp(-1) - logits[:, text.no].logsumexp(-1)


def processor_config():
    return {"do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True, "do_sample_frames": False,
            "image_mean": list(MEAN), "image_std": list(STD), "max_frames": 768, "max_video_tokens": 128000,
            "merge_size": MERGE, "min_frames": 4, "patch_size": PATCH, "resample": 3, "rescale_factor": 1 / 255,
            "return_metadata": False, "size": {"longest_edge": 65536, "shortest_edge": 256}, "temporal_patch_size": TWO,
            "video_processor_type": "Qwen2VLVideoProcessor"}


def main():
    """The two forwards against transformers' own, one question at a time."""
    import tempfile

    import numpy as np

    from clips import any_film
    from positions import trained_positions_of_all
    from questions import every_text

    with tempfile.TemporaryDirectory() as folder:
        tokenizer = texts.critic_tokenizer(folder)
    torch.manual_seed(0)
    model = build(tokenizer, **WIDTHS["second"]).eval()
    text = Texts(tokenizer)
    clips = torch.from_numpy(np.stack([world.render(any_film(np.random.default_rng(i))) for i in range(2)]))
    asked = [every_text()[:3], every_text()[40:45]]
    with torch.no_grad():
        packed = answer_logits(model, text, clips, [[text.question(t) for t in row] for row in asked])
        one = []
        for clip, row in zip(clips, asked):
            for t in row:
                video = model.config.video_token_id
                ids = torch.tensor(text.before + [video] * (TIMES * SIDE * SIDE) + text.after + text.question(t))
                grid = (TIMES, SIDE * MERGE, SIDE * MERGE)
                positions = trained_positions_of_all(model.model, ids, video, [grid], [2 / world.FPS])
                one.append(model(input_ids=ids[None], attention_mask=torch.ones_like(ids)[None],
                                 pixel_values_videos=patches(clip[None])[0], video_grid_thw=torch.tensor([grid]),
                                 position_ids=positions, mm_token_type_ids=2 * (ids == video).int()[None],
                                 use_cache=False).logits[0, -1])
    off = float((packed - torch.stack(one)).abs().max())
    print(f"parameters {sum(p.numel() for p in model.parameters())}, largest difference {off:.1e}")
    assert off < 1e-4


if __name__ == "__main__":
    main()
