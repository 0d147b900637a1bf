#include "tests/support/golden.h"

#include <ATen/ATen.h>

#include <cstdlib>

namespace drf::testing {

std::filesystem::path source_path(const std::string& relative) {
  const char* elsewhere =
      std::getenv("DRF_TEST_ROOT");  // tests that run on another machine than the one that built them
  return std::filesystem::path(elsewhere ? elsewhere : DRF_SOURCE_DIR) / relative;
}

Golden::Golden(const std::string& name)
    : name_(name),
      checkpoint_(Checkpoint::open_file(source_path("tests/goldens/" + name))),
      metadata_(SafetensorsFile(source_path("tests/goldens/" + name)).metadata()) {}

at::Tensor Golden::operator[](const std::string& name) const { return checkpoint_.get(name).clone(); }

std::string Golden::metadata(const std::string& key) const { return metadata_.at(key); }

JsonConfig Golden::config() const { return JsonConfig(nlohmann::json::parse(metadata("config")), name_); }

void Golden::load(nn::Module& module, std::optional<at::ScalarType> dtype) const {
  nn::LoadOptions options;
  options.prefix = "param.";
  options.dtype = dtype;
  nn::load_strict(module, checkpoint_, options);
}

void Golden::expect_parameter_gradients(nn::Module& module, double tolerance) const {
  for (const auto& p : module.named_parameters()) {
    ASSERT_TRUE(has("grad.param." + p.name)) << name_ << " has no gradient of " << p.name;
    ASSERT_TRUE(p.tensor->grad().defined()) << "no gradient reached " << p.name;
    EXPECT_TRUE(close_relative(p.tensor->grad(), (*this)["grad.param." + p.name], tolerance)) << p.name;
  }
}

namespace {
::testing::AssertionResult describe(const at::Tensor& got, const at::Tensor& want, const char* which,
                                    double error, double tolerance) {
  const at::Tensor diff = (got - want).abs().flatten();
  const int64_t worst = diff.numel() ? diff.argmax().item<int64_t>() : 0;
  return ::testing::AssertionFailure()
         << which << " " << error << " > " << tolerance << "; worst at flat index " << worst << ": got "
         << got.flatten()[worst].item<double>() << ", want " << want.flatten()[worst].item<double>();
}
}  // namespace

::testing::AssertionResult close(const at::Tensor& got, const at::Tensor& want, double tolerance) {
  if (got.sizes() != want.sizes()) {
    return ::testing::AssertionFailure() << "shape " << got.sizes() << ", want " << want.sizes();
  }
  if (want.numel() == 0) return ::testing::AssertionSuccess();
  const at::Tensor a = got.detach().to(at::kDouble), b = want.detach().to(at::kDouble);
  const double scale = std::max(1.0, b.abs().max().item<double>());
  const double error = (a - b).abs().max().item<double>() / scale;
  if (error <= tolerance) return ::testing::AssertionSuccess();
  return describe(a, b, "max |diff| / max(1, |want|)", error, tolerance);
}

::testing::AssertionResult close_relative(const at::Tensor& got, const at::Tensor& want, double tolerance) {
  if (got.sizes() != want.sizes()) {
    return ::testing::AssertionFailure() << "shape " << got.sizes() << ", want " << want.sizes();
  }
  if (want.numel() == 0) return ::testing::AssertionSuccess();
  const at::Tensor a = got.detach().to(at::kDouble), b = want.detach().to(at::kDouble);
  const double norm = b.norm().item<double>();
  const double error = (a - b).norm().item<double>() / (norm > 0 ? norm : 1.0);
  if (error <= tolerance) return ::testing::AssertionSuccess();
  return describe(a, b, "relative L2", error, tolerance);
}

}  // namespace drf::testing
