"""Hostile files of the kinds that hold models: config.json and its kin, safetensors, index.json, tokenizers, templates,
adapters. Only the standard library.

cases() gives (name, files, command): what to write into an empty folder, and drf's arguments, in which {dir} stands for
that folder. A value of `files` is bytes, or a Special. Right is: exit code 2, 3 or 5, one line on stderr (four at most),
no signal, no hang, at most 4 GiB, nothing written. `python hostile_models.py DRF` runs them and says which are not.
"""
import json
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import threading
import time

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "assets/tiny"
DEEP = 200_000
SECONDS, BYTES = 20, 4 << 30


class Special:
    """A thing in a file's place: Special("link", target), Special("pipe"), Special("models", name): links to every file of
    assets/tiny/name that is not there yet."""

    def __init__(self, kind, target=""):
        self.kind, self.target = kind, target


def write(folder, files):
    """Makes `files` in `folder`; what replaces a bundled model's file comes before the links to the rest of it."""
    folder = pathlib.Path(folder)
    for name, value in sorted(files.items(), key=lambda item: isinstance(item[1], Special) and item[1].kind == "models"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(value, bytes):
            path.write_bytes(value)
        elif value.kind == "link":
            path.symlink_to(value.target)
        elif value.kind == "pipe":
            os.mkfifo(path)
        else:
            source = ASSETS / value.target
            for file in source.rglob("*"):
                copy = path / file.relative_to(source)
                if file.is_file() and not os.path.lexists(copy):
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.symlink_to(file)


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def changed(file, *changes):
    """The JSON of a bundled file with values set: (key, key, ..., value); the value ... removes the key."""
    value = json.loads((ASSETS / file).read_text())
    for *keys, last, new in changes:
        place = value
        for key in keys:
            place = place[key]
        if new is ...:
            place.pop(last)
        else:
            place[last] = new
    return json.dumps(value).encode()


SAMPLE = ["sample", "--model", "{dir}/generator", "--prompt", "a red ball", "--frames", "5", "--size", "16x16", "--steps", "1",
          "--guidance", "1", "--text-length", "24", "--save-latents", "{dir}/out.safetensors"]
SCORE = ["score", "--critic", "{dir}/critic", "--frames", "{dir}/f.safetensors", "--questions", "{dir}/q.jsonl"]
FRAMES = safetensors({"frames": {"dtype": "F32", "shape": [2, 3, 16, 16], "data_offsets": [0, 6144]}}, bytes(6144))
QUESTION = b'{"id":"a","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is the ball red?","answer":"Yes"}\n'


def generator(file, value):
    return {"generator/" + file: value, "generator": Special("models", "generator")}, SAMPLE


def critic(file, value):
    return {"critic/" + file: value, "critic": Special("models", "critic"), "f.safetensors": FRAMES, "q.jsonl": QUESTION}, SCORE


def adapters(value):
    return {"generator": Special("models", "generator"), "a.safetensors": value}, SAMPLE + ["--lora", "{dir}/a.safetensors"]


def pair(metadata=None, extra=None, name="transformer.blocks.0.attn1.to_q", rank=4):
    """One layer's adapter as a safetensors file."""
    tensors = {name + ".lora_A.weight": ("F32", [rank, 160], bytes(640 * rank)), name + ".lora_B.weight": ("F32", [160, rank], bytes(640 * rank))}
    tensors.update(extra or {})
    header, data = {}, b""
    if metadata is not None:
        header["__metadata__"] = metadata
    for tensor, (dtype, shape, body) in tensors.items():
        header[tensor] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(body)]}
        data += body
    return safetensors(header, data)


def lora_metadata(**config):
    return {"lora_adapter_metadata": json.dumps({"transformer." + key: value for key, value in config.items()})}


# Every file of a model that drf opens, and which command opens it.
GENERATOR_JSON = ["model_index.json", "transformer/config.json", "vae/config.json", "text_encoder/config.json",
                  "scheduler/scheduler_config.json", "tokenizer/tokenizer.json", "tokenizer/tokenizer_config.json"]
CRITIC_JSON = ["config.json", "tokenizer.json", "tokenizer_config.json", "video_preprocessor_config.json"]
WEIGHTS = ["transformer/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors",
           "text_encoder/model.safetensors"]


