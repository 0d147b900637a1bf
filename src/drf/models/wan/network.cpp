#include "drf/models/wan/network.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/models/wan/flops.h"
#include "drf/nn/residence.h"
#include "drf/tensor/precision.h"

namespace drf::wan {
namespace {

// A reading of text as a denoiser's prepared condition, and back.
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

// Rows of text that were read.
int64_t text_rows(const models::Condition& prepared) { return prepared.get("keys").size(1); }

}  // namespace

Network::Network(const std::filesystem::path& folder, const nn::LoadOptions& load)
    : dtype_(load.dtype.value()),
      transformer_(TransformerConfig::read(JsonConfig::read(folder / "config.json"))) {
  const auto open = [folder] { return Checkpoint::open(folder, "diffusion_pytorch_model"); };
  residence_ = std::make_unique<nn::Residence>(nn::load_strict(transformer_, open(), load), open);
}
Network::~Network() = default;

models::Condition Network::prepare(const std::vector<at::Tensor>& rows_1SE, int64_t padded_to) {
  residence_->come_back();
  std::vector<int64_t> lengths;
  for (const at::Tensor& row : rows_1SE) lengths.push_back(row.size(1));
  const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  std::vector<at::Tensor> text;
  for (const at::Tensor& row : rows_1SE)
    text.push_back(at::constant_pad_nd(row, {0, 0, 0, longest - row.size(1)}));
  models::Condition prepared = to_condition(transformer_.read_text(at::cat(text), lengths, padded_to));
  prepared.flops = static_cast<double>(rows_1SE.size()) * read_text_flops(config(), text_rows(prepared));
  return prepared;
}

TimeReading Network::time(double t, const at::TensorOptions& wide) {
  const auto read = [&] { return transformer_.read_time(at::full({1}, t, wide), dtype_); };
  if (transformer_.time_is_trained()) return read();
  TimeReading& kept = times_[t];
  if (!kept.embedding_BD.defined()) kept = read();
  return kept;
}

at::Tensor Network::velocity(const at::Tensor& x_BCTHW, double t, const models::Condition& prepared,
                             const nn::BlockRunner& run) {
  residence_->come_back();
  const auto wide = x_BCTHW.options().dtype(at_least_float(dtype_));
  return upcast(transformer_.forward(x_BCTHW.to(dtype_), time(t, wide), of_condition(prepared), run));
}

models::Flops Network::velocity_flops(at::IntArrayRef x_BCTHW, const models::Condition& prepared) const {
  const int64_t tokens = x_BCTHW[2] * x_BCTHW[3] * x_BCTHW[4] / config().patch_volume();
  return static_cast<double>(x_BCTHW[0]) * wan::velocity_flops(config(), tokens, text_rows(prepared));
}

}  // namespace drf::wan
