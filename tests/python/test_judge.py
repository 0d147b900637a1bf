"""`drf questions --judge`: the figures equal a computation of our own in Python, and the page works in a browser.

The page's tests need a headless Chromium (browser.py); where there is none they skip and say so.
"""

import json
import math
import pathlib
import random
import re
import subprocess

import pytest
from browser import Browser, find
from conftest import BINARY, ROOT

VERDICTS = ["valid", "wrong target", "contradicts the prompt", "nonsense or ungrammatical", "unanswerable or not one fact",
            "duplicate"]
HOSTILE = ["</script><script>document.title='broken'</script>", "<!--<script>", "]]>", "\"'`${1}\\u003c \\", "a\u2028b\u2029c",
           "<img src=x onerror=document.title='broken'>", "\u202eright to left", "&lt;b&gt; & </textarea></title>", "__proto__",
           "日本語の質問 👩‍👩‍👧", "two\nlines", "https://example.com/a.png", "constructor"]
chromium = pytest.mark.skipif(find() is None, reason="no Chromium here: the page of --judge is not opened")


def question(prompt, n, text, answer="Yes", aspect="TA", kind="yes_no"):
    return {"id": f"p{prompt}-q{n}", "prompt": prompt, "aspect": aspect, "kind": kind, "text": text, "answer": answer}


class Files:
    def __init__(self, folder, prompts, questions):
        self.folder, self.prompts_list, self.questions_list = folder, prompts, questions
        self.prompts, self.questions, self.marks = folder / "prompts.jsonl", folder / "q.jsonl", folder / "marks.jsonl"
        self.prompts.write_text("".join(json.dumps({"prompt": p}) + "\n" for p in prompts))
        self.questions.write_text("".join(json.dumps(q) + "\n" for q in questions))

    def page(self, drf, *more):
        drf("questions", self.prompts, "--judge", self.questions, "-o", self.folder / "judge.html", *more)
        return self.folder / "judge.html"

    def header(self, page):
        return json.loads(data_of(page)["header"])

    def write_marks(self, drf, marks, missed, sample=()):
        """marks: {id: verdict}; missed: {prompt: [facts]} of the whole prompts."""
        lines = [self.header(self.page(drf, *sample))]
        by_id = {q["id"]: q for q in self.questions_list}
        touched = {by_id[i]["prompt"] for i in marks} | set(missed)
        for p in sorted(touched):
            lines.append({"prompt": p, "prompt_text": self.prompts_list[p], "missed": missed.get(p, []), "whole": p in missed})
        for i, verdict in marks.items():
            q = by_id[i]
            lines.append({k: q[k] for k in ("id", "prompt", "aspect", "kind", "text", "answer")} | {"verdict": verdict})
        self.marks.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def figures(self, drf):
        return json.loads(drf("questions", self.prompts, "--judge", self.questions, "--marks", self.marks, "--json"))


def data_of(page):
    text = pathlib.Path(page).read_text()
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])


def interval(counts):
    """Wilson's interval of a share over clusters, from the formulas of docs/questions.md."""
    counts = [(hits, of) for hits, of in counts if of]
    n, hits = sum(of for _, of in counts), sum(h for h, _ in counts)
    if not n:
        return None
    p, m = hits / n, len(counts)
    seen = m / max(1, m - 1) * sum((h - p * of) ** 2 for h, of in counts) / n**2 / (p * (1 - p) / n) if 0 < p < 1 else 1.0
    fewer = min(sum(h < of for h, of in counts), sum(h > 0 for h, of in counts))
    effect = max(seen, 1 + 0.3 * 2 / (2 + fewer) * (sum(of**2 for _, of in counts) / n - 1)) if m > 1 else n
    draws, z = n / effect, 1.959963984540054
    # The two roots of (x - p)^2 = z^2 x (1 - x) / draws.
    a, b, c = 1 + z * z / draws, -(2 * p + z * z / draws), p * p
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return {"hits": hits, "of": n, "low": (-b - root) / (2 * a), "high": (-b + root) / (2 * a), "design_effect": effect}


def expect(got, want, hits):
    if want is None:
        assert got is None
        return
    assert (got[hits], got["of"]) == (want["hits"], want["of"])
    for name in ("low", "high", "design_effect"):
        assert got[name] == pytest.approx(want[name], abs=1e-12, rel=1e-12), name