def cases_of_places():
    """Something that is no file, no JSON, or too much of it, in the place of each file."""
    for make, name in [(generator, name) for name in GENERATOR_JSON] + [(critic, name) for name in CRITIC_JSON]:
        yield f"{name}: nested lists", *make(name, b"[" * DEEP)
        yield f"{name}: nested objects", *make(name, b'{"a":' * DEEP + b"1" + b"}" * DEEP)
        yield f"{name}: a pipe", *make(name, Special("pipe"))
        yield f"{name}: a device without end", *make(name, Special("link", "/dev/zero"))
        yield f"{name}: a link to itself", *make(name, Special("link", pathlib.Path(name).name))
        yield f"{name}: a list", *make(name, b"[1, 2]")
        if not name.endswith("tokenizer_config.json"):  # where these keys mean nothing
            yield f"{name}: escapes", *make(name, b'{"_class_name": "\\u001b[31m\\u0007\\u202e", "model_type": "\\u001b[2J", "model": {"type": "\\u001b[2J"}}')
        yield f"{name}: a key twice", *make(name, b'{"a": 1, "a": 2}')
        yield f"{name}: UTF-16", *make(name, "{}".encode("utf-16"))
    yield "model_index.json: ten megabytes of a name", *generator("model_index.json", json.dumps({"_class_name": "x" * 10_000_000}).encode())
    yield "config.json: ten megabytes of a name", *critic("config.json", json.dumps({"model_type": "\x1b" * 2_000_000}).encode())
    yield "config.json: millions of values", *critic("config.json", b"[" + b"0," * 20_000_000 + b"0]")
    for name in WEIGHTS:
        yield f"{name}: a pipe", *generator(name, Special("pipe"))
        yield f"{name}: a device without end", *generator(name, Special("link", "/dev/zero"))
        yield f"{name}: a link to itself", *generator(name, Special("link", pathlib.Path(name).name))
    yield "a model folder of thousands of letters", {}, SAMPLE[:2] + ["{dir}/" + "x" * 5000] + SAMPLE[3:]
    yield "a model folder that is a link to itself", {"generator": Special("link", "generator")}, SAMPLE
    yield "a model folder that is a pipe", {"generator": Special("pipe")}, SAMPLE
    yield "a critic folder of thousands of letters", {"f.safetensors": FRAMES, "q.jsonl": QUESTION}, SCORE[:2] + ["{dir}/" + "x" * 5000] + SCORE[3:]
    yield "inspect a pipe", {"a": Special("pipe")}, ["inspect", "{dir}/a"]
    yield "inspect a link to itself", {"a": Special("link", "a")}, ["inspect", "{dir}/a"]


