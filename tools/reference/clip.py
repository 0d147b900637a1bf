"""Goldens of CLIP from transformers: tests/goldens/clip_*, names_clip_*.txt and text/clip*.

    clip_{a,b,c}.safetensors   CLIPModel with random weights: embeddings and logits of ragged texts (padded for the reference)
                               and of float frames through CLIPImageProcessor's own steps; gradients of sum(logits * probe) to
                               every parameter and to the frames
    clip_processor.safetensors the image processor on float images of many shapes; "pad" as HPSv2's own code does it
    clip_configs.json          config.json in many forms and what CLIPConfig makes of them
    clip/pick, clip/hps        folders as PickScore's and HPSv2's in this form, with a model of a few thousand weights
    clip_score.safetensors     what those folders say of clips, and the gradient to the frames
    text/clip, clip_cases.json CLIPTokenizer on a vocabulary trained here
    names_clip_*.txt           parameter names and shapes of released models, built on the meta device

    python tools/reference/clip.py        (from the repository's root)
"""

import collections
import json
import os
import shutil

import torch
import torchvision_ops  # noqa: F401  (before transformers)
import torchvision.transforms.v2.functional as tvF
from lift import NoFloat32, lifted, save_golden
from text import corpus, fnv, hash_ids, write_json
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

OUT = "tests/goldens"
START, END = "<|startoftext|>", "<|endoftext|>"

# name: text_config, vision_config, the rest; ids; processor; frames' shape
CASES = {
    # image 10 with patch 3: a row and a column are seen by none. Acts differ; the older rule of pooling.
    "a": (dict(vocab_size=37, hidden_size=12, intermediate_size=18, num_hidden_layers=2, num_attention_heads=3,
               max_position_embeddings=11, hidden_act="quick_gelu", eos_token_id=2, bos_token_id=0, pad_token_id=1),
          dict(hidden_size=20, intermediate_size=14, num_hidden_layers=3, num_attention_heads=5, image_size=10, patch_size=3,
               hidden_act="gelu", layer_norm_eps=1e-3),
          dict(projection_dim=7, logit_scale_init_value=1.7),
          [[35, 4, 36], [35, 1, 2, 3, 4, 5, 6, 7, 8, 9, 36], [35, 36], [35, 36, 3, 36, 5]],
          dict(size={"shortest_edge": 13}, crop_size={"height": 10, "width": 10}), (3, 17, 23)),
    # An end token in the middle, twice, and none at all (then the first place counts).
    "b": (dict(vocab_size=23, hidden_size=10, intermediate_size=33, num_hidden_layers=3, num_attention_heads=5,
               max_position_embeddings=8, hidden_act="gelu", eos_token_id=5, layer_norm_eps=1e-4),
          dict(hidden_size=9, intermediate_size=11, num_hidden_layers=1, num_attention_heads=3, image_size=12, patch_size=4,
               hidden_act="quick_gelu"),
          dict(projection_dim=5, logit_scale_init_value=3.1),
          [[1, 2, 3, 5], [22, 5, 7, 5, 9, 1, 3, 5], [1, 22, 21], [1, 5]],
          dict(size={"shortest_edge": 12}, crop_size={"height": 12, "width": 12}, image_mean=[.1, .5, .9], image_std=[.3, 1.5, .6]),
          (2, 31, 12)),
    # One patch, one head, one text.
    "c": (dict(vocab_size=7, hidden_size=6, intermediate_size=4, num_hidden_layers=1, num_attention_heads=1,
               max_position_embeddings=3, eos_token_id=6),
          dict(hidden_size=5, intermediate_size=9, num_hidden_layers=2, num_attention_heads=1, image_size=7, patch_size=7),
          dict(projection_dim=9), [[0, 3, 6]], dict(size={"shortest_edge": 9}, crop_size={"height": 7, "width": 7}), (1, 5, 4)),
}


def build(config, seed=3):
    torch.manual_seed(seed)
    model = CLIPModel._from_config(config, attn_implementation="eager")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name == "logit_scale":
                continue
            scale = 0.5 if parameter.ndim > 1 else 0.7
            parameter.copy_((scale * torch.randn(parameter.shape) + (parameter.ndim == 1 and "weight" in name)).bfloat16())
    return model.eval()


def pixels_of(processor, images):
    """What CLIPImageProcessor._preprocess does, on floats that need no rescaling."""
    p = processor
    x = p.resize(images, p.size, p.resample)
    x = p.center_crop(x, p.crop_size)
    return p.rescale_and_normalize(x, False, 1.0, p.do_normalize, p.image_mean, p.image_std)


