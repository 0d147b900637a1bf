"""Goldens of the tokenizers from transformers: tests/goldens/text/.

    bpe/       a byte-level BPE trained here (Qwen2's pattern and normaliser, added tokens of every kind)
    unigram/   a unigram model trained here with a small character map of its own, in the layout of google/umt5-xxl
    cases.json the strings; for each tokenizer a hash of every string's ids and their decoded text, and the ids themselves
               of the first few; long texts; padded texts
    prompt_clean.json, chat_template.json, chats.json

    python tools/reference/text.py        (from the repository's root)
"""

import base64
import io
import json
import logging
import os
import random
import shutil
import tempfile
import unicodedata

import sentencepiece
import torchvision_ops  # noqa: F401  (before diffusers)
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, T5Tokenizer
from transformers.convert_slow_tokenizer import import_protobuf
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

logging.disable(logging.WARNING)
OUT = "tests/goldens/text"
NUM_STRINGS = 2400
NUM_LITERAL = 40  # strings whose ids are written out

WORDS = ("a red ball moves left on the black background it's I'll WE'RE don't you'd \u017f '\u017f 'S x'LL 12 3456 \u00bd \u00b2 \u2167 "
         "\u0661\u0662\u0663 \u00e9 e\u0301 \u00f1 \ufb01 \ufb03 \u212b \u2126 \uac00 \u1100\u1161\u11a8 \u65e5\u672c\u8a9e \u4e2d\u6587 "
         "\u0939\u093f\u0928\u094d\u0926\u0940 \u0ba4\u0bae\u0bbf\u0bb4\u0bcd \u0627\u0644\u0639\u064e\u0631\u064e\u0628\u0650\u064a\u0651\u064e\u0629 "
         "\u05e2\u05b4\u05d1\u05e8\u05d9\u05ea \u0e1b\u0e23\u0e30\u0e40\u0e17\u0e28\u0e44\u0e17\u0e22 \u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac "
         "\u041f\u0440\u0438\u0432\u0435\u0442 \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd \u263a\ufe0f "
         "\u2581 \u2581\u2581 ... !!! $5.00 http://x.y/z?a=b&c #tag @me <b> </s> <unk> <pad> <| |> \u0e33 "
         "\uff46\uff55\uff4c\uff4c \ufdfa \u338f \u2460 <extra_id_0> <extra_id_99> <0x41>").split(" ")
SPACES = [9, 10, 11, 12, 13, 32, 32, 32, 32, 0x85, 0xA0, 0x1680, 0x180E, 0x2000, 0x2009, 0x200B, 0x2028, 0x2029, 0x202F, 0x205F,
          0x3000, 0xFEFF, 0x1C, 0x1F]
SPECIALS = ["<|im_start|>", "<|im_end|>", "<|video_pad|>", "<|endoftext|>", "</s>", "<pad>", "<unk>", "<keep>", "<word>", "<wide>",
            "<wide>er", "\ufb01x", "<extra_id_1>"]


def make_strings():
    r = random.Random(11)
    points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    assigned = [c for c in points if unicodedata.category(chr(c)) not in ("Cn", "Co")]
    low = [c for c in assigned if c < 0x3000]
    marks = [c for c in assigned if unicodedata.combining(chr(c))]
    # What this Python's Unicode does not know yet but the tokenizers' pattern does: letters and digits of Unicode 15 and 16.
    newer = [0x1C89, 0xA7CD, 0x105C0, 0x10D40, 0x11390, 0x16D40, 0x1E4F1, 0x2EBF0, 0x31350, 0x323AF, 0x1CCF0, 0x897, 0x10EFD]
    strings = ["", " ", "  ", "\n", "\r\n", "\t", "\0", "a\0b", " a", "a ", "a  b", "a\n\n b", "'", "\u2581", "\u2581\u2581\u2581 a",
               "\ufeffx", "<|im_end|>", "<|im_end|> a", "a<|im_start|>b", "<|im_|im_end|>", "\ufb00\u0301", "\u180ea", "a\u180e b",
               "x\U00011935\U00011930", "a\u1ace\u0323\u0301"]
    while len(strings) < NUM_STRINGS:
        kind, length = r.randrange(7), r.randrange(1, 14)
        if kind == 0:
            s = "".join(chr(r.choice(assigned if r.random() < 0.9 else newer)) for _ in range(length))
        elif kind == 1:
            s = "".join(chr(r.choice(low)) for _ in range(length))
        elif kind == 2:
            s = " ".join(r.choice(WORDS) for _ in range(length))
        elif kind == 3:
            s = "".join(r.choice(WORDS) + chr(r.choice(SPACES)) * r.choice((0, 1, 1, 2, 3)) for _ in range(length))
        elif kind == 4:
            s = "".join(chr(r.choice(low)) + "".join(chr(r.choice(marks)) for _ in range(r.randrange(4))) for _ in range(length))
        elif kind == 5:
            s = "".join(chr(r.randrange(128)) for _ in range(2 * length))
        else:
            s = "".join((r.choice(SPECIALS) if r.random() < 0.5 else r.choice(WORDS)) + r.choice(["", " ", "\n", "  "])
                        for _ in range(length))
        strings.append(s)
    return strings