def cases_of_numbers():
    """Numbers that parse and make no sense."""
    huge = 10**18
    for keys in [("num_layers", huge), ("num_layers", 0), ("num_layers", -1), ("num_attention_heads", huge), ("attention_head_dim", -2),
                 ("attention_head_dim", huge), ("ffn_dim", huge), ("freq_dim", 2**63), ("text_dim", 2**64 - 1), ("eps", -1), ("patch_size", [huge, 2, 2]),
                 ("patch_size", []), ("in_channels", huge), ("rope_max_seq_len", -5), ("num_layers", 1.5), ("num_layers", "6"), ("num_layers", [6])]:
        yield f"transformer: {keys}", *generator("transformer/config.json", changed("generator/transformer/config.json", keys))
    for keys in [("base_dim", huge), ("z_dim", -8), ("dim_mult", [1, huge]), ("dim_mult", [1] * 100_000), ("num_res_blocks", huge), ("latents_std", [0] * 8),
                 ("latents_std", [-1] * 8), ("temperal_downsample", [1, 2])]:
        yield f"vae: {str(keys)[:60]}", *generator("vae/config.json", changed("generator/vae/config.json", keys))
    for keys in [("vocab_size", huge), ("num_heads", 0), ("d_kv", huge), ("relative_attention_num_buckets", -32), ("relative_attention_num_buckets", huge),
                 ("relative_attention_max_distance", 0), ("layer_norm_epsilon", -1), ("num_layers", huge), ("feed_forward_proj", "gated-" * 100_000)]:
        yield f"text encoder: {str(keys)[:60]}", *generator("text_encoder/config.json", changed("generator/text_encoder/config.json", keys))
    for keys in [("text_config", "rope_parameters", "rope_theta", 0), ("text_config", "rope_parameters", "rope_theta", -1e6),
                 ("text_config", "rope_parameters", "mrope_section", [-4, 10, 10]), ("text_config", "rope_parameters", "mrope_section", [0, 8, 8]),
                 ("text_config", "rope_parameters", "mrope_section", [2**62, 2**62, 2**62]), ("text_config", "rope_parameters", 7),
                 ("text_config", "rms_norm_eps", -1), ("text_config", "num_attention_heads", 0), ("text_config", "num_key_value_heads", -2),
                 ("text_config", "num_hidden_layers", huge), ("text_config", "vocab_size", huge), ("text_config", "hidden_size", 2**63),
                 ("text_config", 3), ("vision_config", None), ("vision_config", "depth", -1), ("vision_config", "patch_size", huge),
                 ("vision_config", "window_size", 0), ("vision_config", "spatial_merge_size", 0), ("vision_config", "temporal_patch_size", -2),
                 ("vision_config", "tokens_per_second", 0), ("vision_config", "num_heads", 7), ("vision_config", "out_hidden_size", 0),
                 ("vision_config", "fullatt_block_indexes", [-1]), ("video_token_id", huge), ("image_token_id", "x")]:
        yield f"critic: {keys}", *critic("config.json", changed("critic/config.json", keys))
    for keys in [("image_std", [0, 0, 0]), ("image_std", [1, -1, 1]), ("image_std", [1]), ("image_mean", ["a", "b", "c"]), ("rescale_factor", 0),
                 ("size", {"shortest_edge": -1, "longest_edge": 0}), ("size", {"shortest_edge": huge, "longest_edge": huge}), ("patch_size", 0), ("resample", 2)]:
        yield f"processor: {keys}", *critic("video_preprocessor_config.json", changed("critic/video_preprocessor_config.json", keys))
    for keys in [("shift", 0), ("shift", -3), ("num_train_timesteps", 0), ("num_train_timesteps", huge), ("_class_name", None)]:
        yield f"scheduler: {keys}", *generator("scheduler/scheduler_config.json", changed("generator/scheduler/scheduler_config.json", keys))


def cases_of_safetensors():
    """Headers; every one in the place of adapters and of weights, and looked at by inspect."""
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    headers = {
        "no bytes": b"", "seven bytes": b"1234567", "a header of all the memory": b"\xff" * 16, "nested": safetensors(b"[" * DEEP),
        "nested objects": safetensors(b'{"a":' * DEEP), "a shape that overflows": safetensors({"a": dict(entry, shape=[2**40, 2**40])}, bytes(8)),
        "a shape with nothing and 2^63": safetensors({"a": dict(entry, shape=[0, 2**63], data_offsets=[0, 0])}),
        "a million dimensions": safetensors({"a": dict(entry, shape=[1] * 1_000_000 + [2])}, bytes(8)),
        "offsets backwards": safetensors({"a": dict(entry, data_offsets=[8, 0])}, bytes(8)),
        "offsets beyond": safetensors({"a": dict(entry, data_offsets=[0, 2**63])}, bytes(8)),
        "tensors that overlap": safetensors({"a": entry, "b": entry}, bytes(8)),
        "a tensor twice": safetensors(b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(8)),
        "a dtype of ten megabytes": safetensors({"a": dict(entry, dtype="F" * 10_000_000)}, bytes(8)),
        "a name of escapes": safetensors({"\x1b[2J\x1b[31m\u202e" * 1000: dict(entry, shape=[3])}, bytes(8)),
        "metadata that is a list": safetensors({"__metadata__": [], "a": entry}, bytes(8)),
        "a pickle": b"PK\x03\x04" + bytes(100), "a GGUF file": b"GGUF" + bytes(100), "a web page": b"<!DOCTYPE html>" + b" " * 100,
        "a pointer of git-lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "three million tensors": safetensors(b"{" + b",".join(b'"%d":[]' % i for i in range(3_000_000)) + b"}"),
    }
    for name, value in headers.items():
        yield f"adapters: {name}", *adapters(value)
        yield f"transformer: {name}", *generator(WEIGHTS[0], value)
    for name in ("no bytes", "nested", "a name of escapes", "a million dimensions"):
        yield f"inspect: {name}", {"a.safetensors": headers[name]}, ["inspect", "{dir}/a.safetensors"]
    for name in ("a pipe", "a link to itself"):
        yield f"adapters: {name}", *adapters(Special("pipe") if name == "a pipe" else Special("link", "a.safetensors"))


