// "For a moment the screen is completely dark, then a ghost appears": a sentence in clauses, what the picture
// does for a while, and what comes before and behind it.
#include <algorithm>

#include "drf/templates/clauses.h"

namespace drf::templates {

// Where a "then" or "finally" with a subject of its own begins another clause: "..., then he trims the
// beard".
std::vector<std::pair<size_t, size_t>> ClauseReader::clauses(size_t begin, size_t end) const {
  static const std::set<std::string> subjects = {"he",       "she",       "it",     "they",  "everything",
                                                 "hundreds", "thousands", "dozens", "nobody"};
  // what governs the rest of its sentence
  static const std::set<std::string> governs = {"if",    "unless", "whether", "because", "that",    "how",
                                                "about", "when",   "once",    "until",   "imagine", "wants"};
  std::vector<std::pair<size_t, size_t>> parts;
  size_t from = begin;
  for (size_t i = begin; i < end; ++i) {
    const std::string& word = tokens_[i].text;
    if (one_of(word, governs)) break;
    if (i == begin || i + 2 >= end || (word != "then" && word != "finally")) continue;
    size_t before = i - 1;
    const bool joined = one_of(tokens_[before].text, {"and", "but"});
    if (joined && before > from) --before;
    const bool comma = tokens_[before].text == ",";
    const std::string& next = tokens_[i + 1].text;
    if (!(comma || joined) || before <= from ||
        !(is_a("determiner", next) || subjects.count(next) || find_number(next)))
      continue;
    parts.emplace_back(from, comma ? before : before + 1);
    from = i;
  }
  parts.emplace_back(from, end);
  return parts;
}

// "the picture goes completely dark", "there is only blackness", "nothing can be seen but darkness".
void ClauseReader::find_moment(size_t begin, size_t end) {
  static const std::set<std::string> pictures = {"picture", "screen", "image", "frame",
                                                 "stage",   "room",   "hall"};
  static const std::set<std::string> turns = {"goes", "turns", "becomes"}, stays = {"is", "stays", "remains"};
  static const std::set<std::string> fully = {"completely", "entirely", "totally", "fully", "all",
                                              "pitch",      "utterly",  "simply",  "just",  "suddenly"};
  static const std::map<std::string, std::string> lights = {
      {"dark", "go dark"},        {"black", "go black"},     {"white", "turn white"},
      {"darkness", "go dark"},    {"blackness", "go black"}, {"pitch-black", "go black"},
      {"whiteness", "turn white"}};
  const auto word = [&](size_t i) { return i < end ? tokens_[i].text : std::string(); };
  std::string text = " ";
  for (size_t i = begin; i < end; ++i) text += word(i) + " ";
  bool brief = text.find(" briefly ") != std::string::npos;
  for (const char* unit : {" moment ", " instant ", " second ", " seconds ", " heartbeat "})
    brief |= text.find(" for ") != std::string::npos && text.find(unit) != std::string::npos;
  // "For a few seconds nothing is visible": whatever it is, it lies between
  if (brief && one_of(word(begin), {"for", "briefly"})) moments_.push_back({begin, end, "", ""});
  for (size_t i = begin; i + 2 < end; ++i) {
    Moment moment{i, i, "picture", ""};
    size_t k = i;
    bool told = false, turn = false;
    if (word(i) == "everything" || (word(i) == "the" && pictures.count(word(i + 1)))) {
      if (word(i) == "the") moment.what = word(++k);
      ++k;
      while (ends_with(word(k), "ly")) ++k;
      turn = turns.count(word(k)) > 0;
      told = turn || stays.count(word(k)) > 0;
      for (++k; fully.count(word(k));) ++k;
    } else if (word(i) == "there" && word(i + 1) == "is") {
      k = i + 2;
      told = word(k) == "only" || word(k) == "nothing";
      const bool nothing = word(k) == "nothing";
      for (++k; one_of(word(k), {"on", "the", "screen", "left", "else"});) ++k;
      if (nothing) told &= word(k++) == "but";
    } else if (word(i) == "nothing") {
      for (k = i + 1; one_of(word(k), {"is", "can", "be", "seen", "visible", "made", "out"});) ++k;
      told = word(k++) == "but";
    }
    const auto light = lights.find(word(k));
    const bool later = std::any_of(chunks_.list.begin(), chunks_.list.end(), [&](const Chunk& chunk) {
      return chunk.kind == Chunk::Kind::kVerb && chunk.end <= i;  // else it may begin so
    });
    if (!told || light == lights.end() || !(turn || (brief && later))) continue;
    // "goes black and white", "turns dark blue"
    const std::string next = word(k + 1);
    if (!(next.empty() || next == "," || next == "for" || (next == "and" && word(k + 2) != "white")))
      continue;
    moment.end = k + 1;
    moment.value = light->second;
    if (!moments_.empty() && moments_.back().begin == begin && moments_.back().value.empty())
      moments_.pop_back();
    moments_.push_back(moment);
    return;
  }
}

// What comes right before and right behind a moment.
void ClauseReader::around(const Moment& moment) {
  const auto token_of = [&](const Deed& deed) { return static_cast<size_t>(at(*deed.in, deed.verb).token); };
  const auto verb_within = [&](size_t from, size_t to) {
    return std::any_of(chunks_.list.begin(), chunks_.list.end(), [&](const Chunk& chunk) {
      return chunk.kind == Chunk::Kind::kVerb && chunk.finite() && chunk.begin >= from && chunk.end <= to;
    });
  };
  // ", then", ". Then"
  size_t then = moment.end;
  static const std::set<std::string> between = {",",      ".",      ";",       "and",     "for", "a",
                                                "moment", "second", "seconds", "instant", "two", "few",
                                                "of",     "couple", "three",   "several"};
  while (then < tokens_.size() && between.count(tokens_[then].text)) ++then;
  const Deed *before = nullptr, *behind = nullptr;
  for (const Deed& deed : deeds_) {
    const size_t token = token_of(deed);
    if (!deed.link.empty()) continue;
    if (token < moment.begin) before = &deed;
    if (token > then && !behind) behind = &deed;
  }
  if (behind &&
      (then >= tokens_.size() || tokens_[then].text != "then" || verb_within(then, token_of(*behind))))
    behind = nullptr;
  if (before) {
    const auto sentences = std::count_if(tokens_.begin() + static_cast<long>(token_of(*before)),
                                         tokens_.begin() + static_cast<long>(moment.begin),
                                         [](const Token& token) { return token.text == "."; });
    if (sentences != 1 || !(before->ends || over(*before)) ||
        verb_within(token_of(*before) + 1, moment.begin))
      before = nullptr;
  }
  if (moment.value.empty()) {
    if (before && behind) add_order(*before, *behind);
    return;
  }
  Deed picture;
  for (size_t t = 0; t < caption_.things.size() && picture.subject < 0; ++t) {
    if (caption_.things[t].name == moment.what) picture.subject = static_cast<int>(t);
  }
  if (picture.subject < 0) {
    Thing& screen = caption_.things.emplace_back();
    screen.name = moment.what;
    screen.sure = screen.determined = screen.definite = true;
    screen.at = moment.begin;
    picture.subject = static_cast<int>(caption_.things.size()) - 1;
  }
  picture.value = moment.value;
  if (behind) add_order(picture, *behind);
  // "the lights go out": it is dark by that
  static const std::set<std::string> lights = {"go",   "die",  "fade", "switch",
                                               "turn", "blow", "burn", "flicker"};
  if (before && !lights.count(base_of(*before->in, before->verb))) add_order(*before, picture);
}

}  // namespace drf::templates
