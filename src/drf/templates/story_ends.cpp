// What a video starts and ends with, where the caption says so: "The last shot shows an empty bakery",
// "ends on the empty plate", "from day to night".
#include "drf/templates/story.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

class Ends {
 public:
  Ends(const std::vector<Token>& tokens, Caption& caption) : tokens_(tokens), caption_(caption) {}

  void run() {
    std::string first, last;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (const size_t what = after_last_shot(i); what > 0 && last.empty()) last = phrase(what);
      if (const size_t what =
              after(i, {"ends", "ending", "finishes", "closes", "concludes", "finish", "close", "end"});
          what > 0 && last.empty())
        last = phrase(what);
      if (const size_t what =
              after(i, {"starts", "starting", "begins", "beginning", "opens", "opening", "open", "start"});
          what > 0 && first.empty())
        first = phrase(what);
      started_ |= !first.empty();
      times(i);
    }
    const bool both = !first.empty() && !last.empty() && apart(first, last);
    const bool away = caption_.text.find(" pulls back ") != std::string::npos ||
                      caption_.text.find(" pulls out ") != std::string::npos ||
                      caption_.text.find(" zooms out ") != std::string::npos;
    const bool close =
        first.rfind("a close-up of ", 0) == 0 || first.rfind("an extreme close-up of ", 0) == 0;
    if (!first.empty())
      add("Does the video start with ", first, both || (away && close) ? "Does the video end with " : "");
    if (last.empty()) black();
    if (!last.empty()) add("Does the video end with ", last, both ? "Does the video start with " : "");
  }

 private:
  const std::string& word(size_t i) const { return word_at(tokens_, i); }

  // "The last shot shows", "the final frame is": where what it shows begins, or 0.
  size_t after_last_shot(size_t i) const {
    static const Words last = {"last", "final", "closing", "very last"},
                       shots = {"shot", "scene", "frame", "image", "picture"};
    static const Words shows = {"shows", "is", "reveals"};
    if (word(i) != "the" || !last.count(word(i + 1)) || !shots.count(word(i + 2)) ||
        !shows.count(word(i + 3)))
      return 0;
    return i + 4;
  }

  // "ends on": of the video, not of a rope.
  size_t after(size_t i, const Words& verbs) const {
    static const Words how = {"on", "with", "as"};
    static const Words subjects = {"video",    "clip",      "film",  "shot",       "footage", "camera",
                                   "sequence", "movie",     "ad",    "commercial", "trailer", "story",
                                   "take",     "animation", "scene", "we",         "all",     "reel"};
    static const Words plain = {"finish", "close", "end", "open", "start"};
    if (plain.count(word(i)) && (i == 0 || word(i - 1) != "we")) return 0;
    if (!verbs.count(word(i)) || !how.count(word(i + 1))) return 0;
    const bool participle = ends_with(word(i), "ing");
    const bool heads = i == 0 ||
                       (word(i - 1) == "it" && (i == 1 || tokens_[i - 2].kind == Token::Kind::kMark)) ||
                       tokens_[i - 1].kind == Token::Kind::kMark;
    const bool of_shot = i > 1 && word(i - 1) == "and" && filmed(i);
    const bool goes_on =
        word(i - 1) == "and" && (started_ || of_shot) && !participle;  // "starts with ... and ends with"
    if (!heads && !goes_on && !subjects.count(word(i - 1))) return 0;
    // "A rope hangs from the tree, ending with a knot"
    if (participle && i > 0 && tokens_[i - 1].text == ",") return 0;
    if (!participle && i > 0 && tokens_[i - 1].text == ",") {
      for (size_t k = i; k-- > 0 && tokens_[k].text != ".";) {  // of a list without a verb: tags
        if (find_verb(word(k)) && find_verb(word(k))->third && !find_noun(word(k))) return 0;
      }
    }
    return i + 2;
  }

  // Whether two phrases have no word but small ones in common: "an empty frame", "the frame empty again".
  static bool apart(const std::string& one, const std::string& other) {
    for (size_t at = 0; at < one.size();) {
      const size_t next = std::min(one.find(' ', at), one.size());
      const std::string word = " " + one.substr(at, next - at) + " ";
      if (!function_word(one.substr(at, next - at)) && (" " + other + " ").find(word) != std::string::npos)
        return false;
      at = next + 1;
    }
    return true;
  }

  // "The camera glides through a window, circles a piano, and ends on": of whom the sentence tells.
  bool filmed(size_t i) const {
    while (i > 0 && tokens_[i - 1].text != ".") --i;
    i += word(i) == "the" || word(i) == "a";
    return word(i) == "camera" || word(i) == "shot" || word(i) == "video";
  }

  // A noun phrase as it stands, up to where its clause ends, or "".
  std::string phrase(size_t from) const {
    const bool clause = from > 0 && word(from - 1) == "as";  // "ends as a whale jumps over the boat": jumping
    bool told = false;
    static const Words ends = {"and",    "while", "who",  "which", "that", "as",
                               "before", "after", "then", "but",   "where"};
    static const Words open = {"he",    "she",  "it",   "they", "him",     "her",    "his",  "its",
                               "their", "them", "no",   "not",  "nothing", "nobody", "what", "how",
                               "only",  "if",   "like", "or",   "my",      "your",   "one"};
    if (!is_a("determiner", word(from)) && !find_number(word(from))) return "";
    std::string words;
    size_t i = from;
    bool someone = false;  // "the judge laughing behind his hand"
    for (; i < tokens_.size() && tokens_[i].kind == Token::Kind::kWord && !ends.count(word(i)); ++i) {
      // "the mountain pass behind her", and there it ends
      const std::string& next = word(i + 1);
      if (is_a("preposition", word(i)) && is_a("object_pronoun", next) && i > from + 1 && closes(i + 2))
        break;
      const NounEntry* noun = find_noun(word(i));
      someone |= noun && noun->living();
      const bool his = someone && (word(i) == "his" || (word(i) == "her" && !closes(i + 1)));
      if ((open.count(word(i)) && !his) || is_a("modal", word(i))) return "";
      std::string said = tokens_[i].slip || tokens_[i].raw.empty() ? tokens_[i].text : tokens_[i].raw;
      const VerbForm* form = clause && i > from + 1 ? find_verb(word(i)) : nullptr;
      if (form && form->third) {
        if (told) return "";
        told = true;
        said = gerund(form->verb->base);
      }
      words += (words.empty() || word(i) == "'s" ? "" : " ") + said;
    }
    if (i < tokens_.size() && tokens_[i].kind == Token::Kind::kQuote) return "";
    const bool shot = words.find("close-up") != std::string::npos || ends_with(words, " shot");
    if (clause && !told && !shot) return "";
    if (word(i) == "and" && !find_noun(word(i - 1))) return "";
    return i - from >= 2 && i - from <= 12 ? words : "";
  }

  // Whether nothing more is said of it from token i on.
  bool closes(size_t i) const {
    return i >= tokens_.size() || tokens_[i].kind == Token::Kind::kMark || word(i) == "and" ||
           word(i) == "while";
  }

  // "Cut to black.", "..., then the screen fades to black": the last of the caption.
  void black() {
    size_t end = tokens_.size();
    while (end > 0 && tokens_[end - 1].kind == Token::Kind::kMark) --end;
    static const Words cuts = {"cut", "cuts", "fade", "fades"};
    if (end < 4 || word(end - 1) != "black" || word(end - 2) != "to" || !cuts.count(word(end - 3))) return;
    // "the shirt fades to black"
    static const Words who = {"screen",     "picture", "image",  "video", "scene", "film", "shot",    "clip",
                              "everything", "then",    "camera", "smash", "hard",  "slow", "finally", ""};
    const size_t head = end - 3;
    if (head > 0 && !who.count(word(head - 1)) && !(word(head - 1) == "and" && word(head) == "cuts")) return;
    if (caption_.text.find(" from black ") != std::string::npos) return;
    add("Does the video end with ", "a black screen", "Does the video start with ");
  }

  // "from day to night"
  void times(size_t i) {
    static const Words ends = {"day",     "night",   "dawn",     "dusk",    "sunrise",   "sunset",
                               "morning", "evening", "noon",     "winter",  "spring",    "summer",
                               "autumn",  "fall",    "daylight", "daytime", "nighttime", "midnight"};
    if (word(i) != "from" || !ends.count(word(i + 1)) || word(i + 2) != "to" || !ends.count(word(i + 3)) ||
        word(i + 1) == word(i + 3) || i == 0)
      return;
    static const Words turns = {"goes",          "changes",     "turns",      "passes",    "moves",
                                "shifts",        "transitions", "time-lapse", "timelapse", "transition",
                                "transitioning", "changing",    "shifting",   "turning",   "going"};
    const bool lapse = caption_.words.count("time-lapse") || caption_.words.count("timelapse");
    if (turns.count(word(i - 1)) || lapse)
      add("Does it go ", "from " + word(i + 1) + " to " + word(i + 3) + " in the video", "",
          "Does it go from " + word(i + 3) + " to " + word(i + 1) + " in the video?");
  }

  void add(const std::string& start, const std::string& what, const std::string& twin,
           const std::string& whole = "") {
    Fact& fact = caption_.facts.emplace_back();
    fact.value = start + what + "?";
    fact.contrast = !whole.empty() ? whole : twin.empty() ? "" : twin + what + "?";
  }

  const std::vector<Token>& tokens_;
  Caption& caption_;
  bool started_ = false;
};

}  // namespace

void add_story_ends(const std::vector<Token>& tokens, Caption& caption) { Ends(tokens, caption).run(); }

}  // namespace drf::templates
