#pragma once
// Which facts of a file are never trained on.

#include <string>
#include <vector>

#include "drf/writer/draft.h"

namespace drf::writer {

/// One a draft, in order: whether it is held out, with its twin and its paraphrase. `share` in [0, 1): the
/// part of the facts that is, on the mean.
///
/// What is drawn are wordings, over the whole file and by seed, aspect and meaning (question_words.h), not by
/// the prompt: whatever a held-out fact asks, as its question, its twin or its paraphrase, no fact that is
/// trained on asks anywhere. Facts that have any of these in common go to one side together. Where such a
/// group has several questions and is more than `share` of the file, it is trained on: chains of twins join
/// what is asked most, and one throw should not take that away. So the share of a prompt may be any, and that
/// of the file is `share` on the mean of seeds, or less.
///
/// Trained on is as well what shows a second clip, and what a prompt needs to train something of each of its
/// aspects: of the questions that it has left, with weight or with a twin that has, that whose group is
/// smallest.
std::vector<bool> draw_held_out(const std::vector<Draft>& drafts, double share, uint64_t seed);

/// What came of it, paraphrases aside, as a line: "held out, where 10 % were asked for: TA 9.8 % of 512, PF
/// 0.0 % of 96". Wordings are drawn, not questions.
std::string held_out_shares(const std::vector<questions::Question>& questions, double share);

}  // namespace drf::writer
