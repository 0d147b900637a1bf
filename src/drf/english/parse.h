#pragma once
// English as a dependency parser reads it: the words of a text, what each is, and which word it hangs on.
//
// This is spaCy's model `en_core_web_sm` 3.8.0 (tokenizer, tok2vec, tagger, parser and the few tags that its
// attribute ruler sets), computed as spaCy computes it: tokens, tags, labels and heads are equal
// (parity/english tests), scores to float32's rounding. Its lemmatizer and its named entities are left out.
// The weights lie in the program (assets/parser/english.bin, tools/parser/make.py); no file is looked for at
// run time.

#include <cstddef>
#include <string>
#include <vector>

namespace drf::english {

/// A word of a sentence as a dependency parser reads it.
struct Word {
  std::string text;  ///< as it stands
  size_t at = 0;     ///< byte offset in the text
  std::string tag;   ///< Penn tag: NN, VBZ, ...; _SP for blanks that are a word of their own
  std::string dep;   ///< ClearNLP label: nsubj, dobj, ROOT, ...
  size_t head = 0;   ///< index of its head; its own at a root
  double tag_p = 0;  ///< softmax probability of the tag
  /// Softmax probability, over the moves that were valid, of the move that made its arc; a root's: of the
  /// move that left it without one.
  double arc_p = 0;
};

/// The words of `text`, its sentences one after another; a sentence has one root. Never throws for text that
/// is UTF-8; throws Error(kInput) for other bytes. Time grows with the length of the text.
std::vector<Word> parse(const std::string& text);

}  // namespace drf::english
