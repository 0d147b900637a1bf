#pragma once
// The gated feed-forward layer of both towers: down(silu(gate(x)) * up(x)).

#include "drf/nn/linear.h"
#include "drf/nn/module.h"

namespace drf::qwen {

class Mlp : public nn::Module {
 public:
  /// Registers "gate_proj", "up_proj" and "down_proj".
  Mlp(int64_t width, int64_t inner, bool bias);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  nn::Linear gate_, up_, down_;
};

}  // namespace drf::qwen
