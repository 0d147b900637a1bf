#pragma once
// What is asked about a video (docs/method.md section 1; file format in docs/questions.md).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace drf::questions {

enum class Aspect {
  kTA,  ///< text-video alignment: is what the prompt says to be seen?
  kPF,  ///< physical fidelity: does the motion make sense?
  kVQ,  ///< visual quality
};
enum class Kind {
  kYesNo,  ///< one atomic fact; the answer is "Yes" or "No"
  kDense,  ///< open; the answer is free text
};

struct Question {
  std::string id;      ///< unique in its file, for example "p0-q3"
  int64_t prompt = 0;  ///< index in the prompt file, from 0
  Aspect aspect = Aspect::kTA;
  Kind kind = Kind::kYesNo;
  std::string text;
  std::string answer;       ///< the target: "Yes" or "No", or free text
  double weight = 1;        ///< >= 0, within its aspect
  std::string reference{};  ///< a clip (media::read_video) that is shown before the generated one; "" = none
  bool held_out = false;    ///< never trained on: asked to see whether what was learnt carries over
  std::string paraphrase_of{};  ///< id of the question that this one asks in other words; "" = none
  /// Whether a run may train on it. Paraphrases are kept apart as the held-out ones are.
  bool trains() const { return !held_out && paraphrase_of.empty(); }
  bool operator==(const Question&) const = default;
};
/// One clip's questions.
using QuestionList = std::vector<Question>;

/// "TA", "PF", "VQ"
std::string to_string(Aspect aspect);
/// "yes_no", "dense"
std::string to_string(Kind kind);
/// The reverse; nothing for any other name.
std::optional<Aspect> parse_aspect(const std::string& name);
std::optional<Kind> parse_kind(const std::string& name);

}  // namespace drf::questions
