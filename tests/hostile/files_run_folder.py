"""The files of a run folder that drf report reads, standard input, and paths."""

import os

from box import ASSETS, CRITIC, DEEP, LONG, Case, kind, special_files, write

FAR = 10 << 20


@kind("run folder")
def run_folders(t):
    def run(name, codes=(3,), config="seed = 0\n", endless=False, **files):
        folder = t / f"run-{len(list(t.iterdir()))}"
        write(folder / "config.toml", config)
        if endless:
            (folder / "endless").symlink_to("/dev/zero")
        for file, content in files.items():
            write(folder / file.replace("__", "."), content)
        return Case(name, ["report", folder], codes=codes)

    evaluation = {
        "cut off": '{"title":"x","rows":[', "an array": "[]", "a number as title": '{"title":7}', "a list as note": '{"note":[]}',
        "rows that are none": '{"rows":7}', "a row without numbers": '{"rows":[{"name":"TA"}]}', "a text for a number":
        '{"rows":[{"name":"TA","base":"x","after":1}]}', "nested lists": "[" * DEEP, "nested rows": '{"rows":' + "[" * DEEP + "]" * DEEP + "}",
        "questions that are none": '{"questions":7}', "a question without numbers":
        '{"questions":[{"prompt":"p","text":"t","aspect":"TA","answer":"Yes"}]}', "bytes": bytes(range(256)), "clips out of the folder": '{"clips":[{"prompt":"p","file":"../../../../etc/passwd"}]}',
        "an absolute clip": '{"clips":[{"prompt":"p","file":"/etc/passwd"}]}', "a clip that is a device": '{"clips":[{"prompt":"p","file":"endless"}]}',
        "a clip of 5,000 letters": '{"clips":[{"prompt":"p","file":"' + "n" * LONG + '"}]}', "a title of megabytes and no more": '{"title":"' +
        "x" * (20 << 20) + '"}', "nothing": ""
    }
    for name, content in evaluation.items():
        yield run(f"evaluation.json: {name}", endless=name == "a clip that is a device", evaluation__json=content)
    yield run("evaluation.json: nulls", codes=(0,), evaluation__json='{"title":"x","rows":[{"name":"TA","base":0.5,"after":null}]}')
    yield run("metrics.jsonl: a line cut off", codes=(0,), metrics__jsonl='{"update":1,"reward":1}\n{"update":2,"rew')
    yield run("metrics.jsonl: not a number", codes=(0,), metrics__jsonl='{"update":1,"reward":NaN}\n{"update":2,"reward":null}\n')
    yield run("metrics.jsonl: bytes", codes=(0,), metrics__jsonl=bytes(range(256)) * 100)
    yield run("metrics.jsonl: nested lines", codes=(0,), metrics__jsonl=("[" * DEEP + "\n") * 3)
    yield run("metrics.jsonl: huge numbers", codes=(0,), metrics__jsonl='{"update":1e308,"reward":-1e308}\n{"update":-1e308,"reward":1e308}\n')
    yield run("metrics.jsonl: numbers too close to tell apart", codes=(0,), metrics__jsonl='{"update":1,"reward":1e16}\n{"update":2,"reward":10000000000000002}\n')
    yield run("metrics.jsonl: a hundred thousand updates", codes=(0,), metrics__jsonl="".join('{"update":%d,"reward":1}\n' % i for i in range(100_000)))
    yield run("metrics.jsonl: many keys", codes=(0,), metrics__jsonl="{" + ",".join(f'"k{i}":{i}' for i in range(100_000)) + ',"update":1}\n')
    yield run("metrics.jsonl: updates that are none", codes=(0,), metrics__jsonl='{"update":-1e300,"a":1}\n{"update":null,"a":1}\n{"update":1e300,"a":1}\n')
    yield run("metrics.jsonl: alarms without end", codes=(0,), metrics__jsonl="".join('{"update":%d,"alarm/a%d":1,"alarm/b":1}\n' % (i, i) for i in range(10_000)))
    yield run("config.toml that nests", codes=(0,), config="a = " + "[" * DEEP + "\n")
    both = [run("two runs", codes=(0,), metrics__jsonl='{"update":1,"reward":1}\n').arguments[1] for _ in range(2)]
    yield Case("two runs", ["report", *both, "-o", t / "both.html"], codes=(0,))
    yield Case("a run beside what is none", ["report", both[0], t, "-o", t / "none.html"], codes=(3,))
    yield Case("a page on a folder", ["report", *both, "-o", t], codes=(2,))
    yield run("config.toml of megabytes", config="#" + "x" * FAR)
    yield run("config.toml that is a page", codes=(0,), config="<script>alert(1)</script>\x1b[2J\n")
    for file in ("config.toml", "evaluation.json", "metrics.jsonl"):
        for name, path in special_files(t / f"special-{file}"):
            if not path.parent.is_dir() or len(path.name) > 200:
                continue
            folder = t / f"{file}-{name.replace(' ', '-')}"
            write(folder / "config.toml", "seed = 0\n")
            if file == "config.toml":
                (folder / file).unlink()
            path.rename(folder / file)
            if path.name.startswith("loop"):
                (folder / file).unlink()
                (folder / file).symlink_to(file)
            yield Case(f"{file} is a {name}", ["report", folder], codes=(3,))
    for name, path in special_files(t / "special"):
        yield Case(f"the folder is a {name}", ["report", path], codes=(3,))


