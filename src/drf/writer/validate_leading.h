#pragma once
// Check "leading": a question that tells what it wants to hear, or that holds what a model takes for a
// command and not for text. Reasons: "leading", "special token".

#include <functional>
#include <string>
#include <vector>

#include "drf/writer/draft.h"

namespace drf::writer {

/// The words that lead ("isn't it", "of course"), "" if there are none.
std::string leading_words(const std::string& question);
/// What looks like a control token of some model ("<|im_end|>", "</s>"), "" if there is none.
std::string special_token(const std::string& text);

void check_leading(std::vector<Draft>& drafts, Ledger& ledger);

/// What one critic would not read as text: `complaint` gives its words on a question, "" for none
/// (Critic::check_texts). Adds to the check "leading", as "special token".
void check_readable(std::vector<Draft>& drafts, Ledger& ledger,
                    const std::function<std::string(const questions::Question&)>& complaint);

}  // namespace drf::writer
