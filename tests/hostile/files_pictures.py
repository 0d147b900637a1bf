"""Pictures, animations, videos, folders of pictures, and frames as tensors."""

import struct
import zlib

from box import CRITIC, DEEP, Case, gif, kind, png, png_chunk, safetensors, special_files, write

QUESTION = '{"id":"a","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is the ball red?","answer":"Yes"}\n'


def score(t, option, path, name, codes=(3,), more=(), **options):
    questions = t / "q.jsonl"
    if not questions.exists():
        write(questions, QUESTION)
    return Case(name, ["score", "--critic", CRITIC, option, path, "--questions", questions, "--threads", "1", *more], codes=codes, **options)


@kind("picture")
def pictures(t):
    def video(name, content, ending, **more):
        return score(t, "--video", write(t / f"{len(list(t.iterdir()))}{ending}", content), name, **more)

    one = zlib.compress(b"\0\0\0\0")
    yield video("a PNG that claims 30,000 x 30,000", png(30_000, 30_000), ".png")
    yield video("a PNG that claims 2^31 x 2^31", png(0x7FFFFFFF, 0x7FFFFFFF), ".png")
    yield video("a PNG of no size", png(0, 0), ".png")
    yield video("a PNG of one row, 16,000 wide", png(16_000, 1, pixels=b"\0" * 48_001), ".png")
    yield video("a PNG whose pixels unpack to more than the picture", png(16, 16, pixels=b"\0" * (64 << 20)), ".png", codes=(0, 3))
    yield video("a PNG with a text that unpacks", png(1, 1, pixels=b"\0\0\0\0", more=png_chunk(
        b"zTXt", b"x\0\0" + zlib.compress(b"x" * (64 << 20)))), ".png", codes=(0, 3))
    yield video("a PNG without its end", png(16, 16, pixels=b"\0" * 784)[:-12], ".png")
    yield video("an APNG of a million claimed frames", png(16, 16, pixels=b"\0" * 784, more=png_chunk(b"acTL", struct.pack(">II", 1_000_000, 0))),
                ".apng", codes=(0, 3))
    control = png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 2_000, 2_000, 0, 0, 1, 10, 0, 0))
    frames = b"".join(png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 2 * i + 1, 1, 1, 0, 0, 1, 10, 0, 0)) +
                      png_chunk(b"fdAT", struct.pack(">I", 2 * i + 2) + one) for i in range(5_000))
    whole = zlib.compress(b"\0" * (6_001 * 2_000))
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 2_000, 2_000, 8, 2, 0, 0, 0))
    yield video("an APNG of 5,000 frames of 2,000 x 2,000", b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"acTL", struct.pack(">II", 5_001, 0)) +
                control + png_chunk(b"IDAT", whole) + frames + png_chunk(b"IEND", b""), ".apng")
    yield video("a GIF of 100,000 frames of 2,000 x 2,000", gif(2_000, 2_000, 100_000), ".gif")
    yield video("a GIF of 65,535 x 65,535", gif(65_535, 65_535, 3), ".gif")
    yield video("a GIF of 100,001 frames of one pixel", gif(1, 1, 100_001), ".gif")
    yield video("a GIF of no size", gif(0, 0, 3), ".gif")
    yield video("a GIF cut off", gif(64, 64, 100)[:-7], ".gif")
    yield video("text", "this is no video\n" * 100, ".mp4")
    yield video("text art", "\x1b[31mred\x1b[0m\n" * 100, ".nfo")
    yield video("a playlist", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n", ".mp4")
    yield video("a list of files", "ffconcat version 1.0\nfile /etc/passwd\n", ".mp4")
    yield video("a manifest", '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>', ".mpd")
    yield video("zeros", b"\0" * 1_000_000, ".mp4")
    yield video("nothing", b"", ".mp4")
    yield video("an mp4 of boxes in boxes", struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") +
                b"".join(struct.pack(">I4s", 8 * (20_000 - i), b"moov") for i in range(20_000)), ".mp4")
    yield video("an mp4 with a box of 2^63 bytes", struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") + struct.pack(
        ">I4sQ", 1, b"moov", (1 << 63) - 1) + b"x" * 64, ".mp4")
    yield video("a header of Matroska", b"\x1a\x45\xdf\xa3" + b"\xff" * 1_000, ".mkv")
    yield video("a y4m of 100,000 x 100,000", b"YUV4MPEG2 W100000 H100000 F25:1 C420\nFRAME\n" + b"x" * 1_000, ".y4m")
    yield video("a y4m of no rate", b"YUV4MPEG2 W16 H16 F1:2000000000 C420\n" + (b"FRAME\n" + b"\x80" * 384) * 3, ".y4m", codes=(0, 3))
    for name, path in special_files(t / "special", ".mp4"):
        yield score(t, "--video", path, name)