def expect_figures(figures, questions, marks, missed, prompts):
    def belongs(q, name):
        return q["kind"] == "dense" if name == "dense" else q["kind"] == "yes_no" and name in ("all", q["aspect"])

    names = [n for n in ("TA", "PF", "VQ", "all", "dense") if any(belongs(q, n) for q in questions)]
    assert list(figures["rows"]) == names
    for name in names:
        mine = [q for q in questions if belongs(q, name)]

        def counts(of):
            return [(sum(marks[q["id"]] == "valid" for q in of if q["prompt"] == p and q["id"] in marks),
                     sum(q["prompt"] == p and q["id"] in marks for q in of)) for p in prompts]

        row = figures["rows"][name]
        expect(row["valid"], interval(counts(mine)), "valid")
        for key, answer in (("yes", "Yes"), ("no", "No")):
            expect(row[key], interval(counts([q for q in mine if q["kind"] == "yes_no" and q["answer"] == answer])), "valid")
        wrong = []
        for p in prompts:
            of = [marks.get(q["id"]) for q in mine if q["prompt"] == p]
            if of and None not in of:
                wrong.append((any(v != "valid" for v in of), 1))
        expect(row["prompts_with_wrong"], interval(wrong), "wrong")
    facts = []
    for p in prompts:
        of = [q for q in questions if q["prompt"] == p]
        if p in missed and all(q["id"] in marks for q in of):
            asked = sum(q["aspect"] == "TA" and q["kind"] == "yes_no" and q["answer"] == "Yes" and marks[q["id"]] == "valid"
                        for q in of)
            facts.append((asked, asked + len(missed[p])))
    asks = any(q["aspect"] == "TA" and q["kind"] == "yes_no" for q in questions)
    expect(figures["recall"], interval(facts) if asks else None, "asked")
    assert figures["whole_prompts"] == len(facts)
    assert figures["verdicts"] == {v: sum(m == v for m in marks.values()) for v in VERDICTS}


@pytest.mark.parametrize("seed", range(6))
def test_the_figures_equal_a_computation_of_our_own(drf, tmp_path, seed):
    draw = random.Random(seed)
    prompts = [f"prompt {p}" for p in range(draw.choice([1, 2, 7, 23]))]
    questions = [question(p, n, f"{p} {n}?", draw.choice(["Yes", "No"]), draw.choice(["TA", "PF", "VQ"]))
                 for p in range(len(prompts)) for n in range(draw.randint(0, 9))] or [question(0, 0, "a?")]
    questions += [question(p, 99, "Describe.", "free", kind="dense") for p in range(len(prompts)) if draw.random() < 0.5]
    bad = {p for p in range(len(prompts)) if draw.random() < 0.3}  # errors come in heaps
    marks = {q["id"]: draw.choice(VERDICTS[1:]) if q["prompt"] in bad and draw.random() < 0.6 else "valid"
             for q in questions if seed % 2 == 0 or draw.random() < 0.9} or {questions[0]["id"]: "valid"}
    missed = {p: [f"fact {n}" for n in range(draw.randint(0, 4))] for p in range(len(prompts)) if draw.random() < 0.8}
    files = Files(tmp_path, prompts, questions)
    files.write_marks(drf, marks, missed)
    figures = files.figures(drf)
    expect_figures(figures, questions, marks, missed, range(len(prompts)))
    assert (figures["judged"], figures["questions"], figures["prompts"]) == (len(marks), len(questions), len(prompts))


@pytest.mark.parametrize("bad, wrong", [(0.6, 0.3), (0.3, 0.1), (0.15, 0.2), (0.05, 0.3)])
def test_the_intervals_hold_the_truth_where_errors_come_in_heaps(bad, wrong):
    """`bad` of the prompts have errors, in `wrong` of their questions; 30 prompts of 4 to 24 questions are judged."""
    draw, truth, held, held_alone, rounds = random.Random(1), 1 - bad * wrong, 0, 0, 600
    for _ in range(rounds):
        counts = []
        for _ in range(30):
            of, share = draw.choice((4, 8, 12, 24)), wrong if draw.random() < bad else 0
            counts.append((sum(draw.random() >= share for _ in range(of)), of))
        clustered, hits = interval(counts), sum(h for h, _ in counts)
        alone = interval([(1, 1)] * hits + [(0, 1)] * (clustered["of"] - hits))
        held += clustered["low"] <= truth <= clustered["high"]
        held_alone += alone["low"] <= truth <= alone["high"]
    print(f"{held / rounds:.3f} {held_alone / rounds:.3f}")  # the docs' numbers: pytest -s
    assert held / rounds > 0.9 and held_alone / rounds < 0.9


