// Which clause of a story comes before which, by the words that say so.
#include "drf/templates/story.h"

#include "drf/templates/clause_words.h"

namespace drf::templates {
namespace {

constexpr size_t kMost = 6;          // of one prompt
constexpr size_t kMostTokens = 600;  // that are read

class Story {
 public:
  Story(const std::vector<Token>& tokens, Caption& caption) : tokens_(tokens), caption_(caption) {}

  void run() {
    for (const char* word : {"reverse", "reversed", "rewind", "rewinds", "rewinding", "rewound"}) {
      if (caption_.words.count(word)) return;
    }
    for (size_t begin = 0, i = 0; i <= tokens_.size(); ++i) {
      if (!ends_sentence(tokens_, i)) continue;
      if (i > begin)
        // "Whisk three eggs and, once the edges set, fold ...": told of nobody
        sentences_.push_back(tells_to_do(tokens_, begin) ? std::vector<StoryClause>()
                                                         : story_clauses(tokens_, begin, i));
      // "A puddle freezes: first needles creep in": what stands before the colon tells all of it
      if (i < tokens_.size() && tokens_[i].text == ":") summed_.insert(sentences_.size());
      begin = i + 1;
    }
    name_doers(tokens_, caption_, sentences_);
    for (const char* words : {" again and again ", " over and over ", " repeatedly ", " endlessly ", " loop ",
                              " looping ", " every ", " all day ", " back and forth ", " constantly ",
                              " time-lapse ", " timelapse ", " in turn "})
      repeats_ |= caption_.text.find(words) != std::string::npos;
    for (size_t s = 0; s < sentences_.size(); ++s) {
      for (size_t c = 0; c < sentences_[s].size(); ++c) orders(s, c);
    }
    gone();
    last();
    for (const auto& clauses : sentences_) deeds(clauses);
  }

 private:
  static bool subordinate(const StoryClause& c) {
    return c.link == "before" || c.link == "after" || c.link == "until" || c.link == "once" ||
           c.link == "when" || c.link == "by";
  }
  static bool told(const StoryClause& c) { return !c.open && !c.who.empty() && !c.base.empty() && c.said; }

  void orders(size_t s, size_t c) {
    const auto& clauses = sentences_[s];
    const StoryClause& one = clauses[c];
    if (!told(one)) return;
    if (subordinate(one)) {
      // "Once the train enters a tunnel, the screen goes dark", else the clause before it
      const size_t behind = one.start + (tokens_[one.start].kind == Token::Kind::kMark);
      const std::string& head = tokens_[behind].text;
      const bool main_behind = c + 1 < clauses.size() && clauses[c + 1].link.empty() &&
                               clauses[c + 1].subject < clauses[c + 1].subject_end;
      const bool leads =
          c == 0 || head == "but" || (c == 1 && clauses[0].open) || (head == "and" && main_behind);
      if (leads && (c + 1 >= clauses.size() || !clauses[c + 1].link.empty())) return;
      // "He waits, and when it rings he runs", "He waits, when it rings, he runs": either
      if (!leads && (head == "and" || behind > one.start) && c + 1 < clauses.size() &&
          clauses[c + 1].link.empty() && !one.gerund)
        return;
      const StoryClause& main = clauses[leads ? c + 1 : c - 1];
      if (!told(main) || (!leads && main.link != "" && main.link != "then" && main.link != "finally" &&
                          main.link != "first"))
        return;
      if (one.link == "when" && (!sudden(one) || main.base == "be")) return;
      // "shines his torch and steps back when ...": told of what stands nearest
      for (size_t i = main.verb + 1; !leads && i + 1 < one.start; ++i) {
        if (and_does(tokens_[i].text, tokens_[i + 1].text)) return;
      }
      if (one.link == "before" || one.link == "until" || one.link == "by")
        add(main, one);
      else
        add(one, main);
      return;
    }
    if (one.link.empty() && c > 0 && in_row(clauses, c)) {
      add(clauses[c - 1], one);
      return;
    }
    if (one.link != "then" && one.link != "finally") return;
    if (const StoryClause* before = told_last(s, c)) add(*before, one);
  }

  static bool main(const StoryClause& c) {
    return c.link == "" || c.link == "then" || c.link == "finally" || c.link == "first";
  }

