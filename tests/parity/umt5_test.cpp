// The encoder equals transformers' UMT5EncoderModel: tools/reference/umt5.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "drf/base/files.h"
#include "drf/models/umt5/encoder.h"
#include "drf/text/prompt_clean.h"
#include "drf/text/tokenizer.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::umt5 {
namespace {

using testing::close;
using testing::close_relative;
using testing::error_of;
using testing::Golden;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;

// Values and gradients agree to rounding of float64 once the reference's float32 casts are lifted.
constexpr double kFloat64 = 1e-9;
// One float32 forward of up to three blocks with large weights: the reference itself is 3e-6 from float64.
constexpr double kFloat32 = 2e-5;
// bfloat16 keeps 8 bits and softmax is float32 here, bfloat16 there: bounded by the reference's own error
// against float64 (4e-2, 7e-3, 2e-1 with these weights), not by agreement bit for bit.
constexpr double kHalfSlack = 1.5;

class Umt5 : public ::testing::TestWithParam<const char*> {
 protected:
  Golden golden_{GetParam()};
  Encoder model_{Config::read(golden_.config())};
  double error(const at::Tensor& states) const {
    const at::Tensor want = golden_["out.states"];
    return ((states.to(at::kDouble) - want).norm() / want.norm()).item<double>();
  }
};

TEST_P(Umt5, ValuesAndEveryGradientEqualTheReference) {
  golden_.load(model_, at::kDouble);
  model_.set_requires_grad(true);
  const at::Tensor states = model_.forward(golden_["in.ids"], golden_["in.mask"]);
  EXPECT_TRUE(close_relative(states, golden_["out.states"], kFloat64));
  (states * golden_["probe"].to(at::kDouble)).sum().backward();
  golden_.expect_parameter_gradients(model_, kFloat64);
}

TEST_P(Umt5, Float32AgreesToRounding) {
  golden_.load(model_, at::kFloat);
  const at::Tensor states = model_.forward(golden_["in.ids"], golden_["in.mask"]);
  EXPECT_EQ(states.scalar_type(), at::kFloat);
  EXPECT_TRUE(close_relative(states, golden_["out.states_float32"], kFloat32));
}

TEST_P(Umt5, Bfloat16IsNoFurtherFromFloat64ThanTheReference) {
  nn::LoadOptions options;
  options.prefix = "param.";
  options.dtype = at::kBFloat16;
  load(model_, Checkpoint::open_file(source_path(std::string("tests/goldens/") + GetParam())), options);
  for (const auto& p : model_.named_parameters()) EXPECT_EQ(p.tensor->scalar_type(), at::kBFloat16) << p.name;
  const at::Tensor states = model_.forward(golden_["in.ids"], golden_["in.mask"]);
  EXPECT_EQ(states.scalar_type(), at::kBFloat16);
  EXPECT_LE(error(states), kHalfSlack * error(golden_["out.states_bfloat16"]));
}

TEST_P(Umt5, Float16KeepsTheSecondProjectionInFloat32) {
  nn::LoadOptions options;
  options.prefix = "param.";
  options.dtype = at::kHalf;
  load(model_, Checkpoint::open_file(source_path(std::string("tests/goldens/") + GetParam())), options);
  for (const auto& p : model_.named_parameters()) {
    const bool second = p.name.find("DenseReluDense.wo") != std::string::npos;
    EXPECT_EQ(p.tensor->scalar_type(), second ? at::kFloat : at::kHalf) << p.name;
  }
  const at::Tensor states = model_.forward(golden_["in.ids"], golden_["in.mask"]);
  EXPECT_LE(error(states), kHalfSlack * error(golden_["out.states_bfloat16"]));
}

INSTANTIATE_TEST_SUITE_P(Configs, Umt5,
                         ::testing::Values("umt5_gated.safetensors", "umt5_plain.safetensors",
                                           "umt5_wide.safetensors"));

TEST(Umt5Tiny, PromptsBecomeTheStatesOfTheWanPipeline) {
  const Golden golden("umt5_tiny.safetensors");
  const auto folder = source_path("assets/tiny/generator");
  const auto tokenizer = text::open_tokenizer(folder);
  Encoder model(Config::read(JsonConfig::read(folder / "text_encoder" / "config.json")));
  load(model, Checkpoint::open(folder / "text_encoder", "model"), {});
  const auto prompts = nlohmann::json::parse(golden.metadata("prompts"));
  const at::Tensor want_ids = golden["in.ids"], want_mask = golden["in.mask"];
  for (int64_t i = 0; i < want_ids.size(0); ++i) {
    const std::string prompt = text::prompt_clean(prompts[i].get<std::string>());
    const text::PaddedIds padded = tokenizer->encode_padded(prompt, want_ids.size(1));
    EXPECT_TRUE(at::tensor(padded.ids, at::kLong).equal(want_ids[i])) << prompt;
    EXPECT_TRUE(at::tensor(padded.mask, at::kLong).equal(want_mask[i])) << prompt;
  }
  const at::Tensor states = model.forward(want_ids, want_mask).masked_fill(want_mask.eq(0).unsqueeze(-1), 0);
  EXPECT_TRUE(close_relative(states, golden["out.states"], kFloat32));
  EXPECT_TRUE(states.masked_select(want_mask.eq(0).unsqueeze(-1)).eq(0).all().item<bool>());
}

TEST(Umt5Checkpoint, TheEmbeddingMayBeStoredUnderEitherNameOrBoth) {
  const Golden golden("umt5_plain.safetensors");
  const Config config = Config::read(golden.config());
  std::vector<std::pair<std::string, at::Tensor>> others;
  at::Tensor embedding;
  {
    Encoder model(config);
    golden.load(model);
    for (const auto& p : model.named_parameters()) {
      if (p.name == "shared.weight") {
        embedding = *p.tensor;
      } else {
        others.emplace_back(p.name, *p.tensor);
      }
    }
  }
  const TemporaryFolder folder;
  const auto states_of = [&](std::vector<std::pair<std::string, at::Tensor>> extra) {
    extra.insert(extra.end(), others.begin(), others.end());
    write_safetensors(folder / "model.safetensors", extra);
    Encoder model(config);
    load(model, Checkpoint::open(folder.path(), "model"), {});
    return model.forward(golden["in.ids"], golden["in.mask"]);
  };
  const at::Tensor want = golden["out.states_float32"], other = at::zeros_like(embedding);
  EXPECT_TRUE(close_relative(states_of({{"shared.weight", embedding}}), want, kFloat32));
  EXPECT_TRUE(close_relative(states_of({{"encoder.embed_tokens.weight", embedding}}), want, kFloat32));
  EXPECT_TRUE(close_relative(
      states_of({{"shared.weight", embedding}, {"encoder.embed_tokens.weight", other}}), want, kFloat32));
  EXPECT_TRUE(close_relative(states_of({{"shared.weight", embedding},
                                        {"decoder.final_layer_norm.weight", at::ones({3})},
                                        {"lm_head.weight", at::ones({2, 2})}}),
                             want, kFloat32));
  const auto missing = error_of(ErrorKind::kInput, [&] { states_of({}); });
  EXPECT_TRUE(says(missing, "'shared.weight' is missing")) << missing;
  const auto unused = error_of(ErrorKind::kInput, [&] {
    states_of({{"shared.weight", embedding}, {"x", other}});
  });
  EXPECT_TRUE(says(unused, "'x' is used by nothing")) << unused;
}

TEST(Umt5Published, TheParametersOfUmt5XxlAreTheReferences) {
  // What Wan 2.1's text_encoder/config.json says; the list: tools/reference/names.py.
  const nlohmann::json published = {{"model_type", "umt5"},
                                    {"vocab_size", 256384},
                                    {"d_model", 4096},
                                    {"d_kv", 64},
                                    {"d_ff", 10240},
                                    {"num_layers", 24},
                                    {"num_heads", 64},
                                    {"feed_forward_proj", "gated-gelu"},
                                    {"layer_norm_epsilon", 1e-06}};
  Encoder model(Config::read(JsonConfig(published, "config.json")));
  std::vector<std::string> lines;
  for (const auto& p : model.named_parameters()) {
    std::string line = p.name + " ";
    for (const int64_t size : p.tensor->sizes())
      line += (line.back() == ' ' ? "" : ",") + std::to_string(size);
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, read_utf8_lines(source_path("tests/goldens/names_umt5_xxl.txt")));
}

TEST(Umt5Input, IdsBeyondTheVocabularyAreRefused) {
  const Golden golden("umt5_plain.safetensors");
  Encoder model(Config::read(golden.config()));
  golden.load(model);
  const at::Tensor ids = at::full({1, 2}, 11, at::kLong);
  const auto message = error_of(ErrorKind::kInput, [&] { model.forward(ids, at::ones_like(ids)); });
  EXPECT_TRUE(says(message, "token id 11 is outside the text encoder's vocabulary of 11")) << message;
}

TEST(Umt5Config, OtherModelsAreRefusedByName) {
  const nlohmann::json good = {
      {"model_type", "umt5"}, {"vocab_size", 9}, {"d_model", 8}, {"d_kv", 4}, {"d_ff", 8},
      {"num_layers", 1},      {"num_heads", 2}};
  const Config config = Config::read(JsonConfig(good, "c"));
  EXPECT_EQ(config.num_buckets, 32);
  EXPECT_TRUE(config.gated);
  EXPECT_EQ(config.activation, Activation::kGeluTanh);
  const auto refused = [&](const char* key, const nlohmann::json& value, const char* part) {
    nlohmann::json bad = good;
    bad[key] = value;
    const auto message =
        error_of(ErrorKind::kInput, [&] { Config::read(JsonConfig(bad, "text_encoder/config.json")); });
    EXPECT_TRUE(says(message, part)) << message;
    EXPECT_TRUE(says(message, key)) << message;
    EXPECT_TRUE(says(message, "text_encoder/config.json")) << message;
  };
  refused("model_type", "t5", "umt5");
  refused("feed_forward_proj", "gated-tanh", "gelu_new");
  refused("d_kv", 0, "positive");
  refused("num_layers", nullptr, "num_layers");
  refused("relative_attention_num_buckets", 2, "at least 4");
  refused("relative_attention_max_distance", 8, "above a quarter");
}

// An empty config.json is transformers' UMT5Config(): the numbers are those of 5.23.
TEST(Umt5Config, KeysThatAreLeftOutHaveTheReferencesDefaults) {
  const Config c = Config::read(JsonConfig(nlohmann::json::object(), "config.json"));
  EXPECT_EQ(c.vocab_size, 250112);
  EXPECT_EQ(c.d_model, 512);
  EXPECT_EQ(c.d_kv, 64);
  EXPECT_EQ(c.d_ff, 1024);
  EXPECT_EQ(c.num_layers, 8);
  EXPECT_EQ(c.num_heads, 6);
  EXPECT_EQ(c.num_buckets, 32);
  EXPECT_EQ(c.max_distance, 128);
  EXPECT_EQ(c.eps, 1e-6);
  EXPECT_TRUE(c.gated && c.activation == Activation::kGeluTanh);
}

}  // namespace
}  // namespace drf::umt5
