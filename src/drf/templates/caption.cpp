#include "drf/templates/caption.h"

#include "drf/templates/blackouts.h"
#include "drf/templates/clauses.h"
#include "drf/templates/denials.h"
#include "drf/templates/fragments.h"
#include "drf/templates/he_or_she.h"
#include "drf/templates/inverted.h"
#include "drf/templates/lacking.h"
#include "drf/templates/reader.h"
#include "drf/templates/scene.h"
#include "drf/templates/story.h"

namespace drf::templates {
namespace {

// Capitals say nothing where nearly all common words have them.
void lower_titles(std::vector<Token>& tokens) {
  size_t capitals = 0, words = 0;
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::kWord || function_word(tokens[i].text) || !is_known(tokens[i].text))
      continue;
    ++words;
    capitals += tokens[i].raw[0] >= 'A' && tokens[i].raw[0] <= 'Z';
  }
  if (5 * capitals < 4 * words || words < 4) return;
  for (Token& token : tokens) {
    if (token.kind == Token::Kind::kWord) token.raw = token.text;
  }
}

}  // namespace

void Reader::doubt_agents() {
  static const std::set<std::string> also_things = {
      "runners",  "players",  "drivers",  "trainers", "boxers",   "models",  "conductors", "coaches",
      "climbers", "jumpers",  "rockers",  "pitchers", "sleepers", "sliders", "fliers",     "flyers",
      "rollers",  "crackers", "spinners", "keepers",  "strikers", "walkers", "cleaners",   "presenters",
      "bouncers", "catchers", "cutters",  "loafers",  "clippers", "bearers", "skimmers",   "sweepers"};
  for (size_t t = 0; t < chunks_.things.size(); ++t) {
    Thing& thing = chunks_.things[t];
    if (!thing.plural || !also_things.count(thing.name) || !thing.noun || thing.noun->category != "person")
      continue;
    bool acts = false;
    for (size_t k = 0; k < chunks_.list.size(); ++k) {
      if (kind(k) != ChunkKind::kThing || at(k)->thing != static_cast<int>(t)) continue;
      acts |= denied(k);  // "no players on the pitch"
      size_t next = k + 1;
      while (kind(next) == ChunkKind::kAdverb) ++next;
      acts |= kind(next) == ChunkKind::kVerb && at(next)->verb && at(next)->verb->living;
    }
    thing.sure &= acts;
  }
}

void Reader::doubt_figures() {
  static const std::set<std::string> waters = {"sea", "ocean", "river", "mountain", "desert", "wave"};
  static const std::set<std::string> grounds = {"forest", "jungle", "field", "hill"};  // of trees, of wheat
  for (size_t k = 0; k + 2 < chunks_.list.size(); ++k) {
    if (kind(k) != ChunkKind::kThing || kind(k + 1) != ChunkKind::kPreposition || at(k + 1)->text != "of" ||
        kind(k + 2) != ChunkKind::kThing)
      continue;
    const Thing &whole = thing_at(k), &part = thing_at(k + 2);
    // "the top of the tower collapses": of something, not by itself
    static const std::set<std::string> ends = {"top",   "bottom",   "side",   "edge",    "end",   "tip",
                                               "rest",  "middle",   "half",   "surface", "front", "back",
                                               "base",  "rim",      "corner", "mouth",   "foot",  "face",
                                               "crest", "interior", "center", "centre",  "heart"};
    if (ends.count(whole.name) && kind(k + 3) == ChunkKind::kVerb)
      chunks_.things[static_cast<size_t>(at(k)->thing)].sure = false;
    const bool grown = part.noun && (part.noun->category == "nature" || part.noun->category == "food");
    if (whole.noun && !part.proper &&
        (waters.count(whole.noun->kin) || (grounds.count(whole.noun->kin) && !grown)))
      chunks_.things[static_cast<size_t>(at(k)->thing)].sure = false;
  }
}

void Reader::doubt_absentees() {
  static const std::set<std::string> gone = {"nowhere", "absent", "missing", "gone", "away", "elsewhere"};
  static const std::set<std::string> here = {"there",   "here", "around", "present",
                                             "visible", "home", "inside"};
  for (size_t k = 1; k < chunks_.list.size(); ++k) {
    const Chunk& v = chunks_.list[k];
    if (kind(k) != ChunkKind::kVerb || v.verb || (v.auxiliary != "is" && v.auxiliary != "are")) continue;
    size_t who = k - 1;
    while (who > 0 && kind(who) == ChunkKind::kAdverb) --who;
    if (kind(who) != ChunkKind::kThing) continue;
    const std::string next = v.end < tokens_.size() ? tokens_[v.end].text : "";
    const bool placed = kind(k + 1) == ChunkKind::kPreposition && kind(k + 2) == ChunkKind::kThing;
    const std::string& last = tokens_[v.end - 1].text;  // adverbs are of the verb's group
    const auto says = [&](const std::set<std::string>& words) {
      return words.count(next) > 0 || words.count(last) > 0;
    };
    if (v.negated ? !placed && !says(here) : !says(gone)) continue;
    // Named again, or somewhere else: there all the same.
    bool again = false;
    for (size_t i = 0; i < chunks_.list.size(); ++i) {
      again |= i != who && kind(i) == ChunkKind::kThing && at(i)->thing == at(who)->thing;
      again |= i > k && (kind(i) == ChunkKind::kPronoun || at(i)->text == "but");
    }
    if (!again) chunks_.things[static_cast<size_t>(at(who)->thing)].sure = false;
  }
}

