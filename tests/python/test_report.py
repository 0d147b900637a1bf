"""`drf report` in a browser: pages open without a complaint or a network, clips move together, curves are what a
computation of our own says, tables sort, and a phone, the dark scheme and a keyboard will do.

They need a headless Chromium (browser.py); where there is none they skip and say so.
"""

import json
import math
import random
import signal
import struct
import subprocess
import threading
import zlib

import pytest
from browser import Browser, find
from conftest import BINARY, ROOT

chromium = pytest.mark.skipif(find() is None, reason="no Chromium here: reports are not opened")
HOSTILE = ["</script><script>document.title='broken'</script>", "<img src=x onerror=document.title='broken'>", "<!--<script>",
           "&lt;b&gt; & \"'`${1}", "a\u2028b\u202eright to left", "__proto__", "constructor", "https://example.com/a.png", "日本語 👩‍👩‍👧"]
READY = "!document.getElementById('charts') || drf.drawn.every(d => d.plot)"


def png(width, height, pixel):
    rows = b"".join(b"\0" + bytes(c for x in range(width) for c in pixel(x, y)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_run(folder, updates=40, seed=0, config="", frames=(9, 5), more=None, names=HOSTILE):
    """A run folder as training leaves it, with names and prompts that nobody would want. Gives the lines of metrics.jsonl."""
    draw = random.Random(seed)
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f"# drf 0.1.0, libtorch 2.13.0\nseed = {seed}\n[train]\nupdates = {updates}\n" + config)
    lines = []
    for u in range(1, updates + 1):
        line = {"update": u, "reward": draw.gauss(u / 10, 1), "p_right": draw.random(), "grad_norm": draw.lognormvariate(0, 2),
                "d_frames_norm": draw.lognormvariate(0, 2), "saturation": 0.0, "skipped": False, "seconds": 1.0, "rollout_s": 0.5,
                "peak_gib": 0.25, **(more(u) if more else {})}
        if u % 10 == 0:
            line |= {"held_out_reward": draw.random()}
        lines.append(line)
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "samples").mkdir()
    clips = []
    for i, n in enumerate(frames):
        # Frame f of a strip of four columns each is f in red.
        (folder / f"samples/{i}.png").write_bytes(png(4 * n, 3, lambda x, y: (20 * (x // 4), 0, 100)))
        clips.append({"prompt": names[i % len(names)], "strip": f"samples/{i}.png", "frames": n, "fps": 20})
    rows = [{"name": name, "base": draw.random(), "after": draw.random()} for name in ["TA", "PF", names[0]]]
    questions = [{"prompt": draw.choice(names), "text": f"{draw.choice(names)} {i}?", "aspect": draw.choice(["TA", "PF"]), "answer": "Yes",
                  "base": draw.random(), "after": None if i == 3 else draw.random()} for i in range(12)]
    (folder / "evaluation.json").write_text(json.dumps({"title": f"run {seed}", "rows": rows, "clips": clips, "questions": questions}))
    return lines


def opened(browser, page):
    requests = []
    browser.call("Network.enable")
    browser.open(page)
    assert browser.until(READY, True)
    # Two frames later everything is drawn.
    browser.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    requests += [p["request"]["url"] for m, p in browser.events if m == "Network.requestWillBeSent"]
    away = [url for url in requests if not url.startswith(("data:", "file:"))]
    assert not away and sum(url.startswith("file:") for url in requests) == 1, requests[:5]
    assert browser.complaints == []


@chromium
@pytest.mark.parametrize("several", [False, True])
def test_a_page_opens_without_complaint_or_network(drf, tmp_path, several):
    write_run(tmp_path / "a<b>&'\"", more=lambda u: {HOSTILE[u % len(HOSTILE)]: u, "alarm/reward": 1} if u > 30 else {})
    if several:
        write_run(tmp_path / "b", updates=25, seed=1, config="lr = 0.5\n", more=lambda u: {"other": None if u % 2 else u})
        (tmp_path / "c").mkdir()
        (tmp_path / "c/config.toml").write_text("seed = 2\n")
        drf("report", tmp_path / "a<b>&'\"", tmp_path / "b", tmp_path / "c", "-o", tmp_path / "page.html")
        page = tmp_path / "page.html"
    else:
        page = drf("report", tmp_path / "a<b>&'\"").strip()
    with Browser(find()) as browser:
        opened(browser, page)
        assert browser.run("document.title") == ("drf: 3 runs" if several else "run 0")
        assert browser.run("[document.images.length, document.scripts.length]") == [4 if several else 2, 6]
        charts = browser.run("drf.drawn.map(d => d.card.getAttribute('aria-label'))")
        assert "Reward" in charts and "Gradient norms by stage" + (": at the frames" if several else "") in charts
        for name in HOSTILE:
            assert any(name in chart for chart in charts), name
        assert browser.run("[...document.querySelectorAll('nav a')].every(a => document.querySelector('section' + a.getAttribute('href')))")
        assert browser.run("document.querySelectorAll('nav a').length === document.querySelectorAll('section').length")
        # Each chart has ink of its own.
        blank = browser.run("drf.drawn.filter(d => { const c = d.box.querySelector('canvas'), all = c.getContext('2d').getImageData(0, 0, c.width, "
                            "c.height).data; return !all.some((v, i) => i % 4 === 3 && v > 0); }).length")
        assert blank == 0
        assert browser.complaints == []


@chromium
def test_gradient_norms_stand_by_stage_and_by_step(drf, tmp_path):
    write_run(tmp_path / "run", more=lambda u: {f"d_x_norm/{n}": 10.0**n for n in (1, 2, 10)} | {"d_xK_norm": 1.0})
    with Browser(find()) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())
        lines = browser.run("Object.fromEntries(drf.drawn.map(d => [d.chart.title, d.chart.lines.map(l => l.name)]))")
        assert lines["Gradient norms by stage"] == ["at the frames", "at x_K, through the steps", "in what is trained"]
        assert lines["Gradient norms by step"] == ["through the last step", "through the last 2 steps", "through the last 10 steps"]


@chromium
def test_clips_play_pause_and_step_together(drf, tmp_path):
    write_run(tmp_path / "run", frames=(9, 5, 9))
    with Browser(find()) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())
        at = "[...document.querySelectorAll('canvas.frame')].map(c => [Number(c.dataset.frame), c.getContext('2d').getImageData(1, 1, 1, 1).data[0] / 20])"
        play = "document.querySelector('.player .play')"

        def together(frame):
            assert browser.run(at) == [[min(frame, n - 1)] * 2 for n in (9, 5, 9)]
            assert browser.run("document.querySelector('.player output').textContent") == f"frame {frame + 1} of 9"

        assert browser.until(f"{play}.textContent", "Pause") == "Pause"  # it plays by itself
        before = browser.run(at)
        assert browser.until(f"JSON.stringify({at}) !== {json.dumps(json.dumps(before, separators=(',', ':')))}", True)
        browser.press(" ")
        assert browser.run(f"{play}.textContent") == "Play"
        frame = browser.run(at)[0][0]
        together(frame)
        browser.press("ArrowRight")
        together((frame + 1) % 9)
        browser.press("ArrowLeft", "ArrowLeft")
        together((frame - 1) % 9)
        browser.run("{ const s = document.querySelector('.player input'); s.value = 7; s.dispatchEvent(new Event('input')); }")
        together(7)
        browser.run("document.querySelector('.player .on').click()")
        together(8)
        browser.run("document.querySelector('.player .on').click()")
        together(0)  # round
        browser.run(f"{play}.click()")
        assert browser.run(f"{play}.textContent") == "Pause"


def add_looks(folder, clips):
    """Two looks at each of a run's first clips, of one cell before and one after a frame, over strips whose frames are 2 + 2 columns."""
    evaluation = json.loads((folder / "evaluation.json").read_text())
    for i, clip in enumerate(evaluation["clips"][:clips]):
        clip |= {"gap": 0, "looks": []}
        for name, gray in [("odd", lambda x: 255 * (x // 2 % 2) if x % 2 == 0 else 64), ("all", lambda x: 255)]:
            file = f"samples/{i}-{name}.png"
            (folder / file).write_bytes(png(2 * clip["frames"], 1, lambda x, y: (gray(x),) * 3))
            clip["looks"].append({"text": f"{name} {HOSTILE[i]}" + "?" * 200, "aspect": "TA", "file": file, "before": 1.25, "after": None})
    (folder / "evaluation.json").write_text(json.dumps(evaluation))


@chromium
def test_where_the_critic_looked_lies_over_both_clips_in_step(drf, tmp_path):
    write_run(tmp_path / "run", frames=(9, 5, 9))
    add_looks(tmp_path / "run", clips=2)
    with Browser(find(), width=360, height=740, phone=True) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())
        assert browser.run("document.documentElement.scrollWidth <= 360")
        browser.run("document.querySelector('.player .play').textContent === 'Pause' && document.querySelector('.player .play').click()")
        assert browser.run("[...document.querySelectorAll('label.look select')].map(s => s.options.length)") == [3, 3]
        # A pixel of before and one of after, of each clip.
        pixels = ("[...document.querySelectorAll('canvas.frame')].map(c => [0, 3].map(x => "
                  "[...c.getContext('2d').getImageData(x, 1, 1, 1).data].slice(0, 3)))")

        def go(frame):
            browser.run(f"{{ const s = document.querySelector('.player input'); s.value = {frame}; s.dispatchEvent(new Event('input')); }}")

        def choose(clip, index):
            browser.run(f"{{ const s = document.querySelectorAll('label.look select')[{clip}]; s.selectedIndex = {index}; "
                        "s.dispatchEvent(new Event('change')); }")

        def glow(base, gray):  # what a cell makes of a pixel: darkened, then from red to yellow
            v = gray / 255
            return [255 * v * over + 0.45 * b * (1 - v) for b, over in zip(base, [1, v * v, 0])]

        def same(got, want):
            return len(got) == len(want) and all(abs(g - w) < 4 for g, w in zip(got, want))

        choose(0, 1)
        for frame in (3, 4, 8):
            go(frame)
            base = (20 * frame, 0, 100)
            assert browser.until(f"{pixels}[0][0][1] > 250", frame % 2 == 1) == (frame % 2 == 1)
            first, second, third = browser.run(pixels)
            assert same(first[0], glow(base, 255 * (frame % 2))) and same(first[1], glow(base, 64)), (frame, first)
            resting = (20 * min(frame, 4), 0, 100)
            assert same(second[0], resting) and same(second[1], resting), second  # nothing is chosen there
            assert same(third[0], base), third
        choose(1, 2)
        assert browser.until(f"{pixels}[1].every(p => p[0] > 250 && p[1] > 250 && p[2] < 5)", True)
        choose(0, 0)
        assert browser.until(f"{pixels}[0][1][2]", 100) == 100
        assert [c for c in browser.complaints if "willReadFrequently" not in c] == []  # that is this test's own reading


def smoothed(points, width):
    """Mean and half of its interval around each point, from the definition."""
    result = []
    for x, _ in points:
        near = [y for u, y in points if abs(u - x) <= (width - 1) / 2]
        mean = sum(near) / len(near)
        sd = math.sqrt(sum((y - mean)**2 for y in near) / (len(near) - 1)) if len(near) > 1 else 0
        result.append((mean, 1.96 * sd / math.sqrt(len(near)) if len(near) >= 3 else None))
    return result


@chromium
@pytest.mark.parametrize("width", [1, 5, 15])
def test_curves_are_the_mean_and_its_interval(drf, tmp_path, width):
    lines = write_run(tmp_path / "run", updates=33)
    with Browser(find()) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())
        browser.run(f"{{ const s = document.getElementById('smooth'); s.value = {[1, 3, 5, 9, 15].index(width)}; s.dispatchEvent(new Event('input')); }}")
        browser.until("document.getElementById('window').textContent", f"mean over {width} updates" if width > 1 else "none")
        for title, key, log in [("Reward", "reward", False), ("On held-out prompts: reward", "held_out_reward", False),
                                ("Gradient norms by stage", "d_frames_norm", True)]:
            got = browser.run(f"drf.drawn.find(d => d.chart.title === {json.dumps(title)}).plot.data.slice(0, 5)")
            points = [(line["update"], math.log(line[key]) if log else line[key]) for line in lines if key in line]
            assert got[0] == [x for x, _ in points]
            back = math.exp if log else float
            for i, (mean, half) in enumerate(smoothed(points, width)):
                assert got[1][i] == pytest.approx(back(mean), rel=1e-5, abs=1e-6)
                if half is None:
                    assert got[2][i] is None and got[3][i] is None
                else:
                    assert got[2][i] == pytest.approx(back(mean - half), rel=1e-5, abs=1e-6)
                    assert got[3][i] == pytest.approx(back(mean + half), rel=1e-5, abs=1e-6)
                assert got[4][i] == pytest.approx(back(points[i][1]), rel=1e-6)
        assert browser.complaints == []


@chromium
def test_alarms_are_marked_on_their_measure_and_on_the_reward(drf, tmp_path):
    alarms = [7, 8, 9, 20]
    write_run(tmp_path / "run", more=lambda u: {"rank_accuracy/s": 0.5} | ({"alarm/rank_accuracy/s": 1} if u in alarms else {}))
    with Browser(find()) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())
        assert browser.run("document.querySelector('.alarms li').textContent") == "rank_accuracy/s was out of its range 4 times, from update 7 to 20"
        # Red at the top of the chart, above where the alarm began.
        red = """(() => drf.drawn.map(d => [7, 8, 20, 30].filter(x => { const c = d.box.querySelector('canvas'), b = d.plot.bbox;
            const p = c.getContext('2d').getImageData(Math.round(d.plot.valToPos(x, 'x', true)), Math.round(b.top) + 3, 1, 1).data;
            return p[0] > 150 && p[1] < 60 && p[2] < 60 && p[3] > 200; })))()"""
        titles = browser.run("drf.drawn.map(d => d.chart.title)")
        for title, found in zip(titles, browser.run(red)):
            assert found == ([7, 20] if title in ("Reward", "Pairs that a surrogate ranks as its teacher") else []), title
        assert browser.run("drf.spans([7, 8, 9, 20, 40], [1, 7, 8, 9, 10, 20, 30, 40])") == [[7, 9], [20, 20], [40, 40]]


@chromium
def test_seconds_are_of_stages_alone(drf, tmp_path):
    write_run(tmp_path / "run", more=lambda u: {"extra_s": 1, "reward/optical_s": 2, "held_out_p_s": 3, "rank_accuracy/a_s": 4})
    with Browser(find()) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())
        keys = "drf.drawn.filter(d => d.chart.title.startsWith({})).flatMap(d => d.chart.lines.map(l => l.key)).sort()"
        assert browser.run(keys.format("'Seconds an update'")) == ["extra_s", "rollout_s", "seconds"]
        assert browser.run(keys.format("'Other measures on held-out'")) == ["held_out_p_s"]


@chromium
def test_the_keyboard_moves_along_all_charts_at_once(drf, tmp_path):
    write_run(tmp_path / "run")
    with Browser(find()) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())
        browser.press(" ")
        paused = browser.run("document.querySelector('.player output').textContent")
        browser.run("drf.drawn[0].card.focus()")
        where = "drf.drawn.map(d => d.at.textContent)"
        assert set(browser.run(where)) == {"update 40"}
        browser.press("ArrowLeft", "ArrowLeft")
        # Where a measure has no such update, its nearest one is shown.
        places = browser.run(where)
        assert places[0] == "update 38" and places.count("update 38") >= len(places) - 1
        browser.press("Home")
        assert browser.run(where)[0] == "update 1"
        range_ = "drf.drawn.map(d => [d.plot.scales.x.min, d.plot.scales.x.max])"
        browser.press("+")
        assert browser.until(f"{range_}.every(r => r[1] < 30)", True)
        zoomed = browser.run(range_)
        assert all(r == zoomed[0] for r in zoomed)
        browser.press("Escape")
        assert browser.until(f"{range_}[0][1]", 40) == 40
        assert browser.run("document.querySelector('.player output').textContent") == paused  # the arrow keys were the chart's
        # A line is taken away and comes back.
        browser.run("document.querySelector('.chart .key').click()")
        assert browser.run("[document.querySelector('.chart .key').getAttribute('aria-pressed'), drf.drawn[0].plot.series[1].show]") == ["false", False]
        browser.run("document.querySelector('.chart .key').click()")
        assert browser.run("drf.drawn[0].plot.series[1].show") is True
        assert browser.complaints == []