def corpus():
    """Text to train on: the words in many languages, over and over in another order."""
    r = random.Random(5)
    text = [" ".join(r.choice(WORDS[:52]) for _ in range(r.randrange(3, 12))) for _ in range(1500)]
    return text + ["The triangle moves right. Does it keep its color? Yes! No; it isn't so:\n\n\tone, two, three"] * 40


def make_bpe(folder):
    tokenizer = Tokenizer(models.BPE(ignore_merges=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|video_pad|>"])
    tokenizer.add_tokens([AddedToken("<keep>", normalized=False), AddedToken("<word>", single_word=True, normalized=False),
                          AddedToken("<wide>", lstrip=True, rstrip=True, normalized=False), AddedToken("<wide>er", normalized=False),
                          AddedToken("e\u0301e\u0301", normalized=True)])
    value = json.loads(tokenizer.to_str())
    value["model"]["merges"] = [" ".join(pair) for pair in value["model"]["merges"]]  # the form of older files
    write_json(f"{folder}/tokenizer.json", value)
    write_json(f"{folder}/tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>",
                                                   "pad_token": {"__type": "AddedToken", "content": "<|endoftext|>", "special": True}})


def make_unigram(folder):
    # A map of a few hundred rules: the real one's kinds (full width, ligatures, composition, spaces) at a fiftieth of its size.
    rules = {}
    for c in list(range(0xC0, 0x180)) + list(range(0xFB00, 0xFB07)) + list(range(0xFF01, 0xFF5F)) + [0xBD, 0xB2, 0x2460, 0x338F, 0xFDFA]:
        folded = unicodedata.normalize("NFKC", chr(c))
        decomposed = unicodedata.normalize("NFD", chr(c))
        if folded != chr(c):
            rules[chr(c)] = folded
        if len(decomposed) > 1:
            rules[decomposed] = folded
    for c in (9, 10, 13, 0xA0, 0x2009, 0x3000):
        rules[chr(c)] = " "
    for c in (1, 0x200B, 0xFEFF, 0xAD):
        rules[chr(c)] = ""
    with tempfile.TemporaryDirectory() as work:
        with open(f"{work}/rules.tsv", "w", encoding="utf-8") as file:
            for source, target in sorted(rules.items()):
                file.write(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n")
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(" ".join(text.split()) for text in corpus()), model_writer=model, vocab_size=430,
            model_type="unigram", byte_fallback=True, pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
            normalization_rule_tsv=f"{work}/rules.tsv", character_coverage=0.999, user_defined_symbols=["<keep>"],
            num_threads=1, minloglevel=3)
    proto = import_protobuf().ModelProto.FromString(model.getvalue())
    proto.normalizer_spec.normalization_rule_tsv = ""  # a path that differs from run to run
    with open(f"{folder}/spiece.model", "wb") as file:
        file.write(proto.SerializeToString(deterministic=True))
    vocab = [[p.piece, p.score] for p in proto.pieces] + [[f"<extra_id_{i}>", 0.0] for i in range(4, -1, -1)]
    special = [0, 1, 2] + list(range(len(vocab) - 5, len(vocab)))
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    charsmap = base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode()
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    write_json(f"{folder}/tokenizer.json", {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": vocab[i][0]} | flags for i in special],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Precompiled", "precompiled_charsmap": charsmap}, {"type": "Strip", "strip_left": False, "strip_right": True},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}]},
        "pre_tokenizer": metaspace,
        "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}},
                                                                    {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}},
                                    {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                           "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": 2, "vocab": vocab, "byte_fallback": True}})
    write_json(f"{folder}/tokenizer_config.json", {"tokenizer_class": "T5Tokenizer", "eos_token": "</s>", "pad_token": "<pad>",
                                                   "unk_token": "<unk>", "extra_ids": 5,
                                                   "additional_special_tokens": [f"<extra_id_{i}>" for i in range(5)]})


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, separators=(",", ":"))


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value % 2**32:08x}"


