#!/usr/bin/env python3
"""Compiles the general parser's lexicon (assets/lexicon/words.txt) from WordNet 3.0.

    apt-get install wordnet-base
    python3 tools/lexicon/make.py                    # writes assets/lexicon/words.txt
    python3 tools/lexicon/make.py --check            # says whether that file is what WordNet gives: exit code 1 where it
                                                     # is not, 77 where WordNet is not there to be asked

Deterministic: the same WordNet gives the same bytes. What is taken for a thing that one can see, and of which kind, stands in
kinds.py. The file's lines, sorted within each part ('_' is a blank within a word):

    # TEXT                               WordNet's licence, which goes with every copy: the program holds this file whole
    #KIND KIND ...                       the kinds, which are numbered in their order
    @ID KIND PARENT,PARENT WHOLE,WHOLE   a concept (a synset of WordNet), its kind, its hypernyms, what it is a part of ('-' for none)
    WORD MARKS CONCEPT,CONCEPT           a word in its base form; the concepts are those of its senses that can be seen, the likeliest first
    PLURAL =WORD                         a plural that no rule makes

MARKS: N a noun of something to be seen; n of a person, whose part a picture does not show (a debtor); x a noun of what is not
seen, or of which that is open; V, v a verb, stronger than the noun or worth a thought beside it; A, a an adjective likewise; r an
adverb; p a plural without a singular; c common (tagged in WordNet's corpus, or a hand's list).
"""

import argparse
import collections
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from kinds import KINDS, UNSEEN  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SINGLE = re.compile(r"^[a-z]+(-[a-z]+)*$")
ARTIFACT, QUANTITY = "06", "23"  # lexicographer files
# Heads and modifiers that the parser doubts by their endings alone need no line.
UNSEEN_END = re.compile("(tion|sion|ness|ment|ity|ance|ence|ism|ship|hood|ing|ed|ly|ous|able|ible|wards|less|age|ure|ful)$")
ADJECTIVE_END = re.compile("(ous|ful|ic|ive|less|able|ible|ish|ed|y|al|ary|ant|ent|ly)$|-")
ARTIFICIAL = re.compile("(thing|instrument|furniture|tableware|clothing|structure|vehicle)[.]")
PAIR = re.compile(r"^[a-z]+_[a-z]+$")


class WordNet:
    """Nouns' synsets and the senses of all words, by part of speech, the most frequent first, each with its tag count."""

    def __init__(self, folder):
        self.words, self.lemmas, self.hypernyms, self.wholes, self.lexfile = {}, {}, {}, {}, {}
        for line in lines(folder / "data.noun"):
            fields = line.split(" | ")[0].split()
            synset, count = fields[0], int(fields[3], 16)
            self.lemmas[synset] = [fields[4 + 2 * i] for i in range(count)]
            self.lexfile[synset] = fields[1]
            pointers = fields[5 + 2 * count:]
            links = [(pointers[i], pointers[i + 1]) for i in range(0, len(pointers), 4)]
            self.hypernyms[synset] = [to for kind, to in links if kind == "@"]
            self.wholes[synset] = [to for kind, to in links if kind == "#p"]
        counts = collections.Counter()
        for line in lines(folder / "cntlist.rev"):
            key, number, count = line.split()
            lemma, rest = key.split("%")
            counts[lemma, "nvars"[min(int(rest[0]), 5) - 1], int(number)] += int(count)
        for pos in "noun", "verb", "adj", "adv":
            for line in lines(folder / f"index.{pos}"):
                fields = line.split()
                synsets = fields[-int(fields[2]):]
                code = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}[pos]
                senses = [(s, counts[fields[0], code, i + 1] + (counts[fields[0], "s", i + 1] if code == "a" else 0))
                          for i, s in enumerate(synsets)]
                if code == "n":  # a fez, not Fez; a thimble, not as much as one holds
                    senses = [(s, c) for s, c in senses if fields[0] in self.lemmas[s]]
                    things = [(s, c) for s, c in senses if self.lexfile[s] != QUANTITY]
                    senses = things if any(self.lexfile[s] == ARTIFACT for s, _ in things) else senses
                    if not senses:
                        continue
                self.words.setdefault(fields[0], {})[code] = senses
        self.irregular = [line.split()[:2] for line in lines(folder / "noun.exc")]

    def named(self, name):
        """The synset of "word.06.2": the noun's second sense in lexicographer file 06."""
        word, file, number = (name + ".1").split(".")[:3]
        return [s for s, _ in self.words[word]["n"] if self.lexfile[s] == file][int(number) - 1]


def lines(path):
    with open(path, encoding="latin-1") as file:
        return [line.rstrip("\n") for line in file if not line.startswith("  ")]


class Sorter:
    """Which kind each synset is of: that of its nearest hypernym in KINDS; None for what is not seen."""

    def __init__(self, net):
        self.net = net
        self.anchors = {net.named(name): kind for kind, names in KINDS.items() for name in names.split()}
        self.anchors.update({net.named(name): None for name in UNSEEN.split()})
        self.known = {}

    def kind(self, synset):
        if synset not in self.known:
            level, seen, found = [synset], set(), None
            while level and found is None:
                hits = [s for s in level if s in self.anchors]
                if hits:
                    found = (self.anchors[hits[0]],)
                seen.update(level)
                level = [h for s in level for h in self.net.hypernyms[s] if h not in seen]
            self.known[synset] = found[0] if found else None
        return self.known[synset]

    def above(self, synset):
        result, level = [], [synset]
        while level:
            level = [h for s in level for h in self.net.hypernyms[s] if h not in result]
            result += level
        return result


