"""A headless Chromium, driven over a pair of pipes by the DevTools protocol: no package, no port, no network.

Where none is installed (DRF_CHROMIUM or one of its usual names), `find()` gives nothing and tests skip.
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]


def find():
    for name in [os.environ.get("DRF_CHROMIUM", ""), *NAMES]:
        if name and shutil.which(name):
            return shutil.which(name)
    return None


class Browser:
    """One page. `complaints` gathers what it says on its console, uncaught errors and blocked loads."""

    def __init__(self, program, width=1000, height=800, dark=False, phone=False):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.downloads = pathlib.Path(self.folder.name) / "downloads"
        self.downloads.mkdir()
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()

        def pipes():  # DevTools reads descriptor 3 and writes 4
            ours = os.dup(to_read), os.dup(back_write)
            os.dup2(ours[0], 3)
            os.dup2(ours[1], 4)

        # Without its sandbox and shared memory, since tests run as root in containers; it opens our own page alone. Keys that are
        # pressed before the page's first picture would be dropped: they are let in.
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--allow-pre-commit-input", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--remote-debugging-pipe", f"--user-data-dir={self.folder.name}/profile", "about:blank"],
            preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(back_write)
        self.buffer, self.count, self.session, self.complaints, self.events = b"", 0, None, [], []
        page = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads), eventsEnabled=True, session=None)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.to)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.back)
        self.folder.cleanup()

    def receive(self, seconds):
        end = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.back], [], [], max(0, end - time.monotonic()))
            part = os.read(self.back, 1 << 20) if ready else b""
            if not part:
                raise TimeoutError("the browser does not answer")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(line)
        method, params = message.get("method", ""), message.get("params", {})
        if method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
            self.complaints.append(json.dumps(params)[:2000])
        if method == "Page.javascriptDialogOpening":
            self.complaints.append("a dialog: " + params["message"])
        if method:
            self.events.append((method, params))
        return message

    def call(self, method, session="page", **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if session and self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive(60)
            if answer.get("id") == self.count:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def wait_for(self, method, ready=lambda params: True):
        while not any(m == method and ready(p) for m, p in self.events):
            self.receive(60)

    def open(self, path):
        self.events.clear()
        loader = self.call("Page.navigate", url=pathlib.Path(path).as_uri())["loaderId"]
        # Of this document: the blank one before it may say only now that it is loaded.
        self.wait_for("Page.lifecycleEvent", lambda p: p["loaderId"] == loader and p["name"] == "load")

    def run(self, script):
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def until(self, script, wanted, seconds=30):
        """`wanted`, once the script gives it; after so long what it gives then. For what crosses processes: a document that
        is opened right after another one wrote to localStorage may see the old text, and hears of the new by a storage event."""
        end = time.monotonic() + seconds
        while (got := self.run(script)) != wanted and time.monotonic() < end:
            time.sleep(0.05)
        return got

    def open_until(self, path, script, wanted, before=None):
        """Opens a file, after the script `before`, whose document must see what an earlier one kept in localStorage. On a busy machine
        Chromium gives a new document an empty store for good, now and then (2 of 24 beside four busy loops): then once more."""
        for _ in range(4):
            if before:
                self.run(before)
            self.open(path)
            if (got := self.until(script, wanted, seconds=10)) == wanted:
                break
        return got

    def tab(self, path):
        """Opens a file in a further tab, to which the calls that follow go; gives the session of the one before."""
        before, self.session = self.session, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        self.open(path)
        return before

    def press(self, *names):
        """Keys by name: one letter each, or "Enter", "ArrowDown", ..."""
        for name in names:
            key = {"key": name}
            if len(name) == 1:
                key |= {"text": name, "code": "Key" + name.upper() if name.isalpha() else ""}
            if name == "Enter":
                key |= {"text": "\r", "windowsVirtualKeyCode": 13}
            self.call("Input.dispatchKeyEvent", type="keyDown", **key)
            self.call("Input.dispatchKeyEvent", type="keyUp", **{k: v for k, v in key.items() if k != "text"})

    def type(self, text):
        self.call("Input.insertText", text=text)

    def downloaded(self):
        """The one file that was downloaded since the last call."""
        self.wait_for("Browser.downloadProgress", lambda p: p["state"] == "completed")
        self.events = [e for e in self.events if e[0] != "Browser.downloadProgress"]
        (file,) = self.downloads.iterdir()
        bytes_ = file.read_bytes()
        file.unlink()
        return file.name, bytes_

    def picture(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