@chromium
def test_tables_sort_and_questions_are_searched(drf, tmp_path):
    write_run(tmp_path / "run")
    questions = json.loads((tmp_path / "run/evaluation.json").read_text())["questions"]
    with Browser(find()) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())

        def column(name):
            return browser.run(f"""(() => {{ const t = document.querySelector('#questions table');
                const i = [...t.querySelector('tr.keys').cells].findIndex(c => c.textContent === '{name}');
                return [...t.tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[i].textContent); }})()""")

        def press(name):
            browser.run(f"[...document.querySelectorAll('#questions tr.keys button')].find(b => b.textContent === '{name}').click()")

        assert column("question") == [q["text"] for q in questions]
        shown = [f"{q['after']:.3f}" for q in questions if q["after"] is not None]
        press("after")
        assert column("after") == sorted(shown, key=float, reverse=True) + ["-"]
        press("after")
        assert column("after") == sorted(shown, key=float) + ["-"]  # what has no number stands last both ways
        assert browser.run("document.querySelector('#questions [aria-sort]').getAttribute('aria-sort')") == "ascending"
        press("question")
        assert sorted(column("question")) == sorted(q["text"] for q in questions)
        browser.run("{ const i = document.querySelector('.filter input'); i.value = ' 7?'; i.dispatchEvent(new Event('input')); }")
        assert column("question") == [q["text"] for q in questions if " 7?" in q["text"]]


