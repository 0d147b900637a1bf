"""What the comparison scripts share: running the peer and drf as processes of their own, the machine, Markdown."""

import argparse
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = pathlib.Path(os.environ.get("DRF_BINARY", ROOT / "build/src/drf/cli/drf")).absolute()
PLAIN = ROOT / "build/bench/plain_update"
# The same for all: threads that wait without spinning, fair on machines that do other work too, and the huge pages that drf
# asks for where nothing is set.
ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "HF_HUB_OFFLINE": "1"}
SETTINGS = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items() if not name.startswith("HF"))
MIB = 2**20


def count(text):
    """The type of a command's argument that says how many: from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: a count is 1 or more")
    return int(text)


def run(command):
    """The JSON object on the last line that the command prints to stdout."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=os.environ | ENVIRONMENT, capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"{spelled(command)}\nexit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def peer_command(config, threads, *more, script="flow.py"):
    return [sys.executable, ROOT / "bench/peer" / script, config, "--threads", threads, *more]


def drf_command(binary, config, threads, updates, settings=None):
    sets = [part for key, value in (settings or {}).items() for part in ("--set", f"{key}={value}")]
    return [binary, "bench", config, "--updates", updates, "--threads", threads, "--json", *sets]


def has_bench(binary):
    if not pathlib.Path(binary).exists():
        return False
    listed = subprocess.run([str(binary), "--help"], capture_output=True, text=True).stdout
    return any(line.split()[:1] == ["bench"] for line in listed.splitlines())


def spelled(command):
    """A command as one types it in the repository's root."""
    parts = ["python" if part == sys.executable else str(part).replace(f"{ROOT}/", "") for part in command]
    return shlex.join(parts)


def machine():
    """One line: processor, cores, memory, torch, commit."""
    import torch  # not above: the table is shown without it

    with open("/proc/cpuinfo", encoding="utf-8") as file:
        cpu = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30

    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    commit = git("rev-parse", "--short", "HEAD") + (" with changes" if git("status", "--porcelain", "-uno") else "")
    return (f"{cpu}, {os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}, {memory:.0f} GiB, "
            f"torch {torch.__version__}, commit {commit}")


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def write(path, text):
    """Prints the page and keeps it."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(text)
