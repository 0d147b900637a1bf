#include "drf/english/parse.h"

#include <utility>

#include "drf/english/arcs.h"
#include "drf/english/lexeme.h"
#include "drf/english/model.h"
#include "drf/english/nonprojective.h"
#include "drf/english/tok2vec.h"
#include "drf/english/tokenizer.h"
#include "drf/text/unicode.h"

namespace drf::english {

std::vector<Word> parse(const std::string& text) {
  text::require_utf8(text, "a text to parse");
  const std::vector<Token> tokens = tokenize(text);
  std::vector<Features> seen;
  std::vector<bool> blanks;
  std::vector<Word> words(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    words[i].text = text.substr(tokens[i].at, tokens[i].length);
    words[i].at = tokens[i].at;
    seen.push_back(features(words[i].text, tokens[i].norm, tokens[i].spaced));
    blanks.push_back(is_blank(words[i].text));
  }
  const std::vector<float> vectors = word_vectors(seen);
  const std::vector<Tag> tags = tags_of(vectors);
  std::vector<Arc> arcs = arcs_of(vectors);
  deprojectivize(arcs, blanks);
  for (size_t i = 0; i < words.size(); ++i) {
    words[i].tag = model().tags[tags[i].index];
    words[i].tag_p = tags[i].p;
    words[i].dep = std::move(arcs[i].label);
    words[i].head = arcs[i].head;
    words[i].arc_p = arcs[i].p;
    if (blanks[i]) {  // the attribute ruler's two rules that touch tags and labels
      words[i].tag = "_SP";
      words[i].tag_p = tags[i].blank_p;
      words[i].dep = "dep";
    }
  }
  return words;
}

}  // namespace drf::english