  // What is told last before clause c of sentence s: of the clauses of that sentence, or of the one before,
  // the last that is read; how something is goes on.
  const StoryClause* told_last(size_t s, size_t c) const {
    size_t of = s;
    while (c == 0 && of > 0 && s - of < 2 && !summed_.count(of)) c = sentences_[--of].size();
    for (size_t back = c; back-- > 0;) {
      const StoryClause& one = sentences_[of][back];
      static const std::set<std::string> goes_on = {"be",     "live",  "stand", "sit",  "lie",   "hang",
                                                    "hold",   "wear",  "have",  "glow", "shine", "stay",
                                                    "remain", "carry", "take",  "make", "do",    "go"};
      if ((back + 1 < c || (one.participle && back > 0)) && goes_on.count(one.base)) return nullptr;
      if (told(one) && (main(one) || (back + 1 < c && (one.link == "after" || one.link == "once" ||
                                                       (one.link == "when" && back == 0)))))
        return &one;
      if (one.base.empty() && !one.open) return nullptr;
    }
    return nullptr;
  }

  // What is told in main clauses; not of what has turned into something else.
  void deeds(const std::vector<StoryClause>& clauses) {
    for (const StoryClause& clause : clauses) {
      static const std::set<std::string> turns = {"turn", "transform", "change", "morph", "become"};
      if (told(clause) && !clause.gerund && !clause.participle && !subordinate(clause) &&
          clause.link != "?" && !remade_) {
        const std::string question = story_deed(clause, caption_);
        if (!question.empty()) caption_.facts.emplace_back().value = question;
        const Fact without = story_without(clause, tokens_, caption_);
        if (!without.value.empty()) caption_.facts.push_back(without);
      }
      remade_ |= turns.count(clause.base) > 0;
    }
  }

  // "..., but the dog is gone": so it ends.
  void gone() {
    for (size_t s = sentences_.size(); s-- > 0;) {
      if (sentences_[s].empty()) continue;
      const StoryClause& last = sentences_[s].back();
      if ((s == 0 && sentences_[s].size() < 2) || !told(last) || last.base != "be" || subordinate(last) ||
          last.rest != " gone" || last.who.rfind("the ", 0) != 0 ||
          caption_.text.find(last.who.substr(3) + " ") >= caption_.text.find(" gone "))
        return;
      Fact& fact = caption_.facts.emplace_back();
      const std::string start = last.plural ? "Are " : "Is ";
      fact.value = start + last.who + " gone at the end of the video?";
      fact.contrast = start + last.who + " still there at the end of the video?";
      return;
    }
  }

  // "In the end the king gives the frog a crown", where nothing that is told before it is read: what the
  // video ends with.
  void last() {
    const StoryClause* end = nullptr;
    bool before = false;
    for (const auto& clauses : sentences_) {
      for (const StoryClause& one : clauses) {
        const bool told_now =
            !end || one.link != "" || (one.who != end->who && one.base != "be" && one.who != "the camera");
        if (end && told_now) end = nullptr;  // the story goes on
        if (one.link == "finally" && before) end = &one;
        before |= one.base != "be" && one.who != "the camera";
      }
    }
    if (!end || !told(*end) || seconds_.count(end) || end->there || repeats_) return;
    static const std::set<std::string> states = {"stand", "sit", "lie", "hang", "stay", "remain"};
    Fact& fact = caption_.facts.emplace_back();
    if (end->base == "be") {
      const std::string is = (end->plural ? "Are " : "Is ") + end->who + end->rest;
      fact.value = is + " at the end of the video?";
      // "is placed back on the shelf": so it may have been
      if ((end->rest + " ").find(" back ") == std::string::npos)
        fact.contrast = is + " at the start of the video?";
      return;
    }
    fact.value = "Does the video end with " + end->who + " " + gerund(end->base) + end->rest + "?";
    if (!states.count(end->base))
      fact.contrast = "Does the video start with " + end->who + " " + gerund(end->base) + end->rest + "?";
  }

  // "hits the pins and sends them flying", "takes a bite, chews and swallows": by what is over when the next
  // begins.
  bool in_row(const std::vector<StoryClause>& clauses, size_t c) const {
    const StoryClause &a = clauses[c - 1], &b = clauses[c];
    if (repeats_ || !told(a) || a.who != b.who || b.subject < b.subject_end || a.many || a.base == b.base)
      return false;
    if (a.link != "" && a.link != "then" && a.link != "first" && a.link != "finally") return false;
    return story_deed_over(a) && story_deed_begins(b);
  }

