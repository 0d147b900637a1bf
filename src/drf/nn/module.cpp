#include "drf/nn/module.h"

#include <ATen/ops/empty.h>

#include "drf/base/error.h"

namespace drf::nn {

void Module::register_parameter(const std::string& name, at::Tensor& slot, at::IntArrayRef shape,
                                Precision precision) {
  // A shape that no memory could hold comes from a config file: the first check of it is here.
  double bytes = 8;
  for (const int64_t extent : shape) bytes *= static_cast<double>(extent);
  if (bytes > 1e15) {
    fail(ErrorKind::kInput, "the model's config.json asks for a tensor '", name, "' of ", shape.vec(),
         " numbers; is the file damaged?");
  }
  slot = at::empty({}, at::TensorOptions().device(at::kMeta)).expand(shape);  // takes no memory in a dry run
  parameters_.push_back({name, &slot, precision});
}

void Module::register_module(const std::string& name, Module& child) { children_.emplace_back(name, &child); }

void Module::visit_below(const std::string& path,
                         const std::function<void(const std::string&, Module&)>& visitor) {
  visitor(path, *this);
  for (auto& [name, child] : children_) child->visit_below(path.empty() ? name : path + "." + name, visitor);
}

void Module::visit(const std::function<void(const std::string&, Module&)>& visitor) {
  visit_below("", visitor);
}

std::vector<NamedParameter> Module::named_parameters() {
  std::vector<NamedParameter> all;
  visit([&](const std::string& path, Module& module) {
    for (const NamedParameter& p : module.parameters_) {
      all.push_back({path.empty() ? p.name : path + "." + p.name, p.tensor, p.precision});
    }
  });
  return all;
}

void Module::set_requires_grad(bool on) {
  for (const NamedParameter& p : named_parameters()) p.tensor->set_requires_grad(on);
}

}  // namespace drf::nn