def test_a_sample_is_drawn_by_its_seed_and_carried_by_the_figures(drf, tmp_path):
    prompts = [f"prompt {p}" for p in range(40)]
    questions = [question(p, n, f"{p} {n}?") for p in range(40) for n in range(3)]
    files = Files(tmp_path, prompts, questions)

    def drawn(*more):
        return [p["p"] for p in data_of(files.page(drf, *more))["prompts"]]

    first = drawn("--sample", 11, "--seed", 9_223_372_036_854_775_807)
    assert len(first) == 11 and first == sorted(first) and first == drawn("--sample", 11, "--seed", 9_223_372_036_854_775_807)
    assert first != drawn("--sample", 11, "--seed", 4) and drawn() == list(range(40))
    marks = {q["id"]: "valid" if q["prompt"] != first[3] else "duplicate" for q in questions if q["prompt"] in first}
    missed = {p: ["one"] for p in first}
    files.write_marks(drf, marks, missed, ("--sample", 11, "--seed", 9_223_372_036_854_775_807))
    figures = files.figures(drf)
    assert figures["sample"] == {"prompts": 11, "of": 40, "seed": 9_223_372_036_854_775_807} and figures["prompts"] == 11
    expect_figures(figures, [q for q in questions if q["prompt"] in first], marks, missed, first)
    table = drf("questions", files.prompts, "--judge", files.questions, "--marks", files.marks)
    assert "a sample of 11 of 40 prompts, seed 9223372036854775807" in table and "30/33  90.9 %" in table


def test_the_handed_prompts_have_the_figures_that_stand_beside_them(drf, tmp_path):
    cases = next((f for f in (ROOT.parent / "shared/cases", pathlib.Path("/work/shared/cases"))
                  if (f / "questions-30-judged.jsonl").is_file()), None)
    if cases is None:
        pytest.skip("the 30 judged prompts are not here")
    rows = [json.loads(line) for line in (cases / "questions-30-judged.jsonl").read_text().splitlines()]
    prompts = (cases / "prompts-30.txt").read_text().splitlines()
    files = Files(tmp_path, prompts, [{k: r[k] for k in ("id", "prompt", "aspect", "kind", "text", "answer")} for r in rows])
    files.write_marks(drf, {r["id"]: r["verdict"] for r in rows}, {})
    figures = files.figures(drf)["rows"]
    assert {n: (r["valid"]["valid"], r["valid"]["of"], r["prompts_with_wrong"]["wrong"]) for n, r in figures.items()} == {
        "TA": (300, 369, 18), "PF": (209, 228, 6), "VQ": (233, 240, 3), "all": (742, 837, 20), "dense": (28, 30, 2)}
    assert (figures["TA"]["yes"]["valid"], figures["TA"]["no"]["valid"]) == (152, 148)