def cases_of_indexes():
    """index.json in the place of the transformer's weights."""
    def index(value):
        files = {"generator/transformer/diffusion_pytorch_model.safetensors.index.json": value if isinstance(value, bytes) else json.dumps(value).encode()}
        for part in ("model_index.json", "vae", "text_encoder", "tokenizer", "scheduler"):
            if part.endswith(".json"):
                files["generator/" + part] = (ASSETS / "generator" / part).read_bytes()
            else:
                files["generator/" + part] = Special("models", "generator/" + part)
        files["generator/transformer/config.json"] = (ASSETS / "generator/transformer/config.json").read_bytes()
        return files, SAMPLE

    yield "index: nested", *index(b"[" * DEEP)
    yield "index: no map", *index({"weight_map": []})
    yield "index: a shard above the folder", *index({"weight_map": {"a": "../../../etc/passwd"}})
    yield "index: a shard that is the folder", *index({"weight_map": {"a": "."}})
    yield "index: a shard without a name", *index({"weight_map": {"a": ""}})
    yield "index: a shard that is a number", *index({"weight_map": {"a": 3}})
    yield "index: a shard of ten megabytes", *index({"weight_map": {"a": "\x1b" * 2_000_000}})
    yield "index: a hundred thousand shards", *index({"weight_map": {str(i): f"{i}.safetensors" for i in range(100_000)}})
    yield "index: a pipe", {**index(b"")[0], "generator/transformer/diffusion_pytorch_model.safetensors.index.json": Special("pipe")}, SAMPLE


