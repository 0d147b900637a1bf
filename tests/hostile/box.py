"""What the generators of hostile files share: how a case is declared, and small writers of the formats.

A generator is a function under @kind("name") that is given an empty folder and yields cases, Case(name, arguments, ...);
files are made before the yield. Paths in `arguments` are the generator's own, `out` is a folder that must stay empty.
"""

import dataclasses
import json
import pathlib
import struct
import zlib

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "assets/tiny"
CRITIC, GENERATOR = ASSETS / "critic", ASSETS / "generator"
KINDS = []
EVERY = 1  # of the cases that are many and slow, one in so many is run

DEEP = 200_000  # levels
LONG = 5_000  # letters of a name: more than any file system takes


@dataclasses.dataclass
class Case:
    name: str
    arguments: list
    # Exit codes that are right: 2 for command lines and configurations, 3 for input files. 0: the file is harmless and read.
    codes: tuple = (2, 3)
    stdin: bytes | str = b""  # or "/dev/zero"
    says: str = ""  # stderr holds this
    limit_kb: int = 4 << 20  # resident memory


def kind(name):
    def declare(function):
        KINDS.append((name, function))
        return function

    return declare


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
    return path


def safetensors(path, tensors):
    """float32 tensors by name: (shape, bytes)."""
    header, at = {}, 0
    for name, (shape, data) in tensors.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    return write(path, struct.pack("<Q", len(text)) + text + b"".join(data for _, data in tensors.values()))


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, bits=8, color=2, pixels=b"", more=b""):
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + more + png_chunk(b"IDAT", zlib.compress(pixels)) +
            png_chunk(b"IEND", b""))


def gif(width, height, frames, picture=b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"):
    control = b"\x21\xf9\x04\x04\x04\0\0\0"
    return (b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0\0\0\0\xff\xff\xff" + (control + picture) * frames + b";")


def special_files(folder, ending=""):
    """What may stand in the place of any file: (name, path)."""
    import os

    folder.mkdir(parents=True, exist_ok=True)
    pipe = folder / f"pipe{ending}"
    os.mkfifo(pipe)
    loop = folder / f"loop{ending}"
    loop.symlink_to(loop.name)
    endless = folder / f"endless{ending}"
    endless.symlink_to("/dev/zero")
    dangling = folder / f"dangling{ending}"
    dangling.symlink_to("nowhere")
    inside = folder / f"folder{ending}"
    inside.mkdir()
    sparse = folder / f"sparse{ending}"
    with open(sparse, "wb") as file:
        file.truncate(1 << 42)
    return [("pipe", pipe), ("link to itself", loop), ("endless device", endless), ("dangling link", dangling), ("folder", inside),
            ("sparse file of 4 TiB", sparse), ("name of 5,000 letters", folder / ("n" * LONG + ending)),
            ("name below a file", folder / f"sparse{ending}" / "x")]