def test_marks_that_still_fit_are_set_on_the_page_of_a_changed_file(drf, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old = Files(tmp_path / "old", ["one", "two", "three"],
                [question(0, 0, "a?"), question(0, 1, "b?"), question(1, 0, "c?"), question(2, 0, "d?")])
    old.write_marks(drf, {"p0-q0": "valid", "p0-q1": "duplicate", "p1-q0": "valid", "p2-q0": "valid"},
                    {0: ["x"], 1: ["y"], 2: []})
    # The second prompt stands first now; a question of the first has another answer, one is new, one is gone.
    new = Files(tmp_path / "new", ["two", "one", "four"],
                [question(0, 0, "c?"), question(1, 0, "b?"), question(1, 1, "a?", "No"), question(2, 0, "d?")])
    page = new.folder / "page.html"
    done = subprocess.run([BINARY, "questions", new.prompts, "--judge", new.questions, "--marks", old.marks, "-o", page],
                          capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ("2 marks are set on the page; 2 are set aside: their questions are gone "
                                                    "or read otherwise\n")
    prompts = data_of(page)["prompts"]
    assert [[q.get("v") for q in p["q"]] for p in prompts] == [["valid"], ["duplicate", None], [None]]
    assert [(p["missed"], p["whole"]) for p in prompts] == [(["y"], True), (["x"], False), ([], False)]


def refused(code, says, *arguments):
    done = subprocess.run([str(BINARY), "questions", *map(str, arguments)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done
    assert done.stderr.startswith("drf: ") and says in done.stderr, done.stderr


def test_what_would_be_ignored_and_marks_of_other_files_are_refused(drf, tmp_path):
    files = Files(tmp_path, ["one", "two"], [question(0, 0, "a?"), question(1, 0, "b?")])
    files.write_marks(drf, {"p0-q0": "valid"}, {0: []})
    p, q, m, page = files.prompts, files.questions, files.marks, tmp_path / "no.html"
    refused(2, "--marks requires --judge", p, "--marks", m)
    refused(2, "--stats has no meaning beside --judge where a page is written", p, "--judge", q, "-o", page, "--stats")
    refused(2, "--seed has no meaning beside --judge without --sample", p, "--judge", q, "-o", page, "--seed", 3)
    refused(2, "--json has no meaning", p, "--judge", q, "-o", page, "--json")
    refused(2, "--sample has no meaning beside --judge and --marks without -o", p, "--judge", q, "--marks", m, "--sample", 1)
    refused(2, "--sample is 3, and there are 2 prompts", p, "--judge", q, "-o", page, "--sample", 3)
    refused(2, "--sample", p, "--judge", q, "-o", page, "--sample", 0)
    refused(2, "is there and is no page on which questions are judged", p, "--judge", q, "-o", q)
    refused(3, "no.jsonl", p, "--judge", tmp_path / "no.jsonl", "-o", page)
    q.write_text(q.read_text() + json.dumps(question(1, 1, "c?")) + "\n")
    refused(3, "marks.jsonl: the marks are of another question file", p, "--judge", q, "--marks", m)
    refused(3, "q.jsonl:1: no file of marks", p, "--judge", q, "--marks", q, "-o", page)
    assert not page.exists()


def test_the_script_tells_judged_questions_from_new_ones_and_says_what_changed(drf, tmp_path):
    (tmp_path / "prompts-a.txt").write_text("A red ball rolls.\nTwo dogs run.\n")
    made = [json.loads(line) for line in drf("questions", tmp_path / "prompts-a.txt").splitlines()]
    asked = [q for q in made if q["aspect"] == "TA" and q["kind"] == "yes_no"]
    facts = [q for q in asked if q["answer"] == "Yes"]
    judged = [{**q, "verdict": "valid"} for q in made if q is not asked[-1] and q is not facts[0]]
    judged[0]["verdict"] = "wrong target"  # one wrong, two not judged, two of each verdict are made no more
    judged += [{**question(0, 0, f"gone {i}"), "verdict": v} for i, v in enumerate(["valid", "duplicate"] * 2)]
    # The same words under another aspect are another question, and no fact that the prompt states.
    judged += [{**facts[0], "aspect": "PF", "verdict": "valid"}]

    def write(rows):
        (tmp_path / "questions-a-judged.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def figures(*more):
        done = subprocess.run([ROOT / "scripts/judged_questions.py", "--drf", BINARY, "--sets", tmp_path, *more], capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    write(judged)
    (tmp_path / "questions-a-missed.jsonl").write_text("".join(json.dumps({"prompt": p, "facts_stated": 20}) + "\n" for p in (0, 1)))
    assert judged[0]["text"] == asked[1]["text"] and asked[-1]["answer"] == "No"  # as the sums below have it
    n = len(asked)
    text = figures("--record")
    assert f"TA: {n - 3}/{n - 2} valid, 2 unjudged: {100 * (n - 3) / n:.1f} to {100 * (n - 1) / n:.1f} %" in text
    assert f"facts asked of those stated: {len(facts) - 1} to {len(facts)} of 40" in text
    assert "judged and made no more: 2 wrong, 3 valid" in text and "prompts with a wrong question: 1 to 2" in text
    assert "not recorded before" in text and "as recorded" in figures()
    # Questions that were judged on the page: marks.jsonl counts as it is.
    (tmp_path / "questions-a-marks.jsonl").write_text("".join(json.dumps(
        {k: q[k] for k in ("id", "prompt", "aspect", "kind", "text", "answer")} | {"verdict": "valid"}) + "\n"
        for q in (facts[0], asked[-1])))
    text = figures("--unjudged", tmp_path / "rest")
    assert f"TA: {n - 1}/{n} valid, 0 unjudged: {100 * (n - 1) / n:.1f} %   (recorded: {n - 3}/{n - 2} valid, 2 unj" in text
    assert (tmp_path / "rest/questions-a.jsonl").read_text() == ""
    # Verdicts of one set may lie in another folder than its prompts.
    (tmp_path / "rest/questions-a-more.jsonl").write_text(json.dumps({**question(0, 0, "gone", "No"), "verdict": "valid"}) + "\n")
    assert "judged and made no more: 2 wrong, 4 valid   (rec" in figures("--sets", tmp_path / "rest")
    # What one of two judges finds wrong is wrong.
    write([{**row, "verdict": "duplicate" if row["text"] == facts[-1]["text"] else row["verdict"]} for row in judged])
    (tmp_path / "questions-a-second.jsonl").write_text("".join(json.dumps({**row, "verdict": "valid"}) + "\n" for row in judged))
    text = figures()
    assert "4 of them as valid by one judge and wrong by another" in text and f"TA: {n - 2}/{n} valid" in text
    (tmp_path / "prompts-a.txt").unlink()
    assert "none are here" in figures()


# ---- the page in a browser ----

def three_prompts(folder):
    return Files(folder, ["a red ball", "two dogs run, without a cat", "rain"],
                 [question(0, 0, "Is there a ball?"), question(0, 1, "Is there a cube?", "No"), question(0, 2, "Is the ball red?"),
                  question(0, 3, "Is it sharp?", aspect="VQ"),
                  question(1, 0, "Are there dogs?"), question(1, 1, "Is there a cat?", "No"),
                  question(2, 0, "Does it rain?"), question(2, 1, "Describe the video.", "rain", kind="dense")])


def exported(browser):
    name, content = browser.downloaded()
    assert name == "marks.jsonl"
    return content


COUNT = "document.getElementById('count').textContent"


def shown(browser):
    return browser.run(COUNT)


@chromium
def test_a_person_judges_with_the_keyboard_and_the_export_gives_the_figures(drf, tmp_path):
    files = three_prompts(tmp_path)
    page = files.page(drf)
    with Browser(find()) as browser:
        browser.open(page)
        assert shown(browser) == "0 of 8 questions judged, 3 prompts open"
        browser.press("v", "x", "1", "u", "v", "k", "k", "5", "j", "v", "v")  # valid, (wrong target: undone) valid, back: ...
        # a, b valid; k k leads to the first, which becomes a duplicate; j skips b; then the third and fourth are valid
        assert shown(browser) == "4 of 8 questions judged, 3 prompts open"
        browser.press("m")
        browser.type("the ball <b>rolls</b>")
        browser.press("Enter", "Enter")
        browser.press("a", "k", "f", "j", "Enter")  # "Is there a cat?" No is a fact of its own
        browser.press("v", "4", "m")
        browser.press("Enter")
        assert shown(browser) == "8 of 8 questions judged, 0 prompts open"
        assert not browser.run("document.getElementById('done').hidden")
        browser.press("e")
        files.marks.write_bytes(exported(browser))
        assert browser.complaints == []
    lines = [json.loads(line) for line in files.marks.read_text().splitlines()]
    assert [(m["id"], m["verdict"]) for m in lines if "id" in m] == [
        ("p0-q0", "duplicate"), ("p0-q1", "valid"), ("p0-q2", "valid"), ("p0-q3", "valid"), ("p1-q0", "valid"), ("p1-q1", "valid"),
        ("p2-q0", "valid"), ("p2-q1", "unanswerable or not one fact")]
    assert [m["id"] for m in lines if m.get("fact")] == ["p1-q1"]
    assert [(m["missed"], m["whole"]) for m in lines if "missed" in m] == [(["the ball <b>rolls</b>"], True), ([], True), ([], True)]
    figures = files.figures(drf)
    assert (figures["recall"]["asked"], figures["recall"]["of"]) == (4, 5)
    assert figures["rows"]["all"]["prompts_with_wrong"]["wrong"] == 1


@chromium
def test_marks_are_kept_by_the_file_s_digest_and_undone_one_by_one(drf, tmp_path):
    files = three_prompts(tmp_path)
    page = files.page(drf)
    with Browser(find()) as browser:
        browser.open(page)
        browser.press("v", "x", "3")
        two = "2 of 8 questions judged, 3 prompts open"
        assert browser.open_until(page, COUNT, two) == two
        assert browser.run("[...document.querySelectorAll('#list li')].map(li => li.className).join()") == "valid,wrong,,"
        browser.press("a", "m")
        browser.type("it rolls")
        browser.press("Enter", "Enter")
        assert browser.run("document.getElementById('prompt').textContent") == files.prompts_list[1]
        browser.press("u", "u", "u")
        assert shown(browser) == two
        assert browser.run("document.getElementById('prompt').textContent") == files.prompts_list[0]
        browser.press("u")  # what was marked before the page was opened anew stays
        assert shown(browser) == two
        # What stands in the store and is no mark does no harm.
        key = browser.run("Object.keys(localStorage).find(k => k.startsWith('drf-judge:'))")
        for text in ("{", "null", "[]", '{"marks":{"0":["valid",null],"1":7,"2":["nonsense"]},"missed":{"0":3}}'):
            keep = f"localStorage.setItem({json.dumps(key)}, {json.dumps(text)})"
            assert browser.open_until(page, f"localStorage.getItem({json.dumps(key)})", text, keep) == text
        one = "1 of 8 questions judged, 3 prompts open"
        assert browser.until(COUNT, one) == one
        # Another version of the file begins anew.
        with files.questions.open("a") as out:
            out.write(json.dumps(question(2, 9, "Is it wet?")) + "\n")
        browser.open(files.page(drf))
        assert shown(browser) == "0 of 9 questions judged, 3 prompts open"
        assert browser.complaints == []


@chromium
def test_what_a_person_needs_to_see_is_on_the_screen(drf, tmp_path):
    same = {**question(0, 40, "Can one see a ball?"), "paraphrase_of": "p0-q0"}
    page = Files(tmp_path, ["a red ball"], [question(0, n, f"Is there a ball, {n}?") for n in range(40)] + [same]).page(drf)
    with Browser(find(), width=360, height=640, phone=True) as browser:
        browser.open(page)

        def seen(what):
            return browser.run(f"(b => b.width > 0 && b.top >= 0 && b.bottom <= innerHeight)(document.querySelector({json.dumps(what)})"
                               ".getBoundingClientRect())")

        assert not seen("#acts kbd") and not seen("#done")
        browser.press("j")  # who has no mouse and uses the keyboard wants to know its keys
        assert seen("#acts kbd")
        browser.press("a", "Enter")  # at the end of a long list
        assert seen("#done") and seen("#missed")
        assert browser.run("document.querySelector('#list li:last-child .clip').textContent") == "in other words: Is there a ball, 0?"
        assert browser.complaints == []


@chromium
def test_two_tabs_of_a_page_hold_the_same_marks(drf, tmp_path):
    page = three_prompts(tmp_path).page(drf)
    with Browser(find()) as browser:
        browser.open(page)
        browser.press("v")
        first = browser.tab(page)
        one, three = (f"{n} of 8 questions judged, 3 prompts open" for n in (1, 3))
        if browser.until(COUNT, one, seconds=10) != one:
            assert browser.open_until(page, COUNT, one) == one
        browser.press("v", "2")
        browser.session = first
        assert browser.until(COUNT, three) == three
        assert browser.complaints == []


@chromium
def test_paraphrases_are_judged_and_ask_no_fact_of_their_own(drf, tmp_path):
    files = Files(tmp_path, ["a red ball"], [question(0, 0, "Is the ball red?"),
                                             {**question(0, 1, "Is the ball of a red color?"), "paraphrase_of": "p0-q0"}])
    with Browser(find()) as browser:
        browser.open(files.page(drf))
        browser.press("a", "m")
        browser.press("Enter", "e")
        files.marks.write_bytes(exported(browser))
        assert (files.figures(drf)["recall"]["asked"], browser.complaints) == (1, [])
        browser.press("k", "f", "e")
        files.marks.write_bytes(exported(browser))
    assert files.figures(drf)["recall"]["asked"] == 2


@chromium
@pytest.mark.parametrize("keys, verdict", [(["\u043c KeyV"], "valid"), (["& Digit1"], "wrong target"), (["\u0445 KeyX", "5 Numpad5"], "duplicate"),
                                           (["V KeyV"], "valid"), (["\u0447 KeyX", "\u00e9 Digit2"], "contradicts the prompt")])
def test_keyboards_of_other_scripts_will_do(drf, tmp_path, keys, verdict):
    with Browser(find()) as browser:
        browser.open(three_prompts(tmp_path).page(drf))
        for key, code in (k.split() for k in keys):
            browser.run(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{key: '{key}', code: '{code}', bubbles: true}}))")
        assert shown(browser).startswith("1 of 8")
        assert verdict in browser.run("document.querySelector('#list li').className + document.querySelector('#list .mark').textContent")
        assert browser.complaints == []


@chromium
def test_hostile_texts_are_shown_as_they_are_and_come_back_unchanged(drf, tmp_path):
    files = Files(tmp_path, HOSTILE, [question(p, n, f"{text} {n}", kind="dense" if n else "yes_no", answer=text if n else "Yes")
                                      for p, text in enumerate(HOSTILE) for n in range(2)])
    for i, q in enumerate(files.questions_list):
        q["id"] = HOSTILE[i // 2].replace("\n", " ") + f" {i}"
    files = Files(tmp_path, HOSTILE, files.questions_list)
    page = files.page(drf)
    assert "://" not in re.sub(r'<script type="application/json".*?</script>', "", page.read_text(), flags=re.S)
    with Browser(find()) as browser:
        browser.open(page)
        for text in HOSTILE:
            assert browser.run("document.getElementById('prompt').textContent") == text
            assert browser.run("document.querySelector('#list .text').textContent") == text + " 0"
            browser.press("a", "m")
            browser.type(text.replace("\n", " "))
            browser.press("Enter", "Enter")
        assert browser.run("document.title") == "q.jsonl"
        assert browser.run("document.images.length") == 0
        browser.press("e")
        files.marks.write_bytes(exported(browser))
        assert browser.complaints == []
    figures = files.figures(drf)
    assert figures["verdicts"]["valid"] == 2 * len(HOSTILE) and figures["whole_prompts"] == len(HOSTILE)
    lines = [json.loads(line) for line in files.marks.read_text().split("\n") if line]
    assert [m["missed"] for m in lines if "missed" in m] == [[t.replace("\n", " ").strip()] for t in HOSTILE]


@chromium
def test_thumbs_and_a_small_screen_will_do(drf, tmp_path):
    files = three_prompts(tmp_path)
    with Browser(find(), width=360, height=640, dark=True, phone=True) as browser:
        browser.open(files.page(drf))
        assert browser.run("document.documentElement.scrollWidth") <= 360
        assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"

        def tap(selector):
            browser.run(f"document.querySelector({json.dumps(selector)}).click()")

        tap("[data-act=valid]")
        tap("[data-act=wrong]")
        assert not browser.run("document.getElementById('kinds').hidden")
        tap("#kinds button:nth-child(4)")
        tap("#list li:nth-child(4)")
        tap("[data-act=valid]")
        tap("[data-act=export]")
        marks = [json.loads(line) for line in exported(browser).decode().splitlines()]
        assert [(m["id"], m["verdict"]) for m in marks if "id" in m] == [
            ("p0-q0", "valid"), ("p0-q1", "unanswerable or not one fact"), ("p0-q3", "valid")]
        assert [m["whole"] for m in marks if "whole" in m] == [False]
        assert browser.complaints == []
