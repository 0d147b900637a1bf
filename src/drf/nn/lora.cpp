#include "drf/nn/lora.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "drf/base/error.h"
#include "drf/base/nearest.h"
#include "drf/base/random.h"
#include "drf/tensor/precision.h"

namespace drf::nn {
namespace {

bool matches(const std::string& path, const std::string& target) {
  if (path == target) return true;
  const std::string tail = "." + target;
  return path.size() > tail.size() && path.compare(path.size() - tail.size(), tail.size(), tail) == 0;
}

// What a misspelt target may have meant: paths from which their numbered containers are cut
// ("blocks.3.ffn.net.2" offers "ffn.net.2", "net.2" too), each once.
std::vector<std::string> possible_targets(const std::vector<NamedLinear>& linears) {
  std::vector<std::string> names;
  for (const NamedLinear& layer : linears) {
    for (size_t begin = 0; begin != std::string::npos;) {
      const std::string tail = layer.path.substr(begin);
      const bool starts_with_number = tail[0] >= '0' && tail[0] <= '9';
      if (!starts_with_number && std::find(names.begin(), names.end(), tail) == names.end())
        names.push_back(tail);
      const size_t dot = layer.path.find('.', begin);
      begin = dot == std::string::npos ? dot : dot + 1;
    }
  }
  return names;
}

at::Tensor fresh_A(const NamedLinear& layer, int64_t rank, uint64_t seed, const at::TensorOptions& options) {
  const int64_t in = layer.linear->weight().size(1);
  if (options.device().is_meta()) return at::empty({rank, in}, options);  // a dry run needs no numbers
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  const uint64_t hash = hash_text(layer.path);
  const RandomKey key{seed, Purpose::kAdapterInit, static_cast<uint32_t>(hash),
                      static_cast<uint32_t>(hash >> 32)};
  const auto values = uniform(key, static_cast<size_t>(rank * in), -bound, bound);
  return at::tensor(values, at::kDouble).reshape({rank, in}).to(options);
}

}  // namespace

std::vector<NamedLinear> linears_of(Module& model) {
  std::vector<NamedLinear> found;
  model.visit([&](const std::string& path, Module& module) {
    if (auto* linear = dynamic_cast<Linear*>(&module)) found.push_back({path, linear});
  });
  return found;
}

std::vector<NamedLinear> adapters_of(Module& model) {
  auto found = linears_of(model);
  std::erase_if(found, [](const NamedLinear& layer) { return !layer.linear->has_lora(); });
  return found;
}

std::vector<NamedLinear> targeted(Module& model, const std::vector<std::string>& targets) {
  const auto linears = linears_of(model);
  std::vector<bool> chosen(linears.size(), false);
  for (const std::string& target : targets) {
    bool found = false;
    for (size_t i = 0; i < linears.size(); ++i) {
      if (!matches(linears[i].path, target)) continue;
      chosen[i] = found = true;
    }
    if (found) continue;
    const auto names = possible_targets(linears);
    const auto close = nearest(target, names, 3);
    fail(ErrorKind::kConfig, "lora.targets: no linear layer's name ends with \"", target, "\"; ",
         close.empty() ? "the model has for example " : "near names are ",
         close.empty()
             ? std::vector<std::string>(names.begin(), names.begin() + std::min<size_t>(names.size(), 6))
             : close);
  }
  std::vector<NamedLinear> layers;
  for (size_t i = 0; i < linears.size(); ++i) {
    if (chosen[i]) layers.push_back(linears[i]);
  }
  return layers;
}

std::vector<NamedLinear> attach_lora(Module& model, const LoraSpec& spec, uint64_t seed) {
  if (spec.rank < 1) fail(ErrorKind::kConfig, "lora.rank is ", spec.rank, ", wanted at least 1");
  const auto layers = targeted(model, spec.targets);
  detach_lora(model);
  for (const NamedLinear& layer : layers) {
    const at::Tensor& weight = layer.linear->weight();
    const auto options = weight.options().dtype(at_least_float(weight.scalar_type())).requires_grad(false);
    at::Tensor A = fresh_A(layer, spec.rank, seed, options);
    at::Tensor B = at::zeros({weight.size(0), spec.rank}, options);
    layer.linear->set_lora(A.set_requires_grad(true), B.set_requires_grad(true),
                           spec.alpha / static_cast<double>(spec.rank));
  }
  return layers;
}

void detach_lora(Module& model) {
  for (const NamedLinear& layer : adapters_of(model)) layer.linear->remove_lora();
}

void scale_lora(Module& model, double factor) {
  for (const NamedLinear& layer : adapters_of(model)) {
    Linear& linear = *layer.linear;
    linear.set_lora(linear.lora_A(), linear.lora_B(), linear.lora_scale() * factor);
  }
}

namespace {

double sum_of_squares(Module& model, std::optional<double> pull) {
  const at::NoGradGuard no_graph;
  std::vector<at::Tensor> squares;
  for (const NamedLinear& layer : adapters_of(model)) {
    const at::Tensor &A = layer.linear->lora_A(), &B = layer.linear->lora_B();
    const double scale = layer.linear->lora_scale() * layer.linear->lora_scale();
    // ||B A||^2 = tr(B^T B A A^T): two matrices of the rank's size, never one of the layer's.
    const at::Tensor BtB = B.t().mm(B), AAt = A.mm(A.t());
    squares.push_back((BtB * AAt).sum().to(at::kDouble) * scale);
    if (!pull || !A.grad().defined() || !B.grad().defined()) continue;
    A.mutable_grad().add_(BtB.mm(A), 2 * *pull * scale);
    B.mutable_grad().add_(B.mm(AAt), 2 * *pull * scale);
  }
  return squares.empty() ? 0 : at::stack(squares).sum().item<double>();
}

}  // namespace

double squared_adapters(Module& model) { return sum_of_squares(model, std::nullopt); }

double pull_adapters(Module& model, double weight) { return sum_of_squares(model, weight); }

void add_lora(TrainableSet& set, Module& model, const std::string& prefix) {
  for (const NamedLinear& layer : adapters_of(model)) {
    const std::string name = prefix + "." + layer.path;
    Linear& linear = *layer.linear;
    set.add(linear, name + ".lora_A.weight", linear.lora_A(), linear.lora_A(), {});
    set.add(linear, name + ".lora_B.weight", linear.lora_B(), linear.lora_B(), {});
  }
}

std::vector<std::pair<std::string, at::Tensor>> lora_parameters(Module& model, const std::string& prefix) {
  std::vector<std::pair<std::string, at::Tensor>> parameters;
  for (const NamedLinear& layer : adapters_of(model)) {
    parameters.emplace_back(prefix + "." + layer.path + ".lora_A.weight", layer.linear->lora_A());
    parameters.emplace_back(prefix + "." + layer.path + ".lora_B.weight", layer.linear->lora_B());
  }
  return parameters;
}

}  // namespace drf::nn
