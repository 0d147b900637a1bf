"""Configurations, prompt files, question files and template sets."""

import json

from box import ASSETS, CRITIC, DEEP, GENERATOR, Case, kind, safetensors, special_files, write

FAR = 10 << 20  # bytes that no message may repeat


@kind("configuration")
def configurations(t):
    def toml(name, content, **more):
        return Case(name, ["plan", write(t / f"{len(list(t.iterdir()))}.toml", content)], codes=(2,), **more)

    yield toml("nested lists", "x = " + "[" * DEEP)
    yield toml("nested closed lists", "x = " + "[" * DEEP + "]" * DEEP)
    yield toml("nested inline tables", "x = " + "{a=" * DEEP)
    yield toml("dotted key", "a" + ".a" * DEEP + " = 1")
    yield toml("dotted table", "[a" + ".a" * DEEP + "]\nx = 1")
    yield toml("dotted array of tables", "[[a" + ".a" * DEEP + "]]\nx = 1")
    yield toml("dotted key in an inline table", "x = {a" + ".a" * DEEP + " = 1}")
    yield toml("bytes", bytes(range(256)) * 40)
    yield toml("megabytes of a comment", "#" + "x" * FAR)
    yield toml("megabytes of a string", 'seed = "' + "x" * (1 << 19) + '"')
    yield toml("a long key", "x" * (1 << 19) + " = 1")
    yield toml("many keys", "".join(f"k{i} = 1\n" for i in range(60_000)))
    yield toml("the same key twice", "seed = 1\nseed = 2\n")
    yield toml("UTF-16", "seed = 1\n".encode("utf-16"))
    yield toml("escapes in a key", '"\\u001b[2J" = 1\n')
    yield toml("escapes in a value", '[flow]\npolicy = "\\u001b[2J\\u001b]0;x\\u0007"\n')
    yield toml("numbers beyond 64 bits", "seed = 99999999999999999999999\n")
    yield toml("not finite", "[train]\nlr = inf\n")
    yield toml("not a number", "[train]\nlr = nan\n")
    yield toml("an unfinished string", 'seed = "' + "a" * 1000)
    yield toml("empty", "")
    yield toml("a list of megabytes for a number", "seed = [" + "1," * 100_000 + "1]")
    base = "".join(f"{key} = \"{value}\"\n" for key, value in
                   {"generator.path": GENERATOR, "critic.path": CRITIC, "prompts.train": ASSETS / "prompts.txt", "output.dir": t / "run"}.items())
    for key, value in {"sampling.fps": "1e-300", "sampling.shift": "1e300", "sampling.guidance": "1e300", "sampling.frames": "9000000000",
                       "sampling.width": "65536000", "critic.max_pixels": "1", "lora.rank": "99999999"}.items():
        yield toml(f"{key} = {value}", base + f"{key} = {value}\n")
    for name, path in special_files(t / "special", ".toml"):
        yield Case(name, ["plan", path], codes=(2, 3))
    yield Case("--set with nested lists", ["plan", write(t / "base.toml", base), "--set", "flow.steps=" + "[" * 60_000], codes=(2,))
    yield Case("--set with a dotted key", ["plan", t / "base.toml", "--set", "flow.steps={a" + ".a" * 30_000 + "=1}"], codes=(2,))


