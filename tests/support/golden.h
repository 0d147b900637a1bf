#pragma once
// Goldens: safetensors files under tests/goldens/ that tools/reference/*.py made with diffusers and
// transformers.
//   __metadata__.config   the reference's config as JSON
//   param.<name>          weights under the checkpoint's names
//   in.<name>, out.<name> inputs and outputs
//   grad.in.<name>, grad.param.<name>   gradients of sum(out * probe.<out>) (see each script)

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "drf/nn/load.h"
#include "drf/tensor/json_config.h"

namespace drf::testing {

class Golden {
 public:
  /// tests/goldens/NAME
  explicit Golden(const std::string& name);
  bool has(const std::string& name) const { return checkpoint_.entries().count(name) != 0; }
  /// A private copy, so that a test may change it.
  at::Tensor operator[](const std::string& name) const;
  JsonConfig config() const;
  std::string metadata(const std::string& key) const;
  /// Fills `module` from param.* in the golden's dtype (or `dtype`), strictly.
  void load(nn::Module& module, std::optional<at::ScalarType> dtype = {}) const;
  /// Compares the gradient of every parameter of `module` with grad.param.*; each must be there.
  void expect_parameter_gradients(nn::Module& module, double tolerance) const;

 private:
  std::string name_;
  Checkpoint checkpoint_;
  std::map<std::string, std::string> metadata_;
};

/// Passes if |got - want| <= tolerance * max(1, max|want|) everywhere (relative = false), or if the relative
/// L2 error is at most `tolerance`. The message names the worst element. Shapes must agree; dtypes need not.
::testing::AssertionResult close(const at::Tensor& got, const at::Tensor& want, double tolerance);
::testing::AssertionResult close_relative(const at::Tensor& got, const at::Tensor& want, double tolerance);

/// The repository's file or folder.
std::filesystem::path source_path(const std::string& relative);

}  // namespace drf::testing