@kind("folder of pictures")
def picture_folders(t):
    small = png(16, 16, pixels=(b"\0" + b"\x80" * 48) * 16)

    def folder(name, **files):
        path = t / f"folder-{len(list(t.iterdir()))}"
        path.mkdir()
        for file, content in files.items():
            write(path / file.replace("__", "."), content)
        return path

    yield score(t, "--video", folder("empty"), "empty")
    yield score(t, "--video", folder("hidden", __a__png=small), "only hidden files")
    yield score(t, "--video", folder("sizes", a__png=small, b__png=png(8, 16, pixels=(b"\0" + b"\x80" * 24) * 16)), "sizes that differ")
    yield score(t, "--video", folder("text", a__png=small, b__PNG="text"), "one that is text")
    yield score(t, "--video", folder("bomb", a__png=png(16_000, 16_000)), "one that claims 256 million pixels")
    for name, path in special_files(t / "special-1", ".png"):
        if path.parent.name == "special-1" and len(path.name) < 200:
            own = t / f"holds-{name.replace(' ', '-')}"
            own.mkdir()
            write(own / "a.png", small)
            path.rename(own / path.name)
            yield score(t, "--video", own, f"holds a {name}")
    many = t / "50%03d done"
    many.mkdir()
    for i in range(3):
        write(many / f"%d{i}.png", small)
    yield score(t, "--video", many, "names with patterns", codes=(0,))


@kind("frames")
def frames(t):
    def tensor(name, shape, data, **more):
        return score(t, "--frames", safetensors(t / f"{len(list(t.iterdir()))}.safetensors", {"frames": (shape, data)}), name, **more)

    grey = b"\0\0\0\x3f"
    yield tensor("no frames", [0, 3, 16, 16], b"")
    yield tensor("not finite", [2, 3, 8, 8], b"\0\0\x80\x7f" * 384)
    yield tensor("not numbers", [2, 3, 8, 8], b"\0\0\xc0\x7f" * 384)
    yield tensor("four channels", [2, 4, 8, 8], grey * 512)
    yield tensor("two axes", [16, 16], grey * 256)
    yield tensor("one row", [1, 3, 1, 4_000], grey * 12_000)
    yield tensor("more numbers than bytes", [1 << 31, 3, 1 << 31, 16], b"")
    yield tensor("huge values", [2, 3, 16, 16], struct.pack("<f", 3e38) * 1536, codes=(0, 3, 4))
    more = safetensors(t / "good.safetensors", {"frames": ([2, 3, 16, 16], grey * 1536)})
    for option, value in {"--fps": "nan", "--critic-frames": "99999999999", "--max-pixels": "1"}.items():
        yield score(t, "--frames", more, f"{option} {value}", codes=(2,), more=(option, value))
    yield score(t, "--frames", more, "--fps inf", codes=(2,), more=("--fps", "inf"))
    yield score(t, "--frames", more, "--fps 1e-300", codes=(2,), more=("--fps", "1e-300"))
    for name, path in special_files(t / "special", ".safetensors"):  # 5: 4 TiB are more address space than run.py allows
        yield score(t, "--frames", path, name, codes=(3, 5) if name.startswith("sparse") else (3,))