def hash_ids(ids, text=""):
    return fnv(b"".join(i.to_bytes(4, "little") for i in ids) + text.encode())


def folder_of(work, name, *files, config=None):
    """A folder with only some of another's files."""
    folder = f"{work}/{name}"
    os.makedirs(folder)
    for file in files:
        shutil.copy(file, folder)
    if config:
        write_json(f"{folder}/tokenizer_config.json", config)
    return folder


def make_cases():
    strings = make_strings()
    long_texts = [["a", 100000], [" ", 100000], ["ab c", 25000], ["\u00e9\u4e2d ", 20000], ["<|im_end|>x", 5000], ["1\n", 30000], ["\U0001f469\u200d", 20000],
                  ["\u0301\u0323", 50000]]
    tiny = "assets/tiny/generator/tokenizer"
    file_config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    with tempfile.TemporaryDirectory() as work:
        unigram = f"{OUT}/unigram"
        readers = {
            "tiny_bpe": AutoTokenizer.from_pretrained("assets/tiny/critic"),
            "tiny_unigram": AutoTokenizer.from_pretrained(tiny),
            "tiny_spiece": T5Tokenizer.from_pretrained(folder_of(work, "tiny_spiece", f"{tiny}/spiece.model")),
            "bpe": AutoTokenizer.from_pretrained(f"{OUT}/bpe"),
            "bpe_plain": AutoTokenizer.from_pretrained(f"{OUT}/bpe", split_special_tokens=True),
            "unigram": AutoTokenizer.from_pretrained(unigram),
            "unigram_json": T5Tokenizer.from_pretrained(folder_of(work, "unigram_json", f"{unigram}/tokenizer.json")),
            "unigram_spiece": T5Tokenizer.from_pretrained(
                folder_of(work, "unigram_spiece", f"{unigram}/spiece.model", f"{unigram}/tokenizer_config.json")),
            "unigram_file": AutoTokenizer.from_pretrained(
                folder_of(work, "unigram_file", f"{unigram}/tokenizer.json", config=file_config)),
        }
        value = {"strings": strings, "long": long_texts, "tokenizers": {}}
        for name, tokenizer in readers.items():
            encode = lambda s: tokenizer(s, padding=False, truncation=False)["input_ids"]  # noqa: E731
            ids = [encode(s) for s in strings]
            entry = {"size": len(tokenizer), "eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id,
                     "hashes": "".join(hash_ids(i, tokenizer.decode(i)) for i in ids),
                     "first": ids[:NUM_LITERAL], "long": [hash_ids(encode(unit * count)) for unit, count in long_texts]}
            if tokenizer.pad_token_id is not None:
                entry["padded"] = [tokenizer(s, padding="max_length", max_length=9, truncation=True)["input_ids"]
                                   for s in strings[:NUM_LITERAL]]
            value["tokenizers"][name] = entry
            print(name, type(tokenizer).__name__, entry["size"], "mean length", sum(map(len, ids)) / len(ids))
        write_json(f"{OUT}/cases.json", value)
        report_differences(readers, strings)


def report_differences(readers, strings):
    """The figures of docs/tokenizers.md: sentencepiece's own ids against those that diffusers gets."""
    prompts = [" ".join(random.Random(i).choice(WORDS[:10]) for _ in range(8)) for i in range(1000)]
    for name, path, readings in (("tiny", "assets/tiny/generator/tokenizer/spiece.model", ("tiny_unigram", "tiny_spiece")),
                                 ("trained", f"{OUT}/unigram/spiece.model", ("unigram", "unigram_spiece"))):
        own = sentencepiece.SentencePieceProcessor(model_file=path)
        for label, texts in (("strings", strings), ("plain prompts", prompts)):
            texts = [t for t in texts if "<" not in t]
            ids = {r: [readers[r](t, padding=False, truncation=False)["input_ids"] for t in texts] for r in readings}
            library = [own.encode(t) + [1] for t in texts]
            unlike = lambda a, b: sum(x != y for x, y in zip(a, b))  # noqa: E731
            print(f"{name}, {len(texts)} {label} without '<': tokenizer.json against spiece.model as transformers reads it "
                  f"{unlike(ids[readings[0]], ids[readings[1]])}; against the library {unlike(ids[readings[0]], library)}; "
                  f"transformers on spiece.model against the library {unlike(ids[readings[1]], library)}")


