#include "drf/train/text_states.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/base/progress.h"

namespace drf::train {

TextStates::TextStates(models::Generator& generator, at::Device device)
    : generator_(generator), device_(device) {}

void TextStates::prepare(const std::vector<std::string>& prompts) {
  std::vector<std::string> distinct = prompts;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (distinct.size() > kMost) {
    if (!device_.is_meta()) {
      log_info("text", distinct.size(), " prompts are more than the ", kMost,
               " that are remembered: the text encoder stays in memory");
    }
    return;
  }
  std::erase_if(distinct, [&](const std::string& prompt) { return remembered_.count(prompt) != 0; });
  if (!distinct.empty()) {
    Progress progress("reading prompts", static_cast<int64_t>(distinct.size()));
    for (size_t i = 0; i < distinct.size(); ++i) {
      stop_if_interrupted();
      remember(distinct[i]);
      progress.update(static_cast<int64_t>(i) + 1);
    }
  }
  generator_.release_text_encoder();
}

at::Tensor TextStates::of(const std::string& prompt) {
  const auto found = remembered_.find(prompt);
  const Remembered& states = found != remembered_.end() ? found->second : remember(prompt);
  const int64_t padding = states.length - states.rows_1NE.size(1);
  return at::constant_pad_nd(states.rows_1NE.to(device_), {0, 0, 0, padding});
}

const TextStates::Remembered& TextStates::remember(const std::string& prompt) {
  if (order_.size() == kMost) {
    remembered_.erase(order_.front());
    order_.pop_front();
  }
  const at::Tensor states_1SE = generator_.encode_text({prompt});
  const at::Tensor rows = states_1SE.narrow(1, 0, generator_.text_tokens(prompt)).clone();
  order_.push_back(prompt);
  return remembered_[prompt] = {rows.is_meta() ? rows : rows.to(at::kCPU), states_1SE.size(1)};
}

}  // namespace drf::train
