#include "drf/train/text_states.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/base/progress.h"

namespace drf::train {

TextStates::TextStates(models::Generator& generator, at::Device device, int64_t budget,
                       std::filesystem::path folder)
    : generator_(generator), device_(device), budget_(budget), folder_(std::move(folder)) {}

void TextStates::prepare(const std::vector<std::string>& prompts) {
  std::vector<std::string> distinct = prompts;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::erase_if(distinct, [&](const std::string& prompt) { return kept_.count(prompt) != 0; });
  if (!distinct.empty()) {
    const int64_t before = bytes_in_file();
    Progress progress("reading prompts", static_cast<int64_t>(distinct.size()));
    for (size_t i = 0; i < distinct.size(); ++i) {
      stop_if_interrupted();
      keep(distinct[i]);
      progress.update(static_cast<int64_t>(i) + 1);
    }
    if (bytes_in_file() > before) {
      log_info("text", "states of ", kept_.size(), " prompts: ", in_memory_ >> 20, " MiB in memory, ",
               bytes_in_file() >> 20, " MiB in a nameless file in ", folder_.string(),
               " until the end (memory.text_states)");
    }
  }
  generator_.release_text_encoder();
}

at::Tensor TextStates::of(const std::string& prompt) {
  if (!kept_.count(prompt)) prepare({prompt});
  const Kept& kept = kept_.at(prompt);
  const at::Tensor rows_1NE =
      kept.rows_1NE.defined() ? kept.rows_1NE : file_->read(kept.begin, kept.sizes, kept.dtype);
  return at::constant_pad_nd(rows_1NE.to(device_), {0, 0, 0, kept.length - kept.sizes[1]});
}

void TextStates::keep(const std::string& prompt) {
  const at::Tensor states_1SE = generator_.encode_text({prompt});
  at::Tensor rows = states_1SE.narrow(1, 0, generator_.text_tokens(prompt));
  rows = rows.is_meta() ? rows.clone()
                        : rows.to(at::kCPU, rows.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
  rows = rows.contiguous();
  Kept kept{{}, 0, rows.sizes().vec(), rows.scalar_type(), states_1SE.size(1)};
  const auto bytes = static_cast<int64_t>(rows.nbytes());
  if (rows.is_meta() || in_memory_ + bytes <= budget_) {
    kept.rows_1NE = rows;
    in_memory_ += bytes;
  } else {
    if (!file_)
      file_ = std::make_unique<SpillFile>(folder_, "the prompts' text states", "memory.text_states");
    kept.begin = file_->append(rows);
  }
  kept_.emplace(prompt, std::move(kept));
}

}  // namespace drf::train