def make_prompt_clean():
    from diffusers.pipelines.wan import pipeline_wan

    from html.entities import html5

    pipeline_wan.is_ftfy_available = lambda: False
    r = random.Random(3)
    names = sorted(html5)
    bits = ["&", "&amp;", "&amp;amp;", "&lt", "&lt;b&gt;", "&notit;", "&notin;", "&#", "&#x", "&#;", "&#x;", "&#65;", "&#65", "&#x41;",
            "&#X1F600;", "&#0;", "&#128;", "&#129;", "&#13;", "&#11;", "&#xD800;", "&#x110000;", "&#99999999999;", "&#xFFFE;", "&#12;",
            "&#x7f;", "&#xfdd0;", "&#159;", "&nbsp;", "&Tab;", "&NewLine;", "&#32;", " ", "  ", "\t\n", "\u3000", "\x1c", "\u180e", "a", "Z",
            ";", "caf\u00e9", "\u4e2d", "&unknown;", "&" + "x" * 40 + ";", "&\u00e9;", "&a", "&a;", "&#x4g", "&ampamp;", "\u200b", "\x85"]
    texts = ["", "&", " & ", "&amp;#65;"] + [f"&{n}" for n in names[::3]]
    texts += ["".join(r.choice(bits) if r.random() < 0.7 else f"&{r.choice(names)}" for _ in range(r.randrange(1, 9))) for _ in range(1200)]
    everything = "".join(f"[&{n}]" for n in names)
    write_json(f"{OUT}/prompt_clean.json", {"cases": [[t, pipeline_wan.prompt_clean(t)] for t in texts],
                                            "names": names, "all": fnv(pipeline_wan.prompt_clean(everything).encode())})
    import ftfy
    changed = sum(ftfy.fix_text(s) != s for s in make_strings())
    ascii_changed = sum(ftfy.fix_text(s) != s for s in make_strings() if s.isascii() and s.isprintable())
    print(f"ftfy changes {changed} of {NUM_STRINGS} strings, {ascii_changed} of the printable ASCII ones")


# The chat template of Qwen/Qwen2.5-VL-7B-Instruct (chat_template.json; Apache-2.0), which the reader must know.
QWEN = ("{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}{% for message in messages %}"
        "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
        "<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n{% else %}"
        "{% for content in message['content'] %}{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
        "{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}"
        "<|vision_start|><|image_pad|><|vision_end|>{% elif content['type'] == 'video' or 'video' in content %}"
        "{% set video_count.value = video_count.value + 1 %}{% if add_vision_id %}Video {{ video_count.value }}: {% endif %}"
        "<|vision_start|><|video_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}"
        "<|im_end|>\n{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


# The form of Qwen3-VL's: a part for tools, a system message where one is given, and each role its own branch.
BY_ROLE = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content }}
    {%- endif %}
    {%- for tool in tools %}
        {{- tool | tojson }}
    {%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- else %}
    {%- if messages[0].role == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- set video_count = namespace(value=0) %}
{%- for message in messages %}
    {%- if message.role == "user" %}
        {{- '<|im_start|>' + message.role + '\\n' }}
        {%- if message.content is string %}
            {{- message.content }}
        {%- else %}
            {%- for content in message.content %}
                {%- if content.type == 'image' or 'image' in content or 'image_url' in content %}
                    {%- if add_vision_id %}Picture: {% endif -%}
                    <|vision_start|><|image_pad|><|vision_end|>
                {%- elif content.type == 'video' or 'video' in content %}
                    {%- set video_count.value = video_count.value + 1 %}
                    {%- if add_vision_id %}Video {{ video_count.value }}: {% endif -%}
                    <|vision_start|><|video_pad|><|vision_end|>
                {%- elif 'text' in content %}
                    {{- content.text }}
                {%- endif %}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- message.content }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""


