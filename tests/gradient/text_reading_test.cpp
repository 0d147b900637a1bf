// What a rollout reads once: the text, its prompts together, padding merged, the adapters' gradient gathered;
// and each timestep.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "drf/nn/lora.h"
#include "tests/support/golden.h"
#include "tests/support/plain_flow.h"
#include "tests/support/slope.h"

namespace drf {
namespace {

using testing::close_relative;
using testing::direction;
using testing::read_every_row;
using testing::source_path;

constexpr double kFloat64 = 1e-9;

// The bundled generator in float64 with adapters on the layers that read text, and two clips' states.
class Reader {
 public:
  explicit Reader(int64_t text_length) : text_length_(text_length) {
    models::ModelOptions options;
    options.load.dtype = options.decoder_dtype = at::kDouble;
    options.text_length = text_length;
    model_ = models::open_generator(source_path("assets/tiny/generator"), options);
    nn::attach_lora(transformer(), {2, 2, {"attn2.to_k", "attn2.to_v"}}, 0);
    const at::NoGradGuard no_graph;
    uint32_t index = 0;
    for (const auto& [name, tensor] : nn::lora_parameters(transformer())) {
      if (name.find("lora_B") != std::string::npos) tensor.copy_(direction(index++, tensor) * 0.1);
    }
    x_ = direction(20, at::zeros({2, 8, 2, 4, 4}));
  }
  models::Denoiser& denoiser() { return *model_.denoiser; }
  wan::Transformer& transformer() {
    return dynamic_cast<wan::Transformer&>(*denoiser().components().front().root);
  }
  std::vector<models::Condition> conditions(const std::vector<std::string>& prompts) {
    std::vector<models::Condition> all;
    for (const std::string& prompt : prompts) all.push_back(denoiser().encode(prompt));
    return all;
  }
  /// The prompts' states with all their padding, and how many rows are theirs.
  at::Tensor text(const std::vector<std::string>& prompts, std::vector<int64_t>& lengths) {
    std::vector<at::Tensor> rows;
    lengths.clear();
    for (const models::Condition& condition : conditions(prompts)) {
      lengths.push_back(condition.get("text").size(1));
      rows.push_back(at::constant_pad_nd(condition.get("text"), {0, 0, 0, text_length_ - lengths.back()}));
    }
    return at::cat(rows);
  }
  wan::TextReading read(const at::Tensor& text_BSE, const std::vector<int64_t>& lengths) {
    return transformer().read_text(text_BSE.narrow(1, 0, *std::max_element(lengths.begin(), lengths.end())),
                                   lengths, text_BSE.size(1));
  }
  const at::Tensor& x() const { return x_; }
  at::Tensor velocity(const at::Tensor& x, const wan::TextReading& reading) {
    return transformer().forward(
        x, transformer().read_time(at::full({1}, 700.0, x.options()), x.scalar_type()), reading);
  }

 private:
  int64_t text_length_;
  models::Generator model_;
  at::Tensor x_;
};

const std::vector<std::string> kPrompts = {"a red ball moves left on a black background", "a blue square"};

TEST(TextReading, PromptsReadTogetherEqualEachReadAlone) {
  Reader r(24);
  const at::NoGradGuard no_graph;
  const auto rows = r.conditions(kPrompts);
  const at::Tensor together = r.denoiser().velocity(r.x(), 700, r.denoiser().prepare(rows, {}), {});
  const auto alone = [&](int64_t b, size_t prompt) {
    return r.denoiser().velocity(r.x().narrow(0, b, 1), 700, r.denoiser().prepare({rows[prompt]}, {}), {});
  };
  for (int64_t b = 0; b < 2; ++b)
    EXPECT_TRUE(close_relative(together.narrow(0, b, 1), alone(b, static_cast<size_t>(b)), kFloat64)) << b;
  EXPECT_FALSE(close_relative(together.narrow(0, 0, 1), alone(0, 1), 1e-3)) << "the prompt is not heard";
}

// A bias of log(500) rounded to bfloat16 would weigh the padding by up to 1.6 % too much or too little.
TEST(TextReading, HalfTypesCountThePaddingToo) {
  Reader r(200);
  for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf}) {
    // Lengths that differ, and one that leaves a single row of padding.
    at::Tensor text = at::zeros({3, 200, r.conditions({"a"})[0].get("text").size(2)}, at::kDouble);
    const std::vector<int64_t> lengths = {9, 31, 150};
    for (int64_t b = 0; b < 3; ++b) text[b].narrow(0, 0, lengths[b]).fill_(1);
    models::ModelOptions options;
    options.load.dtype = dtype;
    options.text_length = 200;
    const auto model = models::open_generator(source_path("assets/tiny/generator"), options);
    auto& transformer = dynamic_cast<wan::Transformer&>(*model.denoiser->components().front().root);
    const at::NoGradGuard no_graph;
    const at::Tensor bias =
        transformer.read_text(text.to(dtype).narrow(1, 0, 150), lengths, 200).bias.to(at::kDouble);
    for (int64_t b = 0; b < 3; ++b) {
      const at::Tensor rows = bias[b].flatten();
      EXPECT_EQ(rows.narrow(0, 0, lengths[b]).abs().max().item<double>(), 0);
      const at::Tensor padding = rows.narrow(0, lengths[b], rows.size(0) - lengths[b]);
      EXPECT_NEAR(padding.exp().sum().item<double>() / static_cast<double>(200 - lengths[b]), 1, 1e-3) << b;
    }
  }
}

