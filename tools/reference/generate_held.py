"""Golden of greedy writing that is held to a JSON schema: tests/goldens/generate_held.safetensors.

transformers' `generate(do_sample=False)` in float64 with a LogitsProcessor that forbids every token after which no document
of the schema is possible. Which those are is asked of a regular expression for the schema's documents, matched in part by the
`regex` library: nothing here knows of drf's automaton. Schema, tokens (their bytes in hexadecimal, "" for the special ones),
prompts and answers stand in the metadata; margins are those among allowed tokens.

    python tools/reference/generate_held.py        (from the repository's root)
"""

import json
import sys

import regex
import torch
import torchvision_ops  # noqa: F401  (before transformers)
from generate import ENDS, MARGIN, MEDIA, draw, draw_prompts, rope, small_vision_2_5, write
from lift import save_golden
from qwen import all_double
from transformers import LogitsProcessor, LogitsProcessorList, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

SCHEMA = {
    "type": "object", "required": ["q"],
    "properties": {"q": {"type": "array", "minItems": 1, "maxItems": 3, "items": {
        "type": "object", "required": ["t", "a", "n", "s"],
        "properties": {"t": {"type": "string", "maxLength": 6}, "a": {"enum": ["Yes", "No"]}, "n": {"type": "integer"},
                       "s": {"type": "boolean"}}}}},
}
H = rb"[0-9a-fA-F]"
ALONE = (rb"(?:00[2-6]" + H + rb"|007[0-9a-eA-E]|00[a-fA-F]" + H + rb"|0[1-9a-fA-F]" + H + H + rb"|[1-9a-cA-Ce-fE-F]" + H + H + H
         + rb"|[dD][0-7]" + H + H + rb")")
PAIR = rb"[dD][89abAB]" + H + H + rb"\\u[dD][c-fC-F]" + H + H
CHARACTER = (
    rb"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\xc2[\xa0-\xbf]|[\xc3-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]"
    rb"|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2}|\\[\"\\/]|\\u(?:" + ALONE + rb"|" + PAIR + rb"))")


def pattern(schema):
    """A regular expression for the schema's documents, as docs and json_schema.h spell them."""
    if "enum" in schema:
        return b"(?:" + b"|".join(regex.escape(json.dumps(v).encode()) for v in schema["enum"]) + b")"
    kind = schema["type"]
    if kind == "boolean":
        return b"(?:true|false)"
    if kind == "integer":
        return b"(?:0|-?[1-9][0-9]{0,14})"
    if kind == "string":
        return b'"' + CHARACTER + b"{0,%d}" % schema["maxLength"] + b'"'
    if kind == "array":
        item = pattern(schema["items"])
        return rb"\[" + item + b"(?:, ?" + item + b"){%d,%d}" % (schema["minItems"] - 1, schema["maxItems"] - 1) + rb"\]"
    return rb"\{" + b", ?".join(b'"%s": ?' % k.encode() + pattern(v) for k, v in schema["properties"].items()) + rb"\}"


DOCUMENT = regex.compile(pattern(SCHEMA))
JOINED = ['{"', '{"q":', '[{"', '{"t', '": "', '":"', '", "', '","', '"a', 'Yes"', '"No', "},", '},{"t":"', "}]", "}]}", "tru", "rue,", "12", "3,",
          '\\"', "\\u", "u00e9", "ab", "é", "é\"", "\u20ac", "  ", "\n", ': "', "Yes\", \"", "false}"]
# 0 to 6: padding, media and two end tokens (generate.py)
TOKENS = [b""] * 7 + [bytes([b]) for b in range(256)] + [t.encode() for t in JOINED] + [b"\xe2\x82", b"\x82\xac", b"\xf0\x9f"]


class Held(LogitsProcessor):
    def __init__(self, prompt_length):
        self.prompt_length = prompt_length

    def __call__(self, input_ids, scores):
        for row in range(len(scores)):
            so_far = input_ids[row, self.prompt_length:].tolist()
            if any(token in ENDS for token in so_far):
                continue
            text = b"".join(TOKENS[token] for token in so_far)
            for token, piece in enumerate(TOKENS):
                if token in ENDS:
                    fits = DOCUMENT.fullmatch(text) is not None
                else:
                    fits = piece != b"" and DOCUMENT.fullmatch(text + piece, partial=True) is not None
                if not fits:
                    scores[row, token] = -float("inf")
        return scores


def main():
    raw = dict(
        model_type="qwen2_5_vl", **MEDIA,
        text_config=dict(vocab_size=len(TOKENS), hidden_size=32, intermediate_size=22, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2, rms_norm_eps=1e-6, hidden_act="silu",
                         rope_parameters=rope(1e4, [1, 2, 1])),
        vision_config=small_vision_2_5(32))
    most = 200
    for seed in range(200):
        with all_double():
            model = draw(Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, raw, seed)
            prompts = draw_prompts([6, 15, 9], 4, len(TOKENS))
            answers, margin = write(model, prompts, most, logits_processor=LogitsProcessorList([Held(15)]))
        texts = [b"".join(TOKENS[token] for token in answer) for answer in answers]
        print(seed, margin, texts)
        if margin > MARGIN and all(answer[-1] in ENDS for answer in answers) and len({t.count(b"\"t\"") for t in texts}) > 1:
            break
    else:
        sys.exit("no draw will do")
    for text in texts:
        json.loads(text)
    save_golden("tests/goldens/generate_held.safetensors",
                {f"param.{n}": p.data.type(torch.FloatTensor) for n, p in model.named_parameters() if "visual" not in n},
                {"config": raw, "schema": SCHEMA, "tokens": [token.hex() for token in TOKENS], "prompts": prompts,
                 "answers": answers, "ends": ENDS, "most": str(most), "margin": repr(margin)})


if __name__ == "__main__":
    main()
