// The transformer equals diffusers' WanTransformer3DModel: tools/reference/wan_transformer.py.
#include "drf/models/wan/transformer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "tests/support/golden.h"

namespace drf::wan {
namespace {

using testing::close;
using testing::close_relative;
using testing::Golden;

// Values and gradients agree to rounding of float64 once the reference's float32 casts are lifted.
constexpr double kFloat64 = 1e-9;
// One float32 forward of up to three blocks; two orders of summation differ by a few ulp a layer.
constexpr double kFloat32 = 2e-5;

class WanTransformer : public ::testing::TestWithParam<const char*> {};

TEST_P(WanTransformer, ValuesAndEveryGradientEqualTheReference) {
  const Golden golden(GetParam());
  Transformer model(TransformerConfig::read(golden.config()));
  golden.load(model, at::kDouble);
  model.set_requires_grad(true);
  const at::Tensor x = golden["in.x"].to(at::kDouble).set_requires_grad(true);
  const at::Tensor text = golden["in.text"].to(at::kDouble).set_requires_grad(true);
  const at::Tensor v = model.forward(x, golden["in.timestep"], text);
  EXPECT_TRUE(close_relative(v, golden["out.v"], kFloat64));
  (v * golden["probe"].to(at::kDouble)).sum().backward();
  EXPECT_TRUE(close_relative(x.grad(), golden["grad.in.x"], kFloat64));
  EXPECT_TRUE(close_relative(text.grad(), golden["grad.in.text"], kFloat64));
  golden.expect_parameter_gradients(model, kFloat64);
}

TEST_P(WanTransformer, RecomputingBlocksChangesNoBit) {
  const Golden golden(GetParam());
  Transformer model(TransformerConfig::read(golden.config()));
  golden.load(model, at::kFloat);
  at::Tensor grads[2];
  for (int recomputed = 0; recomputed < 2; ++recomputed) {
    const at::Tensor x = golden["in.x"].to(at::kFloat).set_requires_grad(true);
    const nn::BlockRunner run(recomputed == 1, nullptr);
    model.forward(x, golden["in.timestep"], golden["in.text"].to(at::kFloat), run).square().sum().backward();
    grads[recomputed] = x.grad();
  }
  EXPECT_TRUE(grads[0].equal(grads[1]));
}

TEST_P(WanTransformer, Float32AgreesToRounding) {
  const Golden golden(GetParam());
  Transformer model(TransformerConfig::read(golden.config()));
  golden.load(model, at::kFloat);
  const at::Tensor v =
      model.forward(golden["in.x"].to(at::kFloat), golden["in.timestep"], golden["in.text"].to(at::kFloat));
  EXPECT_TRUE(close_relative(v, golden["out.v_float32"], kFloat32));
}

// bfloat16 rounds at every operation, so two right implementations differ; neither may be much further from
// the exact answer than the other. The reference's own error is 0.4 to 0.7 %.
TEST_P(WanTransformer, Bfloat16IsAsCloseToTheExactAnswerAsTheReferences) {
  const Golden golden(GetParam());
  Transformer model(TransformerConfig::read(golden.config()));
  golden.load(model, at::kBFloat16);
  const at::Tensor v = model.forward(golden["in.x"].to(at::kBFloat16), golden["in.timestep"],
                                     golden["in.text"].to(at::kBFloat16));
  EXPECT_EQ(v.scalar_type(), at::kFloat) << "the head is float32, which the reference's is not";
  const at::Tensor exact = golden["out.v"];
  const double reference =
      ((golden["out.v_bfloat16"].to(at::kDouble) - exact).norm() / exact.norm()).item<double>();
  EXPECT_GT(reference, 1e-3);  // the golden is of bfloat16
  EXPECT_TRUE(close_relative(v, exact, 2 * reference));
}

INSTANTIATE_TEST_SUITE_P(Configs, WanTransformer,
                         ::testing::Values("wan_transformer_a.safetensors", "wan_transformer_b.safetensors",
                                           "wan_transformer_c.safetensors", "wan_transformer_d.safetensors"));

TEST(WanTransformerConfig, OtherVariantsAreRefusedByName) {
  const nlohmann::json good =
      nlohmann::json::parse(R"({"_class_name":"WanTransformer3DModel","patch_size":[1,2,2],
    "num_attention_heads":2,"attention_head_dim":12,"in_channels":4,"out_channels":4,"text_dim":8,"freq_dim":8,
    "ffn_dim":16,"num_layers":1})");
  EXPECT_NO_THROW(TransformerConfig::read(JsonConfig(good, "c")));
  const auto refused = [&](const char* key, const nlohmann::json& value) {
    nlohmann::json bad = good;
    bad[key] = value;
    try {
      TransformerConfig::read(JsonConfig(bad, "transformer/config.json"));
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::kInput);
      EXPECT_NE(std::string(e.what()).find(key), std::string::npos) << e.what();
      return;
    }
    ADD_FAILURE() << key << " = " << value << " was accepted";
  };
  refused("_class_name", "FluxTransformer2DModel");
  refused("image_dim", 1280);
  refused("in_channels", 36);
  refused("attention_head_dim", 13);
  refused("num_layers", 0);
  refused("patch_size", nlohmann::json::array({1, 2}));
  refused("qk_norm", "layer_norm");
  refused("ffn_dim", "wide");
  refused("eps", -1e-6);
  refused("attention_head_dim", 1000000000000);
  refused("num_attention_heads", 1000000);
  refused("patch_size", {1, 1000000, 2});
  refused("rope_max_seq_len", 0);
  refused("quantization_config", {{"quant_method", "bitsandbytes"}});
}

// An empty config.json is diffusers' WanTransformer3DModel(): the numbers are those of 0.42.1.
TEST(WanTransformerConfig, KeysThatAreLeftOutHaveTheReferencesDefaults) {
  nlohmann::json json = nlohmann::json::object();
  const TransformerConfig c = TransformerConfig::read(JsonConfig(json, "config.json"));
  EXPECT_EQ(c.patch_size, (std::array<int64_t, 3>{1, 2, 2}));
  EXPECT_EQ(c.num_heads, 40);
  EXPECT_EQ(c.head_dim, 128);
  EXPECT_EQ(c.in_channels, 16);
  EXPECT_EQ(c.out_channels, 16);
  EXPECT_EQ(c.text_dim, 4096);
  EXPECT_EQ(c.freq_dim, 256);
  EXPECT_EQ(c.ffn_dim, 13824);
  EXPECT_EQ(c.num_layers, 40);
  EXPECT_TRUE(c.cross_attn_norm);
  EXPECT_EQ(c.eps, 1e-6);
  EXPECT_EQ(c.rope_max_seq_len, 1024);
  json = {{"in_channels", 8}, {"out_channels", nullptr}};  // null is in_channels, which absent is not
  EXPECT_EQ(TransformerConfig::read(JsonConfig(json, "config.json")).out_channels, 8);
  json.erase("out_channels");
  EXPECT_THROW(TransformerConfig::read(JsonConfig(json, "config.json")), Error);
}

TEST(WanTransformerShape, SizesThatAreNoMultipleOfThePatchAreRefused) {
  const Golden golden("wan_transformer_a.safetensors");
  Transformer model(TransformerConfig::read(golden.config()));
  golden.load(model, at::kFloat);
  const at::Tensor x = at::zeros({1, model.config().in_channels, 1, 3, 4});
  try {
    model.forward(x, at::zeros({1}), golden["in.text"].to(at::kFloat).slice(0, 0, 1));
    ADD_FAILURE() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kConfig);
  }
}

}  // namespace
}  // namespace drf::wan