def cases_of_tokenizers():
    bpe = json.loads((ASSETS / "critic/tokenizer.json").read_text())

    def edited(**parts):
        return critic("tokenizer.json", json.dumps({**bpe, **parts}).encode())

    def split(pattern):
        steps = [{"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}, {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}]
        return edited(pre_tokenizer={"type": "Sequence", "pretokenizers": steps})

    deep = {"type": "NFC"}
    for _ in range(5000):
        deep = {"type": "Sequence", "normalizers": [deep]}
    # Patterns that end in a class: for a letter that must be there PCRE2 looks first, and makes no step without it.
    yield "tokenizer: a pattern that backtracks", *split("(([a-zA-Z ]+)+)+[!;]")
    yield "tokenizer: a pattern that doubles", *split("(a|aa)+(?:[A-Za-z ?]*)*(?:[A-Za-z ?]*)*(?:[A-Za-z ?]*)*[!;]")
    yield "tokenizer: a pattern of megabytes", *split("a" * 5_000_000)
    yield "tokenizer: a pattern of open groups", *split("(" * 50_000)
    yield "tokenizer: a pattern that recurses", *split("(?R)?a(?1)(b(?1))")
    yield "tokenizer: a pattern with huge counts", *split("(?:(?:a{1000}){1000}){1000}")
    doubling = [{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}] * 90
    yield "tokenizer: replacements that double", *edited(normalizer={"type": "Sequence", "normalizers": doubling})
    yield "tokenizer: a replacement of megabytes", *edited(normalizer={"type": "Replace", "pattern": {"String": "a"}, "content": "b" * 5_000_000})
    yield "tokenizer: a hundred thousand steps", *edited(normalizer={"type": "Sequence", "normalizers": [{"type": "NFC"}] * 100_000})
    level = {"type": "ByteLevel", "add_prefix_space": True, "use_regex": False}
    yield "tokenizer: bytes of bytes of bytes", *edited(pre_tokenizer={"type": "Sequence", "pretokenizers": [level] * 90})
    yield "tokenizer: an id of a billion", *edited(model={**bpe["model"], "vocab": {**bpe["model"]["vocab"], "zzz": 10**9}})
    yield "tokenizer: a negative id", *edited(model={**bpe["model"], "vocab": {**bpe["model"]["vocab"], "zzz": -1}})
    yield "tokenizer: an id beyond 2^63", *edited(model={**bpe["model"], "vocab": {**bpe["model"]["vocab"], "zzz": 2**64 - 1}})
    yield "tokenizer: merges of numbers", *edited(model={**bpe["model"], "merges": [1, 2, 3]})
    yield "tokenizer: a merge of ten megabytes", *edited(model={**bpe["model"], "merges": ["\x1b" * 2_000_000 + " b"]})
    yield "tokenizer: an added token with a huge id", *edited(added_tokens=[{"id": 2**62, "content": "x"}])
    yield "tokenizer: no vocabulary", *edited(model={"type": "BPE"})
    yield "tokenizer: a post-processor of nothing", *edited(post_processor={"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]})
    unigram = json.loads((ASSETS / "generator/tokenizer/tokenizer.json").read_text())
    for name, model in {"no pieces": {"type": "Unigram", "vocab": []}, "pieces that are numbers": {"type": "Unigram", "vocab": [1, 2]},
                        "no type": {"vocab": {}}, "another type": {"type": "\x1b[2J" * 100_000}}.items():
        yield f"unigram: {name}", *generator("tokenizer/tokenizer.json", json.dumps({**unigram, "model": model}).encode())
    for value in (10**18, -1):
        yield f"unigram: extra_ids {value}", *generator("tokenizer/tokenizer_config.json", json.dumps({"tokenizer_class": "T5Tokenizer", "extra_ids": value}).encode())
    spiece = (ASSETS / "generator/tokenizer/spiece.model").read_bytes()
    for name, value in {"half": spiece[: len(spiece) // 2], "nothing": b"", "zeros": bytes(100_000), "ones": b"\xff" * 100_000,
                        "turned": bytes(255 - byte for byte in spiece), "pipe": Special("pipe"), "device": Special("link", "/dev/zero")}.items():
        yield f"spiece.model: {name}", {"t/spiece.model": value}, ["tokenize", "--tokenizer", "{dir}/t"]
    base = changed("critic/tokenizer_config.json", ("chat_template", ...))
    for name, value in {"a tag that does not end": b"{% for x in y", "quotes that do not end": b"{{ 'a", "a program": b"{% for i in range(10**9) %}{{ i }}{% endfor %}",
                        "a million tags": b"{% if x %}" * 1_000_000, "a million comments": b"{#" * 1_000_000, "escapes": b"\x1b[2J" * 100_000,
                        "not UTF-8": b"\xff\xfe\x80" * 1000, "megabytes of text": b"a" * 20_000_000}.items():
        files, command = critic("tokenizer_config.json", base)
        yield f"template: {name}", {**files, "critic/chat_template.jinja": value}, command
    for name, value in {"a pipe": Special("pipe"), "a device": Special("link", "/dev/zero"), "a link to itself": Special("link", "chat_template.jinja")}.items():
        files, command = critic("tokenizer_config.json", base)
        yield f"template: {name}", {**files, "critic/chat_template.jinja": value}, command
    files, command = critic("tokenizer_config.json", changed("critic/tokenizer_config.json", ("chat_template", [{"name": "x"}])))
    yield "template: a list without a default", files, command


def cases_of_adapters():
    nan, inf = struct.pack("<f", float("nan")), struct.pack("<f", float("inf"))
    layer = "transformer.blocks.0.attn1.to_q"
    yield "alpha is NaN", *adapters(pair(extra={layer + ".alpha": ("F32", [], nan)}))
    yield "alpha is infinite", *adapters(pair(extra={layer + ".alpha": ("F32", [], inf)}))
    yield "alpha is a list", *adapters(pair(extra={layer + ".alpha": ("F32", [3], bytes(12))}))
    yield "alpha is negative", *adapters(pair(lora_metadata(r=4, lora_alpha=-4)))
    yield "alpha is text", *adapters(pair(lora_metadata(r=4, lora_alpha="\x1b[2J" * 1_000_000)))
    yield "alpha_pattern backtracks", *adapters(pair(lora_metadata(r=4, lora_alpha=4, alpha_pattern={"(([a-z0-9_.]+)+)+[!;]": 8})))
    yield "alpha_pattern doubles", *adapters(pair(lora_metadata(r=4, lora_alpha=4, alpha_pattern={"(.*)*(.*)*(.*)*(.*)*[!;]": 8})))
    yield "alpha_pattern: thousands that are slow", *adapters(pair(lora_metadata(r=4, lora_alpha=4, alpha_pattern={f"{'[a-z0-9_.]*' * 6}(?:{i})?[!;]": 8 for i in range(9000)})))
    yield "alpha_pattern: a hundred thousand", *adapters(pair(lora_metadata(r=4, lora_alpha=4, alpha_pattern={f"l{i}": 8 for i in range(100_000)})))
    yield "alpha_pattern: a million", *adapters(pair(lora_metadata(r=4, lora_alpha=4, alpha_pattern={f"l{i}": 8 for i in range(1_000_000)})))
    yield "alpha_pattern is no pattern", *adapters(pair(lora_metadata(r=4, lora_alpha=4, alpha_pattern={"(": 8})))
    yield "alpha_pattern is a list", *adapters(pair(lora_metadata(r=4, lora_alpha=4, alpha_pattern=[8])))
    yield "metadata nests", *adapters(pair({"lora_adapter_metadata": "[" * DEEP}))
    yield "metadata is another network's", *adapters(pair({"lora_adapter_metadata": json.dumps({"text_encoder.lora_alpha": 4})}))
    yield "weights are NaN", *adapters(pair(extra={layer + ".lora_A.weight": ("F32", [4, 160], nan * 640)}))
    yield "weights are whole numbers", *adapters(pair(extra={layer + ".lora_A.weight": ("I32", [4, 160], bytes(2560))}))
    yield "a rank of nothing", *adapters(pair(rank=0))
    yield "a layer of ten megabytes", *adapters(pair(name="transformer." + "x" * 5_000_000))
    yield "a layer of escapes", *adapters(pair(name="transformer.\x1b[2J\x1b]0;title\x07"))
    yield "half a pair", *adapters(pair(extra={"transformer.blocks.0.attn1.to_k.lora_A.weight": ("F32", [4, 160], bytes(2560))}))
    for name, config in {"nests": b"[" * DEEP, "is no object": b"3", "has a huge rank": json.dumps({"r": 10**18, "lora_alpha": 1}).encode(),
                         "is of another method": json.dumps({"r": 4, "peft_type": "\x1b[2J"}).encode()}.items():
        files, command = adapters(b"")
        del files["a.safetensors"]
        files.update({"p/adapter_model.safetensors": pair(name="base_model.model.blocks.0.attn1.to_q"), "p/adapter_config.json": config})
        yield f"adapter_config.json {name}", files, command[:-1] + ["{dir}/p"]
    files, command = adapters(b"")
    yield "an adapter folder that is empty", {**files, "p/x": b""}, command[:-1] + ["{dir}/p"]
    yield "an adapter of thousands of letters", files, command[:-1] + ["{dir}/" + "a" * 5000]


def cases():
    for make in (cases_of_places, cases_of_numbers, cases_of_safetensors, cases_of_indexes, cases_of_tokenizers, cases_of_adapters):
        yield from make()


def complaints(drf, name, files, command):
    """What is wrong with drf's answer to one case: a list of phrases, empty if nothing is."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, files)
        before = sorted(str(path) for path in pathlib.Path(folder).rglob("*"))
        arguments = [drf, *(argument.replace("{dir}", folder) for argument in command), *(["--threads", "1"] if command[0] in ("sample", "score") else [])]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.monotonic()
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            clock = threading.Timer(SECONDS, process.kill)
            clock.start()
            _, status, usage = os.wait4(process.pid, 0)
            clock.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            err.seek(0)
            said = err.read()
        wrong = []
        if time.monotonic() - start >= SECONDS:
            wrong.append(f"took more than {SECONDS} s")
        if process.returncode not in (2, 3, 5):
            wrong.append(f"exit code {process.returncode}")
        if usage.ru_maxrss * 1024 > BYTES:
            wrong.append(f"took {usage.ru_maxrss >> 20} GiB")
        if said.count(b"\n") > 4 or len(said) > 4000:
            wrong.append(f"said {said.count(bytes([10]))} lines, {len(said)} bytes")
        if any(byte < 32 and byte != 10 or byte == 127 for byte in said):
            wrong.append("raw control characters")
        if not said.strip():
            wrong.append("said nothing")
        if sorted(str(path) for path in pathlib.Path(folder).rglob("*")) != before:
            wrong.append("left files behind")
        return wrong, said


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    verbose = len(sys.argv) > 3
    count = bad = 0
    for name, files, command in cases():
        if only not in name:
            continue
        count += 1
        wrong, said = complaints(sys.argv[1], name, files, command)
        if wrong or verbose:
            bad += bool(wrong)
            print(f"{'BAD' if wrong else 'ok'}  {name[:100]}: {'; '.join(wrong)} | {said[-300:].decode(errors='replace').strip()}", flush=True)
    print(f"{count} hostile files, {bad} mishandled")
    sys.exit(bad != 0)
