#include "drf/writer/held_writing.h"

#include <ATen/ATen.h>

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
  at::Tensor allowed_RV = at::zeros(logits_RV.sizes(), at::kByte);
  at::Tensor free_V = at::zeros({logits_RV.size(1)}, at::kByte);
  for (size_t r = 0; r < prompts.size(); ++r) {
    Text& text = texts_[prompts[r]];
    const auto row = static_cast<int64_t>(r);
    auto* allowed = allowed_RV[row].data_ptr<uint8_t>();
    if (text.row.schema == nullptr) {
      mask_.allow_text(allowed);
      continue;
    }
    const JsonSchema& schema = *text.row.schema;
    const auto& ids = written[prompts[r]].ids;
    for (; text.read < ids.size(); ++text.read) mask_.take(schema, text.state, ids[text.read]);
    const auto left = text.row.max_tokens - static_cast<int64_t>(ids.size());
    const bool limited = mask_.allow(schema, text.state, left, allowed);
    if (!limited || text.cut) continue;
    mask_.allow(schema, text.state, kAnyNumber, free_V.data_ptr<uint8_t>());
    const at::Tensor logits_V = logits_RV[row];
    const auto best = [&](const at::Tensor& mask_V) {
      return held(logits_V, mask_V).argmax().item<int64_t>();
    };
    text.cut = best(free_V) != best(allowed_RV[row]);
  }
  logits_RV.masked_fill_(allowed_RV.to(logits_RV.device()).logical_not(), -INFINITY);
}

}  // namespace drf::writer
