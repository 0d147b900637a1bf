#include "drf/nn/trainable_weights.h"

#include <ATen/ATen.h>

#include "drf/tensor/precision.h"

namespace drf::nn {

void add_weights(TrainableSet& set, Module& model, const std::string& prefix) {
  model.visit([&](const std::string& path, Module& module) {
    for (const NamedParameter& p : module.own_parameters()) {
      const at::Tensor read = *p.tensor;  // it may be a file's own pages
      at::Tensor leaf = read.to(at_least_float(read.scalar_type()), /*non_blocking=*/false, /*copy=*/true);
      set.add(module, prefix + (path.empty() ? "." : "." + path + ".") + p.name, *p.tensor,
              leaf.set_requires_grad(true), read);
    }
  });
}

}  // namespace drf::nn
