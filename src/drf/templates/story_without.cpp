// "walks through the rain without an umbrella": a deed of a story that is done without a thing.
#include "drf/templates/story.h"

namespace drf::templates {

// The deed with what it is done without; its twin has it.
Fact story_without(const StoryClause& clause, const std::vector<Token>& tokens, const Caption& caption) {
  Fact fact;
  static const std::set<std::string> deeds = {
      "walk",  "run",   "leave", "ride", "drive", "stand", "sit", "play", "eat",  "drink", "swim", "dive",
      "climb", "dance", "cook",  "fish", "enter", "skate", "ski", "row",  "step", "hike",  "wade", "sleep"};
  size_t at = clause.verb + 1;
  while (at < clause.end && word_at(tokens, at) != "without") ++at;
  if (at >= clause.end || !deeds.count(clause.base) || clause.there || !clause.noun || !clause.noun->living())
    return fact;
  static const std::set<std::string> articles = {"a", "an"};
  const std::string& what = word_at(tokens, at + 2);
  const NounEntry* noun = find_noun_beside(what);
  if (!articles.count(word_at(tokens, at + 1)) || !noun || noun->plural || !noun->visible() ||
      noun->living() || noun->category == "place")
    return fact;
  const size_t behind = at + 3;
  static const std::set<std::string> ends = {"", "and", "but", "while", "then"};
  if (!ends.count(word_at(tokens, behind))) return fact;
  for (const Thing& other : caption.things) {  // another one
    if (other.at != at + 2 && other.noun && other.noun->kin == noun->kin) return fact;
  }
  if (caption.text.find(" until ") != std::string::npos || caption.text.find(" before ") != std::string::npos)
    return fact;
  const std::string deed = (clause.plural ? "Do " : "Does ") + clause.who + " " + clause.base + clause.rest;
  const std::string a = word_at(tokens, at + 1) + " " + what + "?";
  fact.value = deed + " without " + a;
  fact.contrast = deed + " with " + a;
  return fact;
}

}  // namespace drf::templates