def make_chat_template():
    tokenizer = AutoTokenizer.from_pretrained("assets/tiny/critic")
    plain = tokenizer.chat_template
    spread = QWEN.replace("%}{%", "%}\n  {%").replace("{% set", "{%- set").replace("'", '"').replace("is string %}{{", "is string -%}\n{{")
    sums = ("{%- for message in messages -%}\n  {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + \"\\n\" -}}\n"
            "{%- endfor -%}\n{# the answer #}\n{%- if add_generation_prompt -%}\n  {{- '<|im_start|>assistant\\n' -}}\n{%- endif -%}\n")
    templates = {"plain": plain, "qwen2.5-vl": QWEN, "spread out": spread, "sums": sums,
                 "other system message": QWEN.replace("You are a helpful assistant.", "You judge clips.\nBe strict."),
                 "no system message": QWEN.replace(QWEN[QWEN.index("{% if loop.first"):QWEN.index("<|im_start|>{{")], "")}
    templates["by role"] = BY_ROLE
    templates["by role, no tools"] = BY_ROLE[BY_ROLE.index("{%- set video_count"):]
    video = "<|vision_start|><|video_pad|><|vision_end|>"
    cases = []
    for name, template in templates.items():
        for question in ("Is the ball red?", " \n<b> \u00e9? <|im_end|>", ""):
            if name in ("plain", "sums"):
                user = {"role": "user", "content": video + question}
            else:
                user = {"role": "user", "content": [{"type": "video", "video": "x"}, {"type": "text", "text": question}]}
            system = [] if "loop.first" in template or "by role" in name else [{"role": "system", "content": "You are a helpful assistant."}]
            text = tokenizer.apply_chat_template(system + [user], chat_template=template, tokenize=False, add_generation_prompt=True)
            cases.append({"name": name, "template": template, "question": question, "text": text})
    unknown = {"another condition": QWEN.replace("'text' in content", "'caption' in content"),
               "another frame": plain.replace("<|im_start|>", "[INST]"), "text behind": QWEN + "{{ eos_token }}",
               "tools": "{% if tools %}" + plain + "{% endif %}", "cut off": QWEN[:400], "no end": plain[:60],
               "thinking": BY_ROLE.replace("assistant\\n' }}\n{%- endif", "assistant\\n<think>\\n' }}\n{%- endif"),
               "by role, another end": BY_ROLE.replace("{{- '<|im_end|>\\n' }}\n    {%- elif", "{{- '<|end|>' }}\n    {%- elif"),
               "by role, cut off": BY_ROLE[:1500]}
    assert unknown["thinking"] != BY_ROLE != unknown["by role, another end"]
    write_json(f"{OUT}/chat_template.json", {"cases": cases, "unknown": unknown})


def make_chats():
    """chats.json: conversations of plain text, and their ids by the tiny critic's tokenizer."""
    tokenizer = AutoTokenizer.from_pretrained("assets/tiny/critic")
    with open(f"{OUT}/chat_template.json", encoding="utf-8") as file:
        templates = {case["name"]: case["template"] for case in json.load(file)["cases"]}
    del templates["by role, no tools"]  # which passes over system messages
    system, user, answer = ({"role": role} for role in ("system", "user", "assistant"))
    say = lambda who, content: {**who, "content": content}  # noqa: E731
    chats = [[say(system, "Ask about clips."), say(user, "A red ball moves left.")],
             [say(system, "\n Be strict.\n"), say(user, "\n\nred ball  "), say(answer, '{"a": "Yes"}'), say(user, " \u00e9 1\n")],
             [say(system, ""), say(user, ""), say(answer, "No"), say(user, "?"), say(answer, "\t"), say(user, "Is it?")],
             [say(user, "Is the ball red?"), say(answer, "Yes"), say(user, "Why?")]]
    cases = []
    for name, template in templates.items():
        for turns in chats:
            if turns[0]["role"] != "system" and name in ("plain", "sums", "no system message"):
                continue  # drf puts the system message there that it shows clips with
            text = tokenizer.apply_chat_template(turns, chat_template=template, tokenize=False, add_generation_prompt=True)
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            cases.append({"name": name, "template": template, "turns": turns, "text": text, "ids": ids})
    write_json(f"{OUT}/chats.json", {"cases": cases})


if __name__ == "__main__":
    for part in ("bpe", "unigram"):
        os.makedirs(f"{OUT}/{part}", exist_ok=True)
    make_bpe(f"{OUT}/bpe")
    make_unigram(f"{OUT}/unigram")
    make_cases()
    make_prompt_clean()
    make_chat_template()
    make_chats()