@chromium
@pytest.mark.parametrize("several", [False, True])
def test_a_phone_and_the_dark_scheme(drf, tmp_path, several):
    names = ["x" * 300] + HOSTILE
    write_run(tmp_path / ("r" * 80), names=names)
    write_run(tmp_path / "b", seed=1, names=names)
    page = tmp_path / "page.html"
    drf("report", tmp_path / ("r" * 80), *([tmp_path / "b"] if several else []), "-o", page)
    with Browser(find(), width=360, height=740, dark=True, phone=True) as browser:
        opened(browser, page)
        assert browser.run("[innerWidth, document.documentElement.scrollWidth <= 360]") == [360, True]
        assert browser.run("drf.drawn.every(d => d.plot.width <= 360 && d.box.getBoundingClientRect().right <= 360)")
        lightness = "(c => c.match(/\\d+/g).slice(0, 3).reduce((a, v) => a + Number(v), 0))(getComputedStyle(document.body).{})"
        assert browser.run(lightness.format("backgroundColor")) < 150 < 500 < browser.run(lightness.format("color"))
        dark = browser.run("drf.drawn[0].plot.series[1].stroke()")
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        assert browser.until(f"drf.drawn[0].plot.series[1].stroke() !== {json.dumps(dark)}", True)
        assert browser.run(lightness.format("backgroundColor")) > 600
        assert browser.complaints == []


