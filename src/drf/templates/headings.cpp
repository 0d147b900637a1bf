// What stands before a colon and names the kind of text, not what is seen: "Gossip column: the singer
// arrives".
#include "drf/templates/reader.h"

namespace drf::templates {
namespace {

// What is written, printed or spoken.
bool is_text(const std::string& name) {
  static const std::set<std::string> texts = {
      "letter",   "postcard",  "note",      "notes",     "diary",    "log",      "column", "story",
      "poem",     "song",      "report",    "review",    "memo",     "card",     "notice", "listing",
      "leaflet",  "catalogue", "catalog",   "cookie",    "toast",    "novel",    "tale",   "recipe",
      "label",    "program",   "programme", "entry",     "journal",  "telegram", "speech", "sermon",
      "lullaby",  "riddle",    "haiku",     "headline",  "brochure", "menu",     "manual", "script",
      "logbook",  "chapter",   "testimony", "voicemail", "message",  "email",    "tweet",  "caption",
      "synopsis", "pitch",     "proverb",   "obituary",  "ad",       "advert"};
  return texts.count(name.substr(name.find_last_of(" _") + 1)) > 0;
}

}  // namespace

// "Diary, June 3: a worm basks"
void Reader::doubt_dated_heading() {
  static const std::set<std::string> headings = {"diary", "notes", "log",    "logbook", "journal",
                                                 "claim", "memo",  "memory", "bug"};
  if (chunks_.list.empty() || kind(0) != ChunkKind::kThing) return;
  const Chunk& chunk = chunks_.list.front();
  Thing& t = chunks_.things[static_cast<size_t>(chunk.thing)];
  if (chunk.begin == 0 && !t.determined && headings.count(t.name) && chunk.end < tokens_.size() &&
      (tokens_[chunk.end].text == "," || tokens_[chunk.end].text == ":"))
    t.sure = false;
}

void Reader::doubt_heading() {
  doubt_dated_heading();
  static const std::set<std::string> plays = {"is",    "are",   "has",  "with", "and",
                                              "shows", "reads", "says", "in",   "on"};
  size_t colon = 0;
  while (colon < tokens_.size() && tokens_[colon].kind == Token::Kind::kWord &&
         !plays.count(tokens_[colon].text))
    ++colon;
  if (colon == 0 || colon > 6 || colon >= tokens_.size() || tokens_[colon].text != ":") return;
  bool text = false;
  for (const Thing& t : chunks_.things) text |= t.at < colon && is_text(t.name);
  if (!text) return;
  for (Thing& t : chunks_.things) {
    if (t.at < colon) t.sure = false;
  }
}

}  // namespace drf::templates
