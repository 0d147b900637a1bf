#pragma once
// A transformer as the denoisers of this folder drive it: where its weights are, and what it reads once: text
// for a rollout, times for a run.

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drf/models/condition.h"
#include "drf/models/wan/transformer.h"
#include "drf/nn/load.h"

namespace drf::nn {
class Residence;
}

namespace drf::wan {

class Network {
 public:
  /// Reads the transformer in `folder`, strictly; load.dtype must be given. Throws Error(kInput) as
  /// TransformerConfig::read and nn::load_strict.
  Network(const std::filesystem::path& folder, const nn::LoadOptions& load);
  ~Network();

  /// Text states, one row [1, S, E] a sample, of which the network was trained to read `padded_to` rows:
  /// padded alike and read, as velocity() takes them. With the graph to what is trained.
  models::Condition prepare(const std::vector<at::Tensor>& rows_1SE, int64_t padded_to);
  /// As models::Denoiser's.
  at::Tensor velocity(const at::Tensor& x_BCTHW, double t, const models::Condition& prepared,
                      const nn::BlockRunner& run);
  models::Flops velocity_flops(at::IntArrayRef x_BCTHW, const models::Condition& prepared) const;

  Transformer& transformer() { return transformer_; }
  const TransformerConfig& config() const { return transformer_.config(); }
  nn::Residence& residence() { return *residence_; }

 private:
  TimeReading time(double t, const at::TensorOptions& wide);

  at::ScalarType dtype_;
  Transformer transformer_;
  std::unique_ptr<nn::Residence> residence_;
  /// The timesteps of a schedule, each read once as long as training does not change what is read.
  std::map<double, TimeReading> times_;
};

}  // namespace drf::wan