@chromium
@pytest.mark.parametrize("metrics", [
    '{"update":1,"reward":1}\n{"update":2,"rew', '{"update":1,"reward":null}\n{"update":2,"reward":null}\n', "",
    '{"update":1,"reward":1e16}\n{"update":2,"reward":10000000000000002}\n', '{"update":1,"reward":1e29}\n{"update":2,"reward":-1e29}\n',
    '{"update":1e12,"reward":1}\n{"update":0,"reward":5e-324}\n', '{"update":7,"grad_norm":-1,"d_x0_norm":0}\n{"update":8,"grad_norm":1e-29,"d_x0_norm":1e29}\n',
    '{"update":1,"reward":3}\n', '{"update":1.5,"reward":3}\n[1]\n\ufffd\n{"update":2.25,"reward":NaN}\n'])
def test_what_is_left_of_a_run_is_shown(drf, tmp_path, metrics):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/config.toml").write_text("seed = 0\n")
    (tmp_path / "run/metrics.jsonl").write_text(metrics)
    with Browser(find()) as browser:
        opened(browser, drf("report", tmp_path / "run").strip())


def test_what_is_no_run_is_refused_in_one_line(drf, tmp_path):
    write_run(tmp_path / "run")
    for arguments, code, says in [([tmp_path], 3, "no config.toml"), ([tmp_path / "run", tmp_path / "nothing", "-o", tmp_path / "x"], 3, "no config.toml"),
                                  ([tmp_path / "run", tmp_path / "run", "-o", tmp_path / "x"], 2, "given twice"),
                                  ([tmp_path / "run", tmp_path], 2, "-o FILE")]:
        done = subprocess.run([str(BINARY), "report", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == code and says in done.stderr and done.stderr.count("\n") == 1 and not done.stdout, done
    assert not (tmp_path / "x").exists()


def test_what_is_no_page_is_not_replaced(drf, tmp_path):
    write_run(tmp_path / "run")
    config = tmp_path / "run/config.toml"
    before = config.read_bytes()
    done = subprocess.run([str(BINARY), "report", str(tmp_path / "run"), "-o", str(config)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "name another file" in done.stderr and done.stderr.count("\n") == 1 and not done.stdout, done
    assert config.read_bytes() == before
    for _ in range(2):  # a page is replaced
        drf("report", tmp_path / "run", "-o", tmp_path / "page.html")


@chromium
def test_a_page_follows_its_run(drf, tmp_path):
    small = ["sampling.frames=5", "sampling.width=16", "sampling.height=16", "sampling.steps=2", "flow.K=1", "train.batch=1",
             "train.updates=20000", "critic.frames=2", "train.eval_every=400", "eval.prompts=1", f"output.dir={tmp_path / 'run'}"]
    run = subprocess.Popen([str(BINARY), "train", "configs/tiny.toml", "--threads", "1", "--serve", "--port", "0",
                            *(word for key in small for word in ("--set", key))], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        line = next(line for line in run.stderr if "shows this run" in line)
        threading.Thread(target=run.stderr.read, daemon=True).start()
        address = line.split("http://")[1].split()[0]
        with Browser(find()) as browser:
            browser.call("Network.enable")
            browser.call("Page.navigate", url=f"http://{address}")
            follows = "typeof drf !== 'undefined' && drf.drawn.length > 0 && drf.drawn.every(d => d.plot)"
            assert browser.until(follows, True)
            # A run of two updates has nothing to smooth over: the slider cannot be moved yet.
            assert browser.until("document.getElementById('smooth').max >= 1", True)
            length = "drf.drawn[0].plot.data[0].length"

            def grows():  # put in place: the page is the same; a validation may open it anew meanwhile
                browser.run("{ const s = document.getElementById('smooth'); s.value = 1; s.dispatchEvent(new Event('input')); "
                            "window.same = true; }")
                before = browser.run(length)
                return browser.until(f"{follows} && {length} > {before} && window.same", True)

            assert any(grows() for _ in range(4))
            # The first clips come with a validation: the page opens itself again, as it was.
            clips = f"{follows} && document.querySelectorAll('canvas.frame').length"
            assert any(browser.until(clips, 1) == 1 for _ in range(20))
            assert browser.until("document.getElementById('smooth')?.value", "1") == "1"
            assert browser.until("document.querySelectorAll('label.look option').length > 1", True)
            asked = [p["request"]["url"] for m, p in browser.events if m == "Network.requestWillBeSent"]
            assert asked and all(url.startswith((f"http://{address}", "data:")) for url in asked), asked
            assert browser.complaints == []
            run.send_signal(signal.SIGINT)
            assert run.wait(60) == 130
            assert browser.until("document.getElementById('live').textContent.includes('has ended')", True)
    finally:
        run.kill()
        run.wait()
