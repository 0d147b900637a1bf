// Where in the picture a parsed sentence has its things: in the background, on the left, behind another one.
#include <algorithm>

#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"

namespace drf::templates {

// Whom the phrase at preposition p is told of: the noun right before it, or the subject of its verb; -1 where
// that is open.
int ClauseReader::told_of(const Sentence& s, int p) const {
  const Node& node = at(s, p);
  if (node.dep != "prep" || !node.sure) return -1;
  const int head = node.head;
  if (at(s, head).tag.rfind("NN", 0) == 0 && at(s, head).token + 1 == node.token) {
    // "a man with a tractor in the background": the tractor, but "a photo of a man in the background" either
    const int up = at(s, head).head;
    const bool with = at(s, head).dep == "pobj" && at(s, up).word == "with";
    return told_first(s, head) || with ? s.things[static_cast<size_t>(head)] : -1;
  }
  if (at(s, head).tag.rfind("VB", 0) != 0 || !real(s, head)) return -1;
  if (child(s, head, "expl") >= 0) {
    const int what = child(s, head, "attr");
    return what >= 0 && at(s, what).sure ? s.things[static_cast<size_t>(what)] : -1;
  }
  const int subject = child(s, head, "nsubj");
  if (subject < 0 || !at(s, subject).sure || child(s, subject, "conj") >= 0 || at(s, subject).tag == "PRP")
    return -1;
  const int of = child(s, subject, "prep");  // "rows of monitors glow"
  if (of >= 0 && at(s, of).word == "of" && !is_a("measure", at(s, subject).word) &&
      !is_a("collective", at(s, subject).word))
    return -1;
  // behind the verb it may be where its object is
  if (p > head && child(s, head, "dobj") >= 0) return -1;
  return subject_of(s, head);
}

void ClauseReader::in_picture(const Sentence& s, int p) {
  const Node& node = at(s, p);
  const int where = child(s, p, "pobj");
  if (where < p || node.dep != "prep") return;
  const std::string& name = at(s, where).word;
  const bool depth =
      node.word == "in" && (name == "background" || name == "foreground" || name == "distance");
  const bool side = node.word == "on" && (name == "left" || name == "right");
  const int article = child(s, where, "det");
  if ((!depth && !side) || article < 0 || at(s, article).word != "the" || child(s, where, "prep") >= 0 ||
      child(s, where, "amod") >= 0 || child(s, where, "conj") >= 0)
    return;
  if (side) {
    for (const char* word : {"pan", "pans", "panning", "orbits", "rotates", "then", "turns", "tracks"}) {
      if (caption_.words.count(word)) return;
    }
  }
  const int t = told_of(s, p);
  if (t < 0 || !thing(t).sure || thing(t).negated || !thing(t).noun || thing(t).name == "camera" ||
      thing(t).noun->category == "abstract" || the(t).empty())
    return;
  const std::string other = name == "left"         ? "right"
                            : name == "right"      ? "left"
                            : name == "foreground" ? "background"
                                                   : "foreground";
  const std::string start = node.word + " the ";
  plain(t, "be", start + name, caption_.words.count(other) ? "" : start + other);
}

// "Behind him, two women carry a cage": what the sentence begins with.
void ClauseReader::fronted(const Sentence& s, int p) {
  static const std::set<std::string> clear = {"behind", "beside", "above",  "below",
                                              "under",  "near",   "beneath"};
  const Node& node = at(s, p);
  const int whom = child(s, p, "pobj"), subject = child(s, node.head, "nsubj");
  if (p > 1 || node.dep != "prep" || !node.sure || !clear.count(node.word) || whom < p || !at(s, whom).sure ||
      subject < whom || child(s, node.head, "expl") >= 0 || child(s, whom, "conj") >= 0)
    return;
  bool comma = false;
  for (int n = whom + 1; n < subject; ++n) comma |= at(s, n).word == ",";
  const int t = told_of(s, p);
  const int of = at(s, whom).tag == "PRP" ? meant(s, whom, -1) : s.things[static_cast<size_t>(whom)];
  if (!comma || t < 0 || of < 0 || t == of || !thing(t).sure || thing(t).negated || !thing(t).noun ||
      !thing(of).sure || thing(of).negated || the(of).empty() || the(t).empty() ||
      !thing(t).noun->visible() || thing(t).noun->category == "place")
    return;
  const bool asked = std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
    return fact.kind == Fact::Kind::kRelation && fact.thing == t && fact.object == of;
  });
  if (asked) return;
  Fact& fact = add(Fact::Kind::kRelation, t);
  fact.object = of;
  fact.value = node.word;
  fact.contrast = relations().at(node.word);
}

}  // namespace drf::templates
