#pragma once
// Text states of a run's prompts. The text encoder is the largest model of a video pipeline (Wan 2.1: 10.6
// GiB in bfloat16) and is needed once a prompt: its states are remembered, and it goes.

#include <ATen/core/Tensor.h>

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "drf/models/generator.h"

namespace drf::train {

class TextStates {
 public:
  /// Prompts that are remembered, the latest: without their padding and in the host's memory, about 0.6 MiB a
  /// prompt of 80 tokens of Wan 2.1.
  static constexpr size_t kMost = 4096;
  /// `generator` must outlive this. `device`: where states are handed out.
  TextStates(models::Generator& generator, at::Device device);

  /// Encodes those of `prompts` that are not remembered, then frees the generator's text encoder. Does
  /// nothing where they are more than kMost. Throws Interrupted.
  void prepare(const std::vector<std::string>& prompts);
  /// [1, S, E] as Generator::encode_text gives them, of any prompt: for one that is not remembered the
  /// encoder is read again, and stays until the next prepare().
  at::Tensor of(const std::string& prompt);

 private:
  struct Remembered {
    at::Tensor rows_1NE;  // of the prompt's tokens
    int64_t length = 0;   // S
  };
  const Remembered& remember(const std::string& prompt);

  models::Generator& generator_;
  at::Device device_;
  std::unordered_map<std::string, Remembered> remembered_;
  std::deque<std::string> order_;  // of remembering
};

}  // namespace drf::train