def padded_pixels_of(processor, images):
    """HPSv2's own: the long side to the size, centred on black."""
    side, (height, width) = processor.crop_size.height, images.shape[-2:]
    factor = side / float(max(height, width))
    new = [round(extent * factor) for extent in (height, width)]
    down, right = side - new[0], side - new[1]
    x = tvF.resize(images, new, interpolation=tvF.InterpolationMode.BICUBIC, antialias=True)
    x = tvF.pad(x, [right // 2, down // 2, right - right // 2, down - down // 2], fill=0)
    return processor.rescale_and_normalize(x, False, 1.0, True, processor.image_mean, processor.image_std)


def pad_texts(texts, pad):
    length = max(map(len, texts))
    ids = torch.tensor([t + [pad] * (length - len(t)) for t in texts])
    mask = torch.tensor([[1] * len(t) + [0] * (length - len(t)) for t in texts])
    return ids, mask


def make_model(name):
    text, vision, rest, texts, processing, (count, height, width) = CASES[name]
    config = CLIPConfig(text_config=text, vision_config=vision, **rest)
    processor = CLIPImageProcessor(**processing)
    torch.manual_seed(17)
    frames = torch.rand(count, 3, height, width) * 1.3 - 0.15
    probe = torch.randn(len(texts), count)
    ids, mask = pad_texts(texts, 0)
    tensors = {f"param.{k}": v for k, v in build(config).named_parameters()} | {"in.frames": frames, "probe": probe}
    with lifted():
        model = build(config).double()
        wide = frames.double().requires_grad_()
        with NoFloat32():
            pixels = pixels_of(processor, wide)
            out = model(input_ids=ids, attention_mask=mask, pixel_values=pixels)
            (out.logits_per_text * probe.double()).sum().backward()
        # What stands behind a text's end does not matter, with a mask or without.
        other, _ = pad_texts(texts, 1)
        torch.testing.assert_close(model(input_ids=other, pixel_values=pixels).logits_per_text, out.logits_per_text,
                                   atol=1e-12, rtol=0)
    tensors |= {"out.text": out.text_embeds, "out.image": out.image_embeds, "out.logits": out.logits_per_text, "out.pixels": pixels}
    tensors |= {f"grad.param.{k}": p.grad for k, p in model.named_parameters()} | {"grad.in.frames": wide.grad}
    save_golden(f"{OUT}/clip_{name}.safetensors", tensors,
                {"config": {"model_type": "clip", "text_config": text, "vision_config": vision} | rest, "texts": texts,
                 "processor": processing})


def make_processor():
    torch.manual_seed(23)
    settings, tensors = [], {}
    shapes = [(30, 47), (47, 30), (16, 16), (9, 5), (5, 9), (40, 16), (100, 33), (3, 41), (31, 16), (15, 16),
              (5, 14)]  # the last one's short side is padded from 2.5 pixels
    for i, (height, width) in enumerate(shapes):
        crop = [16, 15, 7, 16][i % 4]
        options = dict(size={"shortest_edge": crop + [0, 3, 1][i % 3]}, crop_size={"height": crop, "width": crop})
        if i % 2:
            options |= dict(image_mean=[.5, .4, .3], image_std=[.2, .25, 1.5])
        processor = CLIPImageProcessor(**options)
        images = torch.rand(1 + i % 2, 3, height, width) * 1.4 - 0.2
        with lifted():
            tensors |= {f"{i}.images": images, f"{i}.crop": pixels_of(processor, images.double()),
                        f"{i}.pad": padded_pixels_of(processor, images.double())}
        settings.append(options)
        if i == 0:  # the pieces are the whole: on 8 bits whose size stays they give what the processor itself gives
            eight = (torch.rand(3, crop, crop) * 255).round().to(torch.uint8)
            plain = CLIPImageProcessor(size={"shortest_edge": crop}, crop_size=options["crop_size"])
            torch.testing.assert_close(plain(eight, return_tensors="pt").pixel_values[0],
                                       pixels_of(plain, eight.float() / 255), atol=1e-5, rtol=0)
    save_golden(f"{OUT}/clip_processor.safetensors", tensors, {"settings": settings})


def make_configs():
    h14_text = dict(hidden_act="gelu", hidden_size=1024, intermediate_size=4096, num_attention_heads=16, num_hidden_layers=24)
    h14_vision = dict(hidden_act="gelu", hidden_size=1280, intermediate_size=5120, num_attention_heads=16, num_hidden_layers=32,
                      patch_size=14)
    forms = [
        {}, {"text_config": None, "vision_config": {}},
        {"text_config": {"eos_token_id": 2, "hidden_size": 64}, "vision_config": {"patch_size": 16}, "projection_dim": 9},
        # The dict wins whole: the plain section's end token and activation are gone.
        {"text_config": h14_text | {"eos_token_id": 2, "hidden_act": "quick_gelu", "vocab_size": 99}, "text_config_dict": h14_text,
         "vision_config": h14_vision | {"image_size": 336}, "vision_config_dict": h14_vision, "projection_dim": 1024},
        {"text_config_dict": {"eos_token_id": 2, "max_position_embeddings": 20}, "vision_config_dict": {"layer_norm_eps": 1e-6}},
        {"text_config": {"hidden_size": 64, "eos_token_id": 2}, "text_config_dict": {}, "vision_config": {"image_size": 64},
         "vision_config_dict": None},
    ]
    cases = []
    for form in forms:
        config = CLIPConfig(**json.loads(json.dumps(form)))
        keep = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "layer_norm_eps", "hidden_act",
                "vocab_size", "max_position_embeddings", "eos_token_id", "image_size", "patch_size")
        cases.append({"config": form, "projection_dim": config.projection_dim} | {
            part: {k: getattr(section, k) for k in keep if hasattr(section, k)}
            for part, section in (("text", config.text_config), ("vision", config.vision_config))})
    write_json(f"{OUT}/clip_configs.json", cases)


def bytes_alphabet():
    printable = [b for b in range(256) if 0x21 <= b <= 0x7E or 0xA1 <= b <= 0xAC or b >= 0xAE]
    rest = iter(range(0x100, 0x200))
    return [chr(b) if b in printable else chr(next(rest)) for b in range(256)]


def train_vocabulary(size):
    """In CLIP's order: bytes, bytes at a word's end, merges, start, end. Pairs by count, then by name: the library's trainer
    orders equal counts by its hashes, anew in every run."""
    rules = CLIPTokenizer()._tokenizer
    words = collections.Counter()
    for text in corpus():
        for piece, _ in rules.pre_tokenizer.pre_tokenize_str(rules.normalizer.normalize_str(text)):
            words[(*piece[:-1], piece[-1] + "</w>")] += 1
    vocab = {token: i for i, token in enumerate(bytes_alphabet() + [b + "</w>" for b in bytes_alphabet()])}
    merges = []
    while len(vocab) < size - 2:
        pairs = collections.Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        if not pairs:
            break
        left, right = min(pairs, key=lambda pair: (-pairs[pair], pair))
        vocab[left + right] = len(vocab)
        merges.append(f"{left} {right}")
        joined = collections.Counter()
        for word, count in words.items():
            parts = []
            for symbol in word:
                if parts and (parts[-1], symbol) == (left, right):
                    parts[-1] += symbol
                else:
                    parts.append(symbol)
            joined[tuple(parts)] += count
        words = joined
    return vocab | {START: len(vocab), END: len(vocab) + 1}, merges


def write_vocab(folder, vocab, merges):
    write_json(f"{folder}/vocab.json", vocab)
    with open(f"{folder}/merges.txt", "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n" + "".join(merge + "\n" for merge in merges))


def write_released_form(folder, vocab, merges):
    """tokenizer.json and its companions as openai and laion have them, but for rules of its own, which the class overrules."""
    flags = {"single_word": False, "lstrip": False, "rstrip": False}
    added = [{"id": vocab[START], "content": START, "special": True, "normalized": True} | flags,
             {"id": vocab[END], "content": END, "special": True, "normalized": False} | flags]
    write_json(f"{folder}/tokenizer.json", {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": {"type": "NFKD"},
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True},
        "post_processor": {"type": "RobertaProcessing", "sep": [END, 3], "cls": [START, 4], "trim_offsets": False,
                           "add_prefix_space": False},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": END, "continuing_subword_prefix": "", "end_of_word_suffix": "</w>",
                  "fuse_unk": False, "vocab": vocab, "merges": merges}})
    named = {key: {"content": content, "normalized": True} | flags for key, content in
             (("bos_token", START), ("eos_token", END), ("unk_token", END))}
    write_json(f"{folder}/tokenizer_config.json",
               {k: v | {"__type": "AddedToken"} for k, v in named.items()} |
               {"pad_token": END, "do_lower_case": True, "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"})
    write_json(f"{folder}/special_tokens_map.json", named | {"pad_token": END})