@kind("prompt file")
def prompt_files(t):
    def prompts(name, content, ending=".txt", codes=(3,), **more):
        return Case(name, ["questions", write(t / f"{len(list(t.iterdir()))}{ending}", content), "-o", t / "out.jsonl"], codes=codes, **more)

    yield prompts("nothing", "")
    yield prompts("lines that show nothing", "\u3000\n\u00a0\n\u200b\n\ufeff\n")
    yield prompts("a prompt of megabytes", "x" * FAR)
    yield prompts("a prompt of megabytes of escapes", "\x1b[2J" * (FAR // 4))
    yield prompts("zeros", b"\0" * 100_000)
    yield prompts("UTF-16", "a red ball\n".encode("utf-16"))
    yield prompts("UTF-32", "a red ball\n".encode("utf-32"))
    yield prompts("not UTF-8", b"a \xff\xfe ball\n" * 3)
    yield prompts("surrogates", b"a \xed\xa0\x80 ball\n")
    yield prompts("a program", open("/bin/sh", "rb").read())
    yield prompts("a spreadsheet", b"PK\x03\x04" + b"\0" * 100, ".xlsx")
    yield prompts("a YAML list", "- a red ball\n", ".yaml")
    yield prompts("nested JSON", '{"prompt":' + "[" * DEEP, ".jsonl")
    yield prompts("nested closed JSON", '{"prompt":' + "[" * DEEP + "]" * DEEP + "}", ".jsonl")
    yield prompts("nested JSON under another key", '{"prompt":"a","x":' + "[" * DEEP + "]" * DEEP + "}", ".jsonl")
    yield prompts("a nested JSON array", "[" * DEEP + "]" * DEEP, ".json")
    yield prompts("a nested JSON array as text", "[" * DEEP + "]" * DEEP)
    yield prompts("a JSON array cut off", '["a red ball", "a blue', ".json")
    yield prompts("a number of a million digits", '{"prompt":' + "9" * 1_000_000 + "}", ".jsonl")
    yield prompts("a key of megabytes", '{"' + "k" * FAR + '":1}', ".jsonl")
    yield prompts("many keys", "{" + ",".join(f'"k{i}":1' for i in range(100_000)) + "}", ".JSONL")
    yield prompts("escapes in JSON", '{"prompt":"\\u001b[2J"}', ".jsonl")
    yield prompts("a lone surrogate in JSON", '{"prompt":"\\ud800"}', ".jsonl")
    yield prompts("a table without the column", "id,caption\n1,a red ball\n", ".csv")
    yield prompts("a quote that never closes", 'prompt\n"' + "a red ball\n" * 100_000, ".csv")
    yield prompts("rows of other lengths", "prompt,id\na,b,c,1\n", ".csv")
    yield prompts("a table of a million commas", "prompt" + "," * 1_000_000 + "\na\n", ".csv")
    yield prompts("an empty row in a table", 'prompt,id\n"",1\n', ".csv")
    yield prompts("a table's header in a text file", "prompt,id\na red ball,1\n")
    yield prompts("the longest prompt that is taken", "a red ball and " * 540 + "a cat", codes=(0,))
    yield prompts("a prompt of brackets", "(" * 8_000, codes=(0,))
    yield prompts("a prompt of commas", "a," * 4_000, codes=(0,))
    for name, path in special_files(t / "special", ".txt"):
        yield Case(name, ["questions", path, "-o", t / "out.jsonl"], codes=(3,))


@kind("question file")
def question_files(t):
    frames = safetensors(t / "f.safetensors", {"frames": ([2, 3, 16, 16], b"\0\0\0\x3f" * (2 * 3 * 16 * 16))})
    good = {"id": "a", "prompt": 0, "aspect": "TA", "kind": "yes_no", "text": "Is the ball red?", "answer": "Yes"}

    def questions(name, content, codes=(3,), **more):
        file = write(t / f"{len(list(t.iterdir()))}.jsonl", content)
        return Case(name, ["score", "--critic", CRITIC, "--frames", frames, "--questions", file, "--threads", "1"], codes=codes, **more)

    def line(**changes):
        return json.dumps({**good, **changes}) + "\n"

    yield questions("nothing", "")
    yield questions("a text of megabytes", line(text="x" * FAR))
    yield questions("an answer of megabytes", line(kind="dense", answer="red " * (FAR // 4)))
    yield questions("an id of megabytes", line(id="x" * FAR))
    yield questions("a line of megabytes that is no JSON", "x" * FAR)
    yield questions("escapes in a text", line(text="\x1b[2J red?"))
    yield questions("escapes in an id", line(id="\x1b]0;x\x07"))
    yield questions("escapes in an unknown key", line(**{"\x1b[2J": 1}))
    yield questions("a nested weight", line(weight=0).replace('"weight": 0', '"weight": ' + "[" * DEEP + "]" * DEEP))
    yield questions("a weight of 1e999", line(weight=0).replace('"weight": 0', '"weight": 1e999'))
    yield questions("a weight below zero", line(weight=-1))
    yield questions("a prompt of -1", line(prompt=-1))
    yield questions("a prompt beyond 64 bits", line(prompt=1 << 70))
    yield questions("a text that shows nothing", line(text="\u3000\u200b"))
    yield questions("UTF-16", line().encode("utf-16"))
    yield questions("an array", json.dumps([good]))
    yield questions("a hundred thousand questions for one clip", "".join(line(id=str(i)) for i in range(100_000)))
    yield questions("long texts for one clip", "".join(line(id=str(i), text="red " * 4_000) for i in range(60)))
    for name, path in special_files(t / "special", ".jsonl"):
        yield Case(name, ["score", "--critic", CRITIC, "--frames", frames, "--questions", path], codes=(3,))


@kind("marks of questions")
def marks_of_questions(t):
    prompts = write(t / "p.txt", "a red ball\n")
    judged = write(t / "q.jsonl", json.dumps({"id": "a", "prompt": 0, "aspect": "TA", "kind": "yes_no", "text": "Is it red?", "answer": "Yes"}))
    header = {"marks": 1, "questions": "0" * 16, "prompts": "0" * 16}
    prompt = {"prompt": 0, "prompt_text": "a red ball", "missed": [], "whole": True}
    mark = {"id": "a", "prompt": 0, "aspect": "TA", "kind": "yes_no", "text": "Is it red?", "answer": "Yes", "verdict": "valid"}

    def marks(name, lines, codes=(3,)):
        content = lines if isinstance(lines, (str, bytes)) else "".join(json.dumps(line) + "\n" for line in lines)
        file = write(t / f"{len(list(t.iterdir()))}.jsonl", content)
        return Case(name, ["questions", prompts, "--judge", judged, "--marks", file, "-o", t / "out.html"], codes=codes)

    yield marks("nothing", "")
    yield marks("no header", [prompt, mark])
    yield marks("another version", [{**header, "marks": 2}, prompt, mark])
    yield marks("a digest of megabytes", [{**header, "questions": "x" * FAR}, prompt, mark])
    yield marks("a sample of -1", [{**header, "sample": {"prompts": -1, "of": 1, "seed": 0}}, prompt, mark])
    yield marks("a sample beyond 64 bits", [{**header, "sample": {"prompts": 1, "of": 1 << 70, "seed": 0}}, prompt, mark])
    yield marks("a sample that is a list", [{**header, "sample": [1]}, prompt, mark])
    yield marks("a huge sample, where none is drawn", [{**header, "sample": {"prompts": 1, "of": 1 << 62, "seed": 0}}, prompt, mark], codes=(0,))
    yield marks("a prompt of -1", [header, {**prompt, "prompt": -1}, mark])
    yield marks("a prompt far away", [header, {**prompt, "prompt": 1 << 62}, {**mark, "prompt": 1 << 62}], codes=(0,))
    yield marks("missed facts that are no list", [header, {**prompt, "missed": "x"}, mark])
    yield marks("a missed fact of megabytes", [header, {**prompt, "missed": ["x" * FAR]}, mark])
    yield marks("a missed fact with escapes", [header, {**prompt, "missed": ["\x1b[2J"]}, mark])
    yield marks("nested missed facts", "".join([json.dumps(header), '\n{"prompt":0,"missed":', "[" * DEEP, "]" * DEEP, "}\n"]))
    yield marks("an unknown verdict with escapes", [header, prompt, {**mark, "verdict": "\x1b[2J"}])
    yield marks("a verdict that is a number", [header, prompt, {**mark, "verdict": 1}])
    yield marks("an unknown aspect with escapes", [header, prompt, {**mark, "aspect": "\x1b[2J"}])
    yield marks("a kind that is a number", [header, prompt, {**mark, "kind": 1}])
    yield marks("no aspect, as files of before have none", [header, prompt, {key: mark[key] for key in mark if key != "aspect"}])
    yield marks("not UTF-8", json.dumps(header).encode() + b'\n{"prompt":\xff}\n')
    yield marks("marks for a mark that has no prompt", [header, mark])
    for name, path in special_files(t / "special", ".jsonl"):
        yield Case(name, ["questions", prompts, "--judge", judged, "--marks", path], codes=(3,))


@kind("template set")
def template_sets(t):
    prompts = write(t / "p.txt", "a" * 60 + "b\n")
    question = {"aspect": "TA", "kind": "yes_no", "text": "Is it {s}?", "answer": "Yes"}

    def templates(name, content, **more):
        file = write(t / f"{len(list(t.iterdir()))}.json", content if isinstance(content, (str, bytes)) else json.dumps(content))
        return Case(name, ["questions", prompts, "--templates", file, "-o", t / "out.jsonl"], codes=(3,), **more)

    slots = {f"s{i}": ["a", "aa", "aaa"] for i in range(40)}
    yield templates("a pattern that can be read in many ways",
                    {"slots": slots, "patterns": ["".join(f"{{{s}}}" for s in slots)], "questions": [{**question, "text": "Is it {s0}?"}]})
    yield templates("a question that repeats the prompt", {"slots": {"s": ["a"]}, "patterns": ["{s}" + "a" * 59 + "b"],
                                                           "questions": [{**question, "text": "{prompt}" * 2_000}]})
    yield templates("a million values", {"slots": {"s": [str(i) for i in range(1_000_000)]}, "patterns": ["{s}"], "questions": [question]})
    yield templates("a pattern of megabytes", {"slots": {"s": ["a"]}, "patterns": ["{s}" * 1_000_000], "questions": [question]})
    yield templates("nested lists", '{"slots":' + "[" * DEEP + "]" * DEEP + "}")
    yield templates("a nested value", '{"slots":{"s":[' + "[" * DEEP + "]" * DEEP + "]}}")
    yield templates("an array", "[]")
    yield templates("nothing", "")
    yield templates("bytes", bytes(range(256)))
    yield templates("a weight of 1e999", json.dumps({"slots": {"s": ["a"]}, "patterns": ["{s}"], "questions": [{**question, "weight": 0}]}).replace(
        '"weight": 0', '"weight": 1e999'))
    for name, path in special_files(t / "special", ".json"):
        yield Case(name, ["questions", prompts, "--templates", path, "-o", t / "out.jsonl"], codes=(3,))