TEST(TimeReading, IsKeptOnlyWhileNothingInItIsTrained) {
  Reader r(24);
  const models::Condition text = r.denoiser().prepare(r.conditions(kPrompts), {});
  const auto velocity = [&] { return r.denoiser().velocity(r.x(), 700, text, {}); };
  const at::Tensor base = velocity().detach();
  EXPECT_TRUE(velocity().equal(base));
  const auto layers = nn::attach_lora(r.transformer(), {2, 2, {"time_proj", "time_embedder.linear_1"}}, 0);
  nn::TrainableSet trained;
  nn::add_lora(trained, r.transformer());
  for (const double step : {0.1, 0.2}) {
    const at::Tensor before = velocity().detach();
    uint32_t index = 30;
    for (const nn::NamedLinear& layer : layers) {
      const at::NoGradGuard no_graph;
      layer.linear->lora_B().add_(direction(index++, layer.linear->lora_B()) * step);
    }
    EXPECT_FALSE(close_relative(velocity(), before, 1e-3));
  }
  velocity().square().sum().backward();
  for (const nn::NamedLinear& layer : layers) {
    EXPECT_GT(layer.linear->lora_B().grad().abs().max().item<double>(), 0) << layer.path;
  }
}

// Value, and the gradient of the state and of the adapters that read text.
void expect_as_every_row(Reader& r, const at::Tensor& text, const std::vector<int64_t>& lengths) {
  const auto adapters = nn::lora_parameters(r.transformer());
  std::vector<at::Tensor> values, d_x;
  std::vector<std::vector<at::Tensor>> gradients;
  for (const bool merged : {true, false}) {
    const at::Tensor x = r.x().clone().set_requires_grad(true);
    const wan::TextReading reading = merged ? r.read(text, lengths) : read_every_row(r.transformer(), text);
    const at::Tensor v = r.velocity(x, reading);
    (v * direction(30, v)).sum().backward();
    values.push_back(v.detach());
    d_x.push_back(x.grad());
    gradients.emplace_back();
    for (const auto& [name, tensor] : adapters) {
      gradients.back().push_back(tensor.grad());
      tensor.mutable_grad() = at::Tensor();
    }
  }
  EXPECT_TRUE(close_relative(values[0], values[1], kFloat64));
  EXPECT_TRUE(close_relative(d_x[0], d_x[1], kFloat64));
  for (size_t i = 0; i < adapters.size(); ++i) {
    EXPECT_TRUE(close_relative(gradients[0][i], gradients[1][i], kFloat64)) << adapters[i].first;
    EXPECT_GT(gradients[1][i].norm().item<double>(), 1e-6) << adapters[i].first;
  }
}

TEST(TextReading, MergedPaddingEqualsAttentionToEveryRow) {
  for (const int64_t length : {24, 512}) {
    Reader r(length);
    std::vector<int64_t> lengths;
    const at::Tensor text = r.text(kPrompts, lengths);
    const wan::TextReading reading = r.read(text, lengths);
    EXPECT_TRUE(reading.bias.defined());
    EXPECT_LT(reading.blocks[0].keys.size(1), 24) << "padding is not merged";
    expect_as_every_row(r, text, lengths);
  }
}

TEST(TextReading, WhereNothingCanBeMergedThereIsNoBias) {
  Reader r(24);
  std::vector<int64_t> lengths;
  const at::Tensor text = r.text(kPrompts, lengths);
  const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  // No padding in the first clip, then one row of it.
  for (const int64_t rows : {longest, longest + 1}) {
    const at::Tensor cut = text.narrow(1, 0, rows);
    EXPECT_FALSE(r.read(cut, lengths).bias.defined()) << rows;
    expect_as_every_row(r, cut, lengths);
  }
}

TEST(TextReading, PaddingCounts) {
  Reader r(24);
  const at::NoGradGuard no_graph;
  std::vector<int64_t> lengths;
  const at::Tensor text = r.text(kPrompts, lengths);
  wan::TextReading reading = r.read(text, lengths);
  const at::Tensor with = r.velocity(r.x(), reading);
  reading.bias = at::Tensor();
  EXPECT_FALSE(close_relative(r.velocity(r.x(), reading), with, 1e-6)) << "the tests above would say nothing";
}

}  // namespace
}  // namespace drf