NASTY = [
    "A photo of a CAT", "it's I'll WE'RE don't you'd they've 'S x'LL I'm", "\u03a3\u0391\u03a3 \u039f\u0394\u039f\u03a3 \u03a3",
    "\u0130stanbul I\u0307 \u0131", "\u1e9eSTRASSE \u01c5 \u01c8", "e\u0301 \u212b \u2126 \ufb01 \u1f88", "12 3456 7.89 \u00bd \u0661\u0662",
    "a1b2c3 1st 2ND", "!!! ... ?!'s ''s 's's -- --- <b>x</b>", "&amp; &lt;b&gt; &#39; &nbsp;", "\U0001f469\u200d\U0001f469\u200d\U0001f467 ok",
    "\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd\u263a\ufe0f", f"a {END} b", f"{START}{END}", f"a{END}b {START} c", "<|STARTOFTEXT|> x",
    "<|ENDOFTEXT|> x", "<|endof text|>", "<|endoftext|", "</w> a</w>b", "\tx\n\ny\r\nz \u3000\u2003w\u00a0v", "\u200bx\u180ey\ufeffz",
    "x\u0085y\x1cz\0w", "\u65e5\u672c\u8a9e\u306e\u6587", "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd \u0e33\u0e49",
    "\u05e2\u05b4\u05d1\u05e8\u05d9\u05ea \u0627\u0644\u0639\u064e\u0631\u064e\u0628", "\u1c89\ua7cb\ua7ce\ua7dc\U00010d50\U00016ea0", "long " * 90,
    "un" * 200, "caf\u00e9 na\u00efve \u00dcBER", "\u2019s isn\u2019t \u201cq\u201d", "", " ", "'", "'s", "\u0345\u03a3\u0301 \u03a3\u0301",
]


