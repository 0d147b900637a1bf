#pragma once
// Strict loading: every parameter is found, every tensor of the checkpoint is used or named as ignored,
// shapes agree.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "drf/nn/module.h"
#include "drf/tensor/checkpoint.h"

namespace drf::nn {

struct LoadOptions {
  at::Device device = at::kCPU;
  /// Parameters are converted to this; absent keeps the checkpoint's dtype. Precision::kFloat32 ones become
  /// float32 when this is a half type.
  std::optional<at::ScalarType> dtype;
  bool keep_float32 = true;  ///< false: Precision::kFloat32 parameters become `dtype` like the others
  /// Only checkpoint tensors whose name starts with this are looked at; it is cut off before comparing.
  std::string prefix;
  /// Maps a checkpoint name (prefix cut) to the module's name; "" ignores the tensor. Absent: same name.
  std::function<std::string(const std::string&)> rename;
};

/// One that was filled, and where its numbers stand.
struct LoadedParameter {
  at::Tensor* tensor;  ///< the module's
  std::string source;  ///< its name in the checkpoint
  std::filesystem::path file;
};

/// Fills all parameters of `module` and says from where. CPU float tensors that need no conversion share the
/// mapped file.
/// Throws Error(kInput) naming file, tensor, got, wanted and the remedy: a missing tensor (the first of them,
/// and how many), an unused tensor, a shape that differs, or a dtype that is not floating point.
std::vector<LoadedParameter> load_strict(Module& module, const Checkpoint& checkpoint,
                                         const LoadOptions& options);

}  // namespace drf::nn
