"""drf tokenize equals the tokenizers that diffusers and transformers open from the same folders."""

import json
import random

import pytest
from transformers import AutoTokenizer

GENERATOR, CRITIC = "assets/tiny/generator/tokenizer", "assets/tiny/critic"
CLIP = "tests/goldens/text/clip"
LINES = ["a red ball moves left on a black background", "Is the object yellow?", "  two  spaces ", "it's HER's don't WE'LL",
         "x<|im_start|>y<|video_pad|><|im_end|>", "</s> in the middle <pad>", "ünïcödé Å vs Å", "日本語のテキスト 한국어 العربية",
         "👩‍👩‍👧‍👦 flags 🇩🇪", "1234567890 3.14e-10", "tab\there", "\u00a0nbsp\u2003em", "zero\u200bwidth\u00adsoft", "ﬁ ligature Ⅷ ½",
         "a" * 3000, "é" * 500]


def random_lines(count, seed):
    draw = random.Random(seed)
    ranges = [(0x20, 0x7E), (0xA1, 0x24F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0x3040, 0x30FF), (0x4E00, 0x9FFF),
              (0xAC00, 0xD7A3), (0x1F300, 0x1FAFF), (0x300, 0x36F), (0x2000, 0x206F)]
    separators = {0x2028, 0x2029}  # splitlines() in this test, not drf, would part the line there
    lines = []
    for _ in range(count):
        chars = []
        for _ in range(draw.randint(1, 40)):
            code = 0x20 if draw.random() < 0.15 else draw.randint(*draw.choice(ranges))
            chars.append(chr(code if code not in separators else 0x20))
        lines.append("".join(chars))
    return lines


def ask(drf, folder, lines):
    out = drf("tokenize", "--tokenizer", folder, "--json", input="\n".join(lines) + "\n")
    return [json.loads(line)["ids"] for line in out.split("\n") if line]


@pytest.mark.parametrize("folder", [GENERATOR, CRITIC, CLIP])
def test_ids(drf, folder):
    lines = LINES + random_lines(500, seed=1)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    want = [tokenizer(line, padding=False, truncation=False).input_ids for line in lines]
    got = ask(drf, folder, lines)
    wrong = [(line, g, w) for line, g, w in zip(lines, got, want, strict=True) if g != w]
    assert not wrong, wrong[:3]


def test_a_model_folder_will_do(drf):
    assert ask(drf, "assets/tiny/generator", LINES[:3]) == ask(drf, GENERATOR, LINES[:3])


def test_bytes_come_back(drf):
    tokenizer = AutoTokenizer.from_pretrained(CRITIC)
    ids = [tokenizer(line).input_ids for line in LINES]
    out = drf("tokenize", "--tokenizer", CRITIC, "--decode", input="".join(json.dumps({"ids": i}) + "\n" for i in ids))
    assert out.split("\n")[: len(LINES)] == [tokenizer.decode(i) for i in ids]
