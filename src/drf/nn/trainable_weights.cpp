#include "drf/nn/trainable_weights.h"

#include <ATen/ATen.h>

#include "drf/nn/load.h"
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

void read_weights(const TrainableSet& set, Module& model, const Checkpoint& checkpoint) {
  LoadOptions options;
  options.device = set.parameters().at(0).second.device();
  const auto scope =
      set.with(set.standing(TrainableSet::Take::kReference));  // the file's stand there a while
  load_strict(model, checkpoint, options);
  const auto read = set.standing(TrainableSet::Take::kDetached);
  const at::NoGradGuard no_graph;
  for (size_t i = 0; i < read.size(); ++i) at::Tensor(set.parameters()[i].second).copy_(read[i]);
}

}  // namespace drf::nn
