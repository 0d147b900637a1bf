#include "drf/models/wan/readings.h"

#include <ATen/ATen.h>

namespace drf::wan {

models::Condition to_condition(const TextReading& reading) {
  models::Condition prepared{{{"bias", reading.bias}}};
  for (const KeysValues& block : reading.blocks) {
    prepared.tensors.emplace_back("keys", block.keys);
    prepared.tensors.emplace_back("values", block.values);
  }
  return prepared;
}

TextReading of_condition(const models::Condition& prepared) {
  TextReading reading;
  reading.bias = prepared.get("bias");
  for (size_t i = 1; i + 1 < prepared.tensors.size(); i += 2)  // as to_condition() lists them
    reading.blocks.push_back({prepared.tensors[i].second, prepared.tensors[i + 1].second});
  return reading;
}

int64_t text_rows(const models::Condition& prepared) { return prepared.get("keys").size(1); }

TimeReading TimeReadings::of(const Transformer& transformer, double timestep, const at::TensorOptions& wide,
                             at::ScalarType dtype) {
  const auto read = [&] { return transformer.read_time(at::full({1}, timestep, wide), dtype); };
  if (transformer.time_is_trained()) return read();
  TimeReading& kept = kept_[timestep];
  if (!kept.embedding_BD.defined()) kept = read();
  return kept;
}

}  // namespace drf::wan
