#include "drf/templates/last_resort.h"

namespace drf::templates {
namespace {

std::string small(std::string word) {
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return word;
}

// Up to the first mark that ends a clause, without blanks around it.
std::string first_clause(const std::string& text) {
  size_t from = text.find_first_not_of(" \t"), end = from;
  if (from == std::string::npos) return "";
  while (end < text.size()) {
    const bool mark = std::string(",.;:!?").find(text[end]) != std::string::npos;
    // "3.5 metres", "Dr.Who": a mark inside a word ends nothing
    if (mark && (end + 1 == text.size() || text[end + 1] == ' ')) break;
    // ideographic full stop and comma
    if (text.compare(end, 3, "\xE3\x80\x82") == 0 || text.compare(end, 3, "\xEF\xBC\x8C") == 0) break;
    ++end;
  }
  while (end > from && text[end - 1] == ' ') --end;
  return text.substr(from, end - from);
}

// The first noun of the lists that the prompt does not deny or compare with.
std::string some_thing(const Caption& caption) {
  if (!caption.english || caption.text.find(" no ") != std::string::npos ||
      caption.text.find(" not ") != std::string::npos ||
      caption.text.find(" without ") != std::string::npos ||
      caption.text.find(" like ") != std::string::npos || caption.text.find(" than ") != std::string::npos)
    return "";
  for (const Thing& t : caption.things) {
    if (t.proper || t.negated || !t.noun || !t.noun->visible() || t.noun->category == "place") continue;
    const std::string name = t.name.substr(t.name.rfind(' ') + 1);
    const NounEntry* noun = find_noun(name);
    if (!noun || find_verb(name)) continue;
    if (noun->plural) return "Are there " + name + "?";
    return "Is there " + (t.mass() ? name : with_article(name)) + "?";
  }
  return "";
}

}  // namespace

QuestionPair last_resort(const Caption& caption, const std::string& prompt) {
  const bool wished = caption.request && !caption.wish.empty();
  if (wished) {
    const std::string thing = some_thing(caption);
    if (!thing.empty()) return {thing, ""};
  }
  const std::string clause = first_clause(wished ? caption.wish : prompt);
  const std::string head = small(clause.substr(0, clause.find(' ')));
  // Words that may be torn from their sentence stay a quotation.
  static const std::set<std::string> asks = {"why", "how", "what", "when", "where", "who", "which"};
  const bool words = clause.find_first_not_of(" ?!.,;:-") != std::string::npos;
  const bool torn = (" " + small(clause) + " ").find(" would ") != std::string::npos;
  if (!words || torn || asks.count(head) || (function_word(head) && !is_a("determiner", head)))
    return {"Does the video fit the words \"" +
                (words && clause.find(' ') != std::string::npos ? clause : prompt) + "\"?",
            ""};
  return {"Does the video show this: " + clause + "?", ""};
}

}  // namespace drf::templates
