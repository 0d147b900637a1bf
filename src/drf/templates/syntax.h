#pragma once
// One sentence of a caption as a dependency parser reads it (english/parse.h), where several readings agree.
// The parser takes many verbs of the present tense for nouns ("a whale surfaces", "the pole bends"); "is
// surfacing" it does not. So the sentence is read again with its finite verbs in the progressive, and a third
// time with its rarer nouns replaced by common ones of their kind; what these two differ in is not sure.

#include <string>
#include <vector>

#include "drf/templates/tokens.h"

namespace drf::templates {

/// A word of the sentence, or an "is" that a reading set in (token -1).
struct Node {
  int token = -1;      ///< index among the caption's tokens
  std::string word{};  ///< in small letters
  std::string base{};  ///< of a finite verb in the present tense: its base form
  std::string tag{}, dep{};
  int head = -1;          ///< another node; itself at the root, and so where no reading has it
  bool sure = false;      ///< the readings agree on what it hangs on, and how
  bool singular = false;  ///< of a finite verb: "runs"
};

/// The nodes of tokens [begin, end), which hold no mark that ends a sentence: empty where it is not certain
/// which words are its verbs, or the parser has nothing to say. known: of each token 'v' where it is surely a
/// verb that tells something, 'n' where it is surely a noun.
std::vector<Node> read_sentence(const std::vector<Token>& tokens, size_t begin, size_t end,
                                const std::string& known);

/// The same tokens as they stand, read once and told nothing: empty where the parser has nothing to say.
std::vector<Node> read_as_it_stands(const std::vector<Token>& tokens, size_t begin, size_t end);

/// "steam clouds his glasses", "hot lava flows into the sea": whether the word at token i, a plural by its
/// looks, is what the noun before it does, by what stands behind it.
bool does_something(const std::vector<Token>& tokens, size_t i);

}  // namespace drf::templates