  // Over at once, and seen.
  static bool sudden(const StoryClause& c) {
    static const std::set<std::string> deeds = {
        "plug",   "press",  "open",   "touch",   "hit",    "land",    "strike",   "pull",
        "push",   "flip",   "switch", "drop",    "snap",   "clap",    "bite",     "break",
        "crack",  "pop",    "burst",  "enter",   "lift",   "knock",   "cut",      "blow",
        "throw",  "kick",   "slam",   "close",   "arrive", "reach",   "step",     "sit",
        "jump",   "fall",   "crash",  "explode", "put",    "place",   "set",      "take",
        "tap",    "wake",   "pick",   "stop",    "die",    "settle",  "clear",    "appear",
        "emerge", "unlock", "unwrap", "release", "catch",  "swallow", "fire",     "toss",
        "tip",    "trip",   "slip",   "hatch",   "bloom",  "topple",  "collapse", "come"};
    return deeds.count(c.base) > 0;
  }

  static std::string asked(const StoryClause& c) {
    if (c.there) return std::string(c.many ? "Are" : "Is") + " there" + c.rest;
    if (c.base == "be") return (c.plural ? "Are " : "Is ") + c.who + c.rest;
    return (c.plural ? "Do " : "Does ") + c.who + " " + c.base + c.rest;
  }
  static std::string stated(const StoryClause& c) {
    if (c.base == "be") return c.who + (c.many ? " are" : " is") + c.rest;
    return c.who + " " + (c.plural ? c.base : third_person(c.base)) + c.rest;
  }
  static std::string question(const StoryClause& a, const StoryClause& b) {
    if (a.who == b.who && !a.there)
      return asked(a) + " before " + (b.base == "be" ? "being" : gerund(b.base)) + b.rest + "?";
    return asked(a) + " before " + stated(b) + "?";
  }

  bool told_before(const StoryClause& a, const StoryClause& b) const {
    const auto base = [&](int fact) {
      const Fact& of = caption_.facts[static_cast<size_t>(fact)];
      return first_word(of.value);
    };
    for (const Fact& fact : caption_.facts) {
      if (fact.kind == Fact::Kind::kOrder && base(fact.first) == a.base && base(fact.second) == b.base)
        return true;
    }
    return false;
  }

  void add(const StoryClause& a, const StoryClause& b) {
    if (told_before(a, b)) seconds_.insert(&b);
    if (made_ >= kMost || told_before(a, b) || (a.who == b.who && a.base == b.base && a.rest == b.rest))
      return;
    // "The room is dark, then ...": how it is may go on
    const std::string state = first_word(a.rest.empty() ? a.rest : a.rest.substr(1));
    // "transforms into a carriage, then rolls": who?
    static const std::set<std::string> turns = {"turn", "transform", "change", "morph"};
    if (turns.count(a.base) && a.who == b.who && a.rest.rfind(" into ", 0) == 0) return;
    const VerbForm* form = find_verb(state);
    const bool happens = ends_with(state, "ing") || (form && form->participle) || a.link == "first";
    if (a.there || (a.base == "be" && !happens)) return;
    // so it was before: "is calm again", "keeps brushing"
    static const std::set<std::string> goes_on = {"keep", "continue", "stay", "remain"};
    if ((b.base == "be" && ends_with(b.rest, " again")) || goes_on.count(b.base)) return;
    Fact& fact = caption_.facts.emplace_back();
    fact.value = question(a, b);
    fact.contrast = question(b, a);
    seconds_.insert(&b);
    ++made_;
  }

  const std::vector<Token>& tokens_;
  Caption& caption_;
  std::vector<std::vector<StoryClause>> sentences_;
  std::set<const StoryClause*> seconds_;  // asked as what comes after something
  std::set<size_t> summed_;               // sentences behind a colon
  size_t made_ = 0;
  bool repeats_ = false, remade_ = false;
};

}  // namespace

void add_story(const std::vector<Token>& tokens, Caption& caption) {
  if (!caption.tags && tokens.size() <= kMostTokens) Story(tokens, caption).run();
}

}  // namespace drf::templates
