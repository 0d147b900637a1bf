"""Goldens of greedy writing from transformers: tests/goldens/generate_*.safetensors.

Each holds the random weights of a language model and its head (numbers that float32 holds exactly), prompts of several
lengths, and what `generate(do_sample=False, repetition_penalty=1.0)` of Qwen2_5_VLForConditionalGeneration or
Qwen3VLForConditionalGeneration writes after all of them at once in float64: padded at the left, with its cache. metadata:
prompts, answers (with the end token, where it was taken) and the least margin between the best and the second token of any
step, so that another order of sums cannot turn a choice; each prompt alone gives the same (checked here). A case is drawn
anew until some answers end by themselves, some do not, and all margins are wide.

    python tools/reference/generate.py        (from the repository's root)
"""

import json
import sys

import torch
import torchvision_ops  # noqa: F401  (before transformers)
from lift import proven, save_golden
from qwen import all_double
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

MEDIA = dict(image_token_id=1, video_token_id=2, vision_start_token_id=3, vision_end_token_id=4)
MARGIN = 1e-3  # of logits of about 10: what float32 may move is a hundred times less


def rope(theta, sections, **more):
    return dict(rope_type="default", rope_theta=theta, mrope_section=sections, **more)


def small_vision_2_5(width):
    return dict(depth=1, hidden_size=8, intermediate_size=6, num_heads=1, patch_size=2, temporal_patch_size=2,
                spatial_merge_size=2, window_size=8, out_hidden_size=width, fullatt_block_indexes=[0], tokens_per_second=2,
                hidden_act="silu")


def small_vision_3(width):
    return dict(model_type="qwen3_vl_vision", depth=1, hidden_size=8, intermediate_size=6, num_heads=1, patch_size=2,
                temporal_patch_size=2, spatial_merge_size=2, out_hidden_size=width, num_position_embeddings=16,
                deepstack_visual_indexes=[0], hidden_act="gelu_pytorch_tanh")


def text(vocabulary, width, inner, layers, heads, key_heads, **more):
    return dict(vocab_size=vocabulary, hidden_size=width, intermediate_size=inner, num_hidden_layers=layers,
                num_attention_heads=heads, num_key_value_heads=key_heads, hidden_act="silu", **more)


def qwen_2_5(text_config, **more):
    return (Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration,
            dict(model_type="qwen2_5_vl", **MEDIA, **more, text_config=text_config,
                 vision_config=small_vision_2_5(text_config["hidden_size"])))


def qwen_3(text_config):
    return (Qwen3VLConfig, Qwen3VLForConditionalGeneration,
            dict(model_type="qwen3_vl", **MEDIA,
                 text_config=dict(model_type="qwen3_vl_text", attention_bias=False, **text_config),
                 vision_config=small_vision_3(text_config["hidden_size"])))


# name: classes and config, lengths of prompts, tokens that they begin with together, most tokens of an answer
CASES = {
    # 6 heads share 2 keys; prompts of five lengths that share 7 tokens, one of them just one more
    "generate_shared": (*qwen_2_5(text(53, 36, 22, 3, 6, 2, rms_norm_eps=1e-6, rope_parameters=rope(1e4, [1, 1, 1]))),
                        [8, 19, 11, 13, 29], 7, 23),
    # tied; one key head for three; nothing in common; a prompt of one token
    "generate_tied": (*qwen_2_5(text(41, 30, 26, 2, 3, 1, rms_norm_eps=1e-5, tie_word_embeddings=True,
                                     rope_parameters=rope(1e6, [2, 2, 1])), tie_word_embeddings=True),
                      [1, 9, 4], 0, 31),
    # heads wider than the model, no groups of heads, one layer; a single prompt
    "generate_alone": (*qwen_3(text(37, 20, 18, 1, 2, 2, head_dim=14, rms_norm_eps=1e-6,
                                    rope_parameters=rope(1e4, [3, 2, 2], mrope_interleaved=True))),
                       [6], 0, 40),
    # 4 heads share 2 keys; two prompts that are the same but for the last token, one that is longer
    "generate_interleaved": (*qwen_3(text(61, 32, 22, 3, 4, 2, head_dim=12, rms_norm_eps=1e-6,
                                          rope_parameters=rope(5e5, [2, 2, 2], mrope_interleaved=True))),
                             [14, 14, 31], 13, 26),
}
PAD, ENDS = 0, [5, 6]


def draw(kind, make, raw, seed):
    torch.manual_seed(seed)
    config = kind(**json.loads(json.dumps(raw)))
    config._attn_implementation = "eager"
    model = make._from_config(config, attn_implementation="eager").double().eval()
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape) * (0.35 if p.dim() > 1 else 0.5) + ("norm" in name)
        p.data = noise.type(torch.FloatTensor).double()
    if getattr(config, "tie_word_embeddings", False):
        model.tie_weights()
    return model


def draw_prompts(lengths, shared, vocabulary):
    start = torch.randint(7, vocabulary, (shared,)).tolist()
    return [start + torch.randint(7, vocabulary, (length - shared,)).tolist() for length in lengths]


def write(model, prompts, most, **more):
    """Answers, with the end token where one was taken, and the least margin of any step."""
    longest = max(map(len, prompts))
    ids = torch.tensor([[PAD] * (longest - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
    with torch.no_grad(), proven(torch.float64):
        out = model.generate(
            input_ids=ids, attention_mask=mask, do_sample=False, repetition_penalty=1.0, max_new_tokens=most, eos_token_id=ENDS,
            pad_token_id=PAD, return_dict_in_generate=True, output_scores=True, **more)
    answers, margin = [], float("inf")
    for row in range(len(prompts)):
        answer = []
        for step, token in enumerate(out.sequences[row, longest:].tolist()):
            best = out.scores[step][row].topk(2).values
            margin = min(margin, (best[0] - best[1]).item())
            answer.append(token)
            if token in ENDS:
                break
        answers.append(answer)
    return answers, margin


def case(name, kind, make, raw, lengths, shared, most):
    vocabulary = raw["text_config"]["vocab_size"]
    for seed in range(1000):
        with all_double():
            model = draw(kind, make, raw, seed)
            prompts = draw_prompts(lengths, shared, vocabulary)
            answers, margin = write(model, prompts, most)
            ended = sum(answer[-1] in ENDS for answer in answers)
            varied = all(len(set(answer)) > min(4, len(answer) - 1) for answer in answers)
            if margin < MARGIN or not varied or max(map(len, answers)) < 8 or (len(prompts) > 1 and ended in (0, len(prompts))):
                continue
            alone = [write(model, [prompt], most)[0][0] for prompt in prompts]
        assert alone == answers, (name, seed)
        break
    else:
        sys.exit(f"{name}: no draw will do")
    tensors = {f"param.{n}": p.data.type(torch.FloatTensor) for n, p in model.named_parameters() if "visual" not in n}
    print(name, "seed", seed, "margin", margin, "lengths", [len(a) for a in answers], answers)
    save_golden(f"tests/goldens/{name}.safetensors", tensors,
                {"config": raw, "prompts": prompts, "answers": answers, "ends": ENDS, "most": str(most), "margin": repr(margin)})


if __name__ == "__main__":
    for name, parts in CASES.items():
        case(name, *parts)
