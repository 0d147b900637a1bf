#pragma once
// Holds what a model writes to schemas, token by token: models::Generation::steer as an object.

#include <cstdint>
#include <vector>

#include "drf/models/generate.h"
#include "drf/writer/json_schema.h"
#include "drf/writer/token_mask.h"

namespace drf::writer {

class HeldWriting {
 public:
  struct Row {
    const JsonSchema* schema = nullptr;  ///< null: any text, without special tokens
    int64_t max_tokens = 0;  ///< as in models::Prompt; at least what the schema's shortest document takes
  };
  /// One row a prompt. `mask` and the schemas must outlive this.
  HeldWriting(const TokenMask& mask, const std::vector<Row>& rows);
  /// Sets the logits of what may not come next to -infinity. Ids that the mask does not know never may.
  void steer(const std::vector<size_t>& prompts, const std::vector<models::Written>& written,
             at::Tensor& logits_RV);
  /// Whether the model would have written otherwise with more tokens left.
  bool was_cut(size_t prompt) const { return texts_[prompt].cut; }

 private:
  struct Text {
    Row row;
    JsonSchema::State state;
    size_t read = 0;  ///< tokens of it that `state` has seen
    bool cut = false;
  };
  const TokenMask& mask_;
  std::vector<Text> texts_;
};

}  // namespace drf::writer