def make_tokenizer():
    folder = f"{OUT}/text/clip"
    os.makedirs(folder, exist_ok=True)
    vocab, merges = train_vocabulary(900)
    write_vocab(folder, vocab, merges)
    write_released_form(folder, vocab, merges)
    plain, alone, bang = ("/tmp/drf_clip_plain", "/tmp/drf_clip_json", "/tmp/drf_clip_bang")
    for path, files in ((plain, ("vocab.json", "merges.txt")), (alone, ("tokenizer.json",)), (bang, ("vocab.json", "merges.txt"))):
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        for file in files:
            shutil.copy(f"{folder}/{file}", path)
    # laion's SD2 form: "!" pads, and is found in texts as a token of its own
    write_json(f"{bang}/tokenizer_config.json", {"bos_token": START, "eos_token": END, "pad_token": "!", "tokenizer_class": "CLIPTokenizer"})
    with open(f"{OUT}/text/cases.json", encoding="utf-8") as file:
        strings = NASTY + json.load(file)["strings"]
    value = {"strings": NASTY, "tokenizers": {}}
    for name, path in (("all", folder), ("plain", plain), ("json", alone), ("bang", bang)):
        tokenizer = CLIPTokenizer.from_pretrained(path)
        ids = [tokenizer(s, padding=False, truncation=False)["input_ids"] for s in strings]
        value["tokenizers"][name] = {
            "size": len(tokenizer), "eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id, "nasty": ids[:len(NASTY)],
            "hashes": "".join(hash_ids(i, tokenizer.decode(i)) for i in ids),
            "padded": [tokenizer(s, padding="max_length", max_length=77, truncation=True)["input_ids"] for s in NASTY]}
        shutil.rmtree(path) if path != folder else None
    lower = CLIPTokenizer()._tokenizer.normalizer[2]
    every = [chr(c) for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
    value["lower"] = [fnv("".join(map(lower.normalize_str, every[begin:begin + 4096])).encode()) for begin in range(0, len(every), 4096)]
    write_json(f"{OUT}/text/clip_cases.json", value)


def make_folders():
    """Two folders, as people have them, and what they say of clips."""
    vocab, merges = train_vocabulary(560)
    text = dict(vocab_size=len(vocab), hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
                max_position_embeddings=13)
    vision = dict(hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3, image_size=14, patch_size=4)
    size = {"crop_size": {"height": 14, "width": 14}, "size": {"shortest_edge": 14}}
    picture = {"do_center_crop": True, "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
               "feature_extractor_type": "CLIPFeatureExtractor", "image_processor_type": "CLIPImageProcessor", "resample": 3,
               "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
               "rescale_factor": 0.00392156862745098}
    gelu = {"hidden_act": "gelu"}
    forms = {  # laion's, with sections that the *_dict ones overrule, and openai's
        "pick": {"model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": 6, "logit_scale_init_value": 2.6592,
                 "text_config": text | {"eos_token_id": 2, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-2},
                 "text_config_dict": text | gelu | {"eos_token_id": vocab[END]},
                 "vision_config": vision | {"hidden_act": "quick_gelu"}, "vision_config_dict": vision | gelu},
        "hps": {"model_type": "clip", "projection_dim": 10, "text_config": text | {"eos_token_id": 2, "bos_token_id": 0, "pad_token_id": 1},
                "vision_config": vision | {"num_hidden_layers": 3, "patch_size": 5}},
    }
    texts = ["A red ball moves left on the black background", "it's the blue TRIANGLE! " * 4]
    tensors = {}
    for i, (name, form) in enumerate(forms.items()):
        folder = f"{OUT}/clip/{name}"
        os.makedirs(folder, exist_ok=True)
        write_json(f"{folder}/config.json", form)
        write_json(f"{folder}/preprocessor_config.json", picture | (size if i == 0 else {"crop_size": 14, "size": 14}))
        write_released_form(folder, vocab, merges) if i == 0 else write_vocab(folder, vocab, merges)
        config = CLIPConfig(**form)
        model = build(config, seed=5 + i)
        with torch.no_grad():
            model.logit_scale.fill_([3.2, 4.6052][i])
        weights = dict(model.named_parameters())
        if i == 0:  # as transformers before 4.31 saved them
            weights |= {"text_model.embeddings.position_ids": torch.arange(13)[None], "vision_model.embeddings.position_ids": torch.arange(10)[None]}
        save_golden(f"{folder}/model.safetensors", weights, {"format": "pt"})
        tokenizer = CLIPTokenizer.from_pretrained(folder)
        batch = tokenizer(texts, padding="max_length", max_length=13, truncation=True, return_tensors="pt")
        torch.manual_seed(31 + i)
        clips = torch.rand(2, 6, 3, 11, 17)
        processor = CLIPImageProcessor(**picture, **size)
        taken = [0, 2, 5]  # three of six, halves to even
        for fit, process in (("crop", pixels_of), ("pad", padded_pixels_of)):
            with lifted():
                wide = build(config, seed=5 + i).double()
                wide.load_state_dict({k: v.double() for k, v in model.state_dict().items()})
                frames = clips.double().requires_grad_()
                with NoFloat32():
                    out = wide(**batch, pixel_values=process(processor, frames[:, taken].flatten(0, 1)))
                    logits = out.logits_per_image.unflatten(0, (2, len(taken)))
                    scores = torch.stack([logits[b, :, b].mean() for b in range(2)])
                    (scores * torch.tensor([1.0, -0.7], dtype=torch.float64)).sum().backward()
            tensors |= {f"{name}.{fit}.logit": scores, f"{name}.{fit}.cosine": scores / wide.logit_scale.exp(),
                        f"{name}.{fit}.grad": frames.grad}
        tensors[f"{name}.frames"] = clips
    save_golden(f"{OUT}/clip_score.safetensors", tensors, {"texts": texts})


def make_names():
    l14 = dict(text_config=dict(hidden_size=768, intermediate_size=3072, num_attention_heads=12, num_hidden_layers=12),
               vision_config=dict(hidden_size=1024, intermediate_size=4096, num_attention_heads=16, num_hidden_layers=24, patch_size=14),
               projection_dim=768)
    h14 = dict(text_config=dict(hidden_act="gelu", hidden_size=1024, intermediate_size=4096, num_attention_heads=16, num_hidden_layers=24),
               vision_config=dict(hidden_act="gelu", hidden_size=1280, intermediate_size=5120, num_attention_heads=16,
                                  num_hidden_layers=32, patch_size=14), projection_dim=1024)
    for name, form in (("l14", l14), ("h14", h14)):
        with torch.device("meta"):
            model = CLIPModel(CLIPConfig(**form))
        lines = sorted(f"{k} {','.join(map(str, v.shape))}" for k, v in model.named_parameters())
        with open(f"{OUT}/names_clip_{name}.txt", "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        print(name, len(lines), "tensors,", sum(p.numel() for p in model.parameters()), "parameters")


if __name__ == "__main__":
    for name in CASES:
        make_model(name)
    make_processor()
    make_configs()
    make_tokenizer()
    make_folders()
    make_names()