@kind("path")
def paths(t):
    loop = t / "loop"
    loop.symlink_to("loop")
    long_name, long_path = "n" * LONG, "/".join(["n" * 200] * 40)
    for what, path in {"a link to itself": loop, "a name of 5,000 letters": long_name, "a path of 8,000 letters": long_path, "escapes":
                       "\x1b[2J\x1b]0;x\x07", "a path below a link to itself": loop / "x", "not UTF-8": b"\xc4\xe3\xba\xc3"}.items():
        yield Case(f"inspect {what}", ["inspect", path], codes=(3,))
        yield Case(f"inspect --json {what}", ["inspect", path, "--json"], codes=(3,))
        yield Case(f"sample --model {what}", ["sample", "--model", path, "--prompt", "x", "--save-latents", t / "x"], codes=(3,))
        yield Case(f"score --critic {what}", ["score", "--critic", path, "--frames", "f", "--questions", ASSETS / "questions.json"], codes=(3,))
        yield Case(f"tokenize {what}", ["tokenize", "--tokenizer", path], codes=(3,))
        yield Case(f"questions -o {what}", ["questions", ASSETS / "prompts.txt", "-o", b"/proc/none/" + os.fsencode(path)], codes=(2, 3, 5))
    (t / "\udcc4\udce3.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    yield Case("inspect a file whose name is not UTF-8", ["inspect", t / "\udcc4\udce3.safetensors", "--json"], codes=(0, 3))


@kind("standard input")
def standard_input(t):
    tokenize = ["tokenize", "--tokenizer", CRITIC]
    yield Case("an endless line", tokenize, stdin="/dev/zero", codes=(3,))
    yield Case("bytes", tokenize, stdin=bytes(range(128, 256)), codes=(3,))
    yield Case("ids beyond the vocabulary", tokenize + ["--decode"], stdin=b"99999999 1\n", codes=(3,))
    yield Case("nested ids", tokenize + ["--decode"], stdin=b"[" * DEEP, codes=(3,))
    yield Case("escapes for ids", tokenize + ["--decode"], stdin=b"\x1b[2J\n", codes=(3,))
    yield Case("ids of megabytes", tokenize + ["--decode"], stdin=b"x" * FAR, codes=(3,))
    yield Case("half a character", tokenize + ["--decode", "--json"], stdin=b"[160]\n", codes=(0,))
