#include "drf/writer/held_writing.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace drf::writer {
namespace {

constexpr int64_t kAnyNumber = std::numeric_limits<int64_t>::max();

at::Tensor held(const at::Tensor& logits, const at::Tensor& allowed) {
  return logits.masked_fill(allowed.to(logits.device()).logical_not(), -INFINITY);
}

}  // namespace

HeldWriting::HeldWriting(const TokenMask& mask, const std::vector<Row>& rows) : mask_(mask) {
  for (const Row& row : rows)
    texts_.push_back({row, row.schema != nullptr ? row.schema->begin() : JsonSchema::State{}});
}

void HeldWriting::steer(const std::vector<size_t>& prompts, const std::vector<models::Written>& written,
                        at::Tensor& logits_RV) {
  // A model has more rows for tokens than its tokenizer has tokens, or (of another model) fewer.
  const int64_t ids = logits_RV.size(1), most = std::max(ids, mask_.size());
  at::Tensor allowed_RN = at::zeros({logits_RV.size(0), most}, at::kByte),
             free_N = at::zeros({most}, at::kByte);
  for (size_t r = 0; r < prompts.size(); ++r) {
    Text& text = texts_[prompts[r]];
    const auto row = static_cast<int64_t>(r);
    auto* allowed = allowed_RN[row].data_ptr<uint8_t>();
    if (text.row.schema == nullptr) {
      mask_.allow_text(allowed);
      continue;
    }
    const JsonSchema& schema = *text.row.schema;
    const auto& taken = written[prompts[r]].ids;
    for (; text.read < taken.size(); ++text.read) mask_.take(schema, text.state, taken[text.read]);
    const auto left = text.row.max_tokens - static_cast<int64_t>(taken.size());
    const bool limited = mask_.allow(schema, text.state, left, allowed);
    if (!limited || text.cut) continue;
    mask_.allow(schema, text.state, kAnyNumber, free_N.data_ptr<uint8_t>());
    const at::Tensor logits_V = logits_RV[row];
    const auto best = [&](const at::Tensor& mask_N) {
      return held(logits_V, mask_N.narrow(0, 0, ids)).argmax().item<int64_t>();
    };
    text.cut = best(free_N) != best(allowed_RN[row]);
  }
  logits_RV.masked_fill_(allowed_RN.narrow(1, 0, ids).to(logits_RV.device()).logical_not(), -INFINITY);
}

}  // namespace drf::writer