def weight(senses):
    """Of one part of speech: what its tags say, and a little for each sense that has none."""
    return sum(count + .5 / (i + 1) for i, (_, count) in enumerate(senses))


def entry(word, by_pos, sorter):
    """The marks and the concepts of a word."""
    nouns, marks, concepts = by_pos.get("n", []), "", []
    if nouns:
        seen = other = 0.0
        tagged = any(count for _, count in nouns)
        for i, (synset, count) in enumerate(nouns):
            share = count + .5 / (i + 1 if tagged else 1)
            if sorter.kind(synset) is None:
                other += share
            else:
                seen += share
                concepts.append((synset, share))
        first = sorter.kind(nouns[0][0]) is not None
        likely = seen > (1.4 if first else 3) * other if tagged else seen > 0 and seen >= other
        concepts = [s for s, share in concepts if share >= .25 * concepts[0][1]] if likely else []
        marks += "x" if not likely else "n" if sorter.kind(concepts[0]) == "person.shy" else "N"
    own = weight(nouns)
    for code in "v", "a":
        if code in by_pos:
            rival = weight(by_pos[code])
            marks += code.upper() if rival > own else code if rival > .15 * own else ""
    if "r" in by_pos:
        marks += "r" if weight(by_pos["r"]) > .3 * own else ""
    if nouns and word.endswith("s") and not re.search("(ss|us|is|ics)$", word):
        marks += "p"
    if any(count for senses in by_pos.values() for _, count in senses):
        marks += "c"
    return marks, concepts


def needed(word, marks):
    if set(marks) & set("Nn"):
        return True
    if "x" in marks:
        return not UNSEEN_END.search(word) or "c" in marks
    return bool(set(marks) & set("Vv")) or bool(set(marks) & set("Aa")) and not ADJECTIVE_END.search(word)


def compile_table(folder):
    net = WordNet(folder)
    sorter = Sorter(net)
    table = {}
    for word, by_pos in net.words.items():
        if SINGLE.match(word) and len(word) > 2:
            marks, concepts = entry(word, by_pos, sorter)
            if needed(word, marks):
                table[word] = marks, concepts
    # Of two words only those whose kind the last one does not tell (a music box is a box, a sea lion is no lion), and those that begin
    # with what is an adjective elsewhere (a grand piano).
    for word, by_pos in net.words.items():
        if not PAIR.match(word) or set(by_pos) != {"n"}:
            continue
        first, last = word.split("_")
        marks, concepts = entry(word, by_pos, sorter)
        if not concepts or "N" not in marks or any("n" not in net.words.get(w, {}) for w in (first, last)):
            continue
        adjective = set(table.get(first, ("",))[0]) & set("aA")
        if "V" in table.get(first, ("",))[0] or adjective and not ARTIFICIAL.match(sorter.kind(concepts[0])):
            continue
        stem = last[:-1] if last.endswith("s") and last[:-1] in table else last
        above = sorter.above(concepts[0])
        if not adjective and stem in table and any(c in above or sorter.kind(c) == sorter.kind(concepts[0]) for c in table[stem][1]):
            continue
        table[word] = marks, concepts
    # "knuckles" is more than one knuckle, whatever else it may be.
    for word in [w for w, (marks, _) in table.items() if "p" in marks and "c" not in marks]:
        if set(table.get(word[:-1], ("",))[0]) & set("Nn"):
            del table[word]
    return render(net, sorter, table)


def render(net, sorter, table):
    used = {c for _, concepts in table.values() for c in concepts}
    for c in sorted(used):
        used.update(s for s in sorter.above(c) if sorter.kind(s) is not None)
    wholes = {c: [w for w in net.wholes[c] if w in used] for c in used}
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"

    def short(number):
        return digits[number] if number < 36 else short(number // 36) + digits[number % 36]

    ids = {c: short(i) for i, c in enumerate(sorted(used))}
    names = sorted(KINDS)

    def listed(concepts):
        return ",".join(ids[c] for c in concepts if c in ids) or "-"

    licence = (ROOT / "assets/lexicon/LICENSE").read_text(encoding="ascii").splitlines()
    out = [f"# {line}".rstrip() for line in licence] + ["#" + " ".join(names)]
    for c in sorted(used):
        line = f"@{ids[c]} {short(names.index(sorter.kind(c)))} {listed(net.hypernyms[c])}"
        out.append(line + (" " + listed(wholes[c]) if wholes[c] else ""))
    rows = []
    for word, (marks, concepts) in table.items():
        rows.append(f"{word} {marks}" + (" " + listed(concepts) if concepts else ""))
    for plural, word in net.irregular:
        if word in table and set(table[word][0]) & set("Nnx") and plural not in table and SINGLE.match(plural):
            if plural != word and not plural.endswith(word):
                rows.append(f"{plural} ={word}")
    return "\n".join(out + sorted(set(rows))) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wordnet", type=pathlib.Path, default=pathlib.Path("/usr/share/wordnet"))
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "assets/lexicon/words.txt")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not (options.wordnet / "data.noun").exists():
        print(f"{options.wordnet}/data.noun is not there: apt-get install wordnet-base", file=sys.stderr)
        sys.exit(77 if options.check else 1)
    text = compile_table(options.wordnet)
    if options.check:
        sys.exit(0 if options.out.read_text(encoding="ascii") == text else f"{options.out} is not what {options.wordnet} gives")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text, encoding="ascii")
    print(f"{options.out}: {len(text)} bytes, {text.count(chr(10))} lines")


if __name__ == "__main__":
    main()
