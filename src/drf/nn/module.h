#pragma once
// What a model is made of: named parameters and named children. Registered names are the checkpoint's own
// keys, so loading is one function (nn/load.h) and no model file knows about files, devices or dtypes.

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace drf::nn {

/// Whether a parameter follows the model's dtype or stays float32 as the reference keeps it (when the model
/// is half).
enum class Precision { kModel, kFloat32 };

/// A parameter's slot. Until it is loaded the tensor has a shape but no storage (meta device).
struct NamedParameter {
  std::string name;
  at::Tensor* tensor;
  Precision precision;
};

class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;  // slots and children are registered by address
  Module& operator=(const Module&) = delete;

  /// All parameters, own first, then the children's, each with its dotted path.
  std::vector<NamedParameter> named_parameters();
  const std::vector<NamedParameter>& own_parameters() const { return parameters_; }
  /// Calls visitor(path, module) for this module (path "") and all below it, parents first.
  void visit(const std::function<void(const std::string& path, Module&)>& visitor);
  /// Turns gradients of all (loaded) parameters on or off. They are off after loading.
  void set_requires_grad(bool on);

  /// Whether something of this module itself is in a TrainableSet (trainable_set.h), whatever lies in its
  /// slots now: what is computed of it may change with every update.
  bool is_trained() const { return is_trained_; }
  void set_trained() { is_trained_ = true; }

 protected:
  /// `slot` becomes a meta tensor of `shape` (float32 and one number repeated, until loaded) and must live as
  /// long as the module.
  void register_parameter(const std::string& name, at::Tensor& slot, at::IntArrayRef shape,
                          Precision precision = Precision::kModel);
  /// `child` must be a member (or owned by one) of this module.
  void register_module(const std::string& name, Module& child);

 private:
  void visit_below(const std::string& path, const std::function<void(const std::string&, Module&)>& visitor);
  std::vector<NamedParameter> parameters_;
  std::vector<std::pair<std::string, Module*>> children_;
  bool is_trained_ = false;
};

/// A child list as checkpoints name it: "blocks.0", "blocks.1", ...
template <typename T>
using ModuleList = std::vector<std::unique_ptr<T>>;

}  // namespace drf::nn
