#!/usr/bin/env python3
"""Hostile files: everything that drf reads, in the worst shape we could think of.

  tests/hostile/run.py build/src/drf/cli/drf [KIND[: words of a case's name]]

Right is: a documented exit code, no signal, one clear line (four at most) without raw escapes, 20 seconds of processor time
and 4 GiB of memory at most, and nothing half-written (docs/security.md). Needs Python's standard library only.
"""

import concurrent.futures
import importlib
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import box  # noqa: E402

CPU_SECONDS = 20
HANG_SECONDS = 120  # of the clock: a process that waits for ever uses no processor time
LINES, LINE_BYTES = 4, 6200  # 1,500 bytes of a message, each of which may be spelled with four, and the words around


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Far above what is allowed: a process that runs away ends before the machine does.
    resource.setrlimit(resource.RLIMIT_AS, (24 << 30, 24 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (3 * CPU_SECONDS, 3 * CPU_SECONDS))


def tree(folder):
    found = {}
    for root, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            info = os.lstat(os.path.join(root, name))
            found[os.path.join(root, name)] = (info.st_size if not os.path.isdir(os.path.join(root, name)) else 0, info.st_mode)
    return found


def complaints(drf, case, folder, scratch):
    out, err = scratch / "out.txt", scratch / "err.txt"
    before = tree(folder)
    arguments = [os.fsencode(a) if isinstance(a, (str, pathlib.Path)) else a for a in map(lambda a: a if isinstance(a, bytes) else str(a), case.arguments)]
    environment = dict(os.environ, OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive")
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        stdin = open(case.stdin, "rb") if isinstance(case.stdin, str) else tempfile.TemporaryFile()
        if not isinstance(case.stdin, str):
            stdin.write(case.stdin)
            stdin.seek(0)
        with stdin:
            process = subprocess.Popen([str(drf)] + arguments, stdin=stdin, stdout=stdout, stderr=stderr, cwd=folder, env=environment,
                                       preexec_fn=limits)
        hung = threading.Event()
        timer = threading.Timer(HANG_SECONDS, lambda: (hung.set(), process.kill()))
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = 0  # it has been waited for
    code = os.waitstatus_to_exitcode(status)
    said = err.read_bytes()
    wrong = []
    if hung.is_set():
        wrong.append(f"still ran after {HANG_SECONDS} s")
    elif code < 0:
        wrong.append(f"ended by signal {-code}")
    elif code not in case.codes:
        wrong.append(f"exit code {code}, wanted one of {case.codes}")
    if b"a bug in drf" in said:
        wrong.append("called a bug of ours")
    lines = said.splitlines()
    if len(lines) > LINES or any(len(line) > LINE_BYTES for line in lines):
        wrong.append(f"{len(lines)} lines of up to {max(map(len, lines), default=0)} bytes on stderr")
    if code != 0 and not lines:
        wrong.append("no word about why")
    if any(byte < 32 and byte not in b"\n\r\t" or byte == 127 for byte in said):
        wrong.append("raw control characters on stderr")
    if case.says.encode() not in said:
        wrong.append(f"does not say '{case.says}'")
    seconds = usage.ru_utime + usage.ru_stime
    if seconds > CPU_SECONDS:
        wrong.append(f"{seconds:.0f} s of processor time")
    if usage.ru_maxrss > case.limit_kb:
        wrong.append(f"{usage.ru_maxrss / (1 << 20):.1f} GiB of memory")
    if code != 0 and tree(folder) != before:
        wrong.append("left something behind: " + ", ".join(os.fsdecode(p) for p in set(tree(folder)) ^ set(before)))
    if wrong:
        wrong.append("stderr: " + said[:300].decode("utf-8", "replace").strip())
    return wrong, seconds, usage.ru_maxrss


def run_kind(drf, name, generate, folder, words):
    folder.mkdir()
    results = []
    if words and not (name.startswith(words) or words.startswith(name)):
        return results
    for index, case in enumerate(generate(folder)):
        if words in f"{name}: {case.name}":
            own = folder.parent / f"{folder.name}-{index}"
            own.mkdir()
            results.append((f"{name}: {case.name}", *complaints(drf, case, folder, own)))
            if results[-1][1]:
                print(f"FAIL {results[-1][0]}: " + "; ".join(results[-1][1]), flush=True)
    return results


def main():
    drf = pathlib.Path(sys.argv[1]).resolve()
    words = " ".join(sys.argv[2:])
    box.EVERY = 1 if words else 4
    for module in sorted(HERE.glob("files_*.py")):
        importlib.import_module(module.stem)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="drf-hostile-"))
    results = []
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            kinds = [pool.submit(run_kind, drf, name, generate, scratch / str(number), words)
                     for number, (name, generate) in enumerate(box.KINDS)]
            for each in kinds:
                results += each.result()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    failed = [name for name, wrong, _, _ in results if wrong]
    seconds, slowest = max(((seconds, name) for name, _, seconds, _ in results), default=(0, ""))
    kilobytes, largest = max(((kilobytes, name) for name, _, _, kilobytes in results), default=(0, ""))
    print(f"{len(results)} hostile files of {len(box.KINDS)} kinds, {len(failed)} mishandled; most processor time "
          f"{seconds:.1f} s ({slowest}), most memory {kilobytes / (1 << 20):.2f} GiB ({largest})")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