void Reader::read() {
  std::set<int> doubted;  // by what they mean, not by how they are cut
  for (size_t t = 0; t < chunks_.things.size(); ++t) {
    if (chunks_.things[t].sure) doubted.insert(static_cast<int>(t));
  }
  if (!caption_.tags) doubt_misread();
  doubt_agents();
  doubt_absentees();
  doubt_figures();
  // By these also what was open already: "as sirens are heard".
  std::vector<Thing>& things = chunks_.things;
  std::vector<bool> sure;
  for (Thing& t : things) {
    sure.push_back(t.sure);
    t.sure = true;
  }
  doubt_idioms();
  doubt_senses();
  doubt_apparent();
  doubt_heading();
  doubt_borrowed();
  for (size_t t = 0; t < things.size(); ++t) {
    if (!things[t].sure) doubted.insert(static_cast<int>(t));
    things[t].sure = things[t].sure && sure[t];
  }
  std::erase_if(doubted, [&](int t) { return named(t).sure; });
  caption_.things = chunks_.things;
  for (size_t k = 0; k < chunks_.list.size(); ++k) {
    const Chunk& chunk = chunks_.list[k];
    if (chunk.kind == ChunkKind::kEnd) irreal_ = false;
    if (chunk.kind == ChunkKind::kLink && chunk.text == "if") irreal_ = true;
    if (chunk.kind == ChunkKind::kThing) thing(k);
    if (chunk.kind == ChunkKind::kVerb) verb(k);
    if (chunk.kind == ChunkKind::kPreposition) relation(k);
  }
  for (size_t k = 0; k < chunks_.list.size(); ++k) {
    if (kind(k) != ChunkKind::kVerb || !at(k)->sure) continue;
    alone(k);
    switched(k);
  }
  only_person();
  nobody_else();
  orders();
  if (!caption_.tags) ClauseReader(tokens_, chunks_, subjects_, doubted, caption_).read();
  changes();
}

Caption parse_caption(const std::string& prompt) {
  Caption caption;
  std::vector<Token> tokens = tokens_of(prompt);
  caption.text = " ";
  for (const Token& token : tokens) {
    if (token.kind == Token::Kind::kWord) caption.words.insert(token.text);
    caption.text += (token.kind == Token::Kind::kQuote ? "text" : token.text) + " ";
    if (token.slip) caption.text += token.raw + " ";  // it may be a word that the lists lack
  }
  caption.english = is_english(tokens);
  if (!caption.english) return caption;
  lower_titles(tokens);
  caption.tags = is_tag_list(tokens);
  if (caption.tags) {
    for (Token& token : tokens) {
      if (token.kind == Token::Kind::kMark && token.text == ",") token.text = ";";
    }
  }
  tokens = without_request(std::move(tokens), caption.request);
  if (caption.request && !tokens.empty()) {
    const std::string& first = tokens[0].raw.empty() ? tokens[0].text : tokens[0].raw;
    const size_t from =
        prompt.find((tokens.size() > 1 && !tokens[1].raw.empty()) ? first + " " + tokens[1].raw : first);
    if (from != std::string::npos) caption.wish = prompt.substr(from);
  }
  for (size_t i = 0; i + 1 < tokens.size(); ++i)
    caption.sentences +=
        tokens[i].kind == Token::Kind::kMark && (tokens[i].text == "." || tokens[i].text == "!");
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool head = i == 0 || tokens[i - 1].kind == Token::Kind::kMark;
    if (token.kind != Token::Kind::kWord || function_word(token.text) || find_number(token.text)) continue;
    caption.strange |=
        token.slip || !is_plain(token.text) || (!head && token.raw[0] >= 'A' && token.raw[0] <= 'Z');
  }
  tokens = with_plain_order(with_plain_denials(tokens));
  Reader(tokens, caption).read();
  add_scene_facts(tokens, caption);
  add_blackouts(tokens, caption);
  add_lacking(tokens, caption);
  add_he_or_she(tokens, caption);
  add_story(tokens, caption);
  add_story_ends(tokens, caption);
  add_fragments(tokens, caption);
  return caption;
}

}  // namespace drf::templates
