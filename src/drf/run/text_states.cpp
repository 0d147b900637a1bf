#include "drf/run/text_states.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/base/progress.h"

namespace drf::run {

TextStates::TextStates(models::Denoiser& denoiser, at::Device device, int64_t budget,
                       std::filesystem::path folder)
    : denoiser_(denoiser), device_(device), budget_(budget), folder_(std::move(folder)) {}

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
  denoiser_.release_encoders();
}

models::Condition TextStates::of(const std::string& prompt) {
  if (!kept_.count(prompt)) prepare({prompt});
  models::Condition condition;
  for (const Kept& kept : kept_.at(prompt)) {
    const at::Tensor tensor =
        kept.tensor.defined() ? kept.tensor : file_->read(kept.begin, kept.sizes, kept.dtype);
    condition.tensors.emplace_back(kept.name, tensor.to(device_));
  }
  return condition;
}

void TextStates::keep(const std::string& prompt) {
  std::vector<Kept> all;
  for (const auto& [name, encoded] : denoiser_.encode(prompt).tensors) {
    at::Tensor tensor = encoded.is_meta() ? encoded.clone()
                                          : encoded.to(at::kCPU, encoded.scalar_type(),
                                                       /*non_blocking=*/false, /*copy=*/true);
    tensor = tensor.contiguous();
    Kept kept{name, {}, 0, tensor.sizes().vec(), tensor.scalar_type()};
    const auto bytes = static_cast<int64_t>(tensor.nbytes());
    if (tensor.is_meta() || in_memory_ + bytes <= budget_) {
      kept.tensor = tensor;
      in_memory_ += bytes;
    } else {
      if (!file_)
        file_ = std::make_unique<SpillFile>(folder_, "the prompts' text states", "memory.text_states");
      kept.begin = file_->append(tensor);
    }
    all.push_back(std::move(kept));
  }
  kept_.emplace(prompt, std::move(all));
}

}  // namespace drf::run
