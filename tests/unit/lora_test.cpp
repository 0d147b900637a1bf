#include "drf/nn/lora.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "drf/models/wan/lora_names.h"
#include "drf/nn/lora_file.h"
#include "drf/tensor/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

using nn::Linear;
using testing::close;
using testing::error_of;
using testing::says;
using testing::TemporaryFolder;

// A model that is nothing but linear layers at given paths, as a checkpoint would name them.
class Tree : public nn::Module {
 public:
  void add(const std::string& path, int64_t in, int64_t out, at::ScalarType dtype = at::kFloat) {
    const size_t dot = path.find('.');
    if (dot != std::string::npos) {
      child(path.substr(0, dot)).add(path.substr(dot + 1), in, out, dtype);
      return;
    }
    leaves_.push_back(std::make_unique<Linear>(in, out, /*bias=*/false));
    register_module(path, *leaves_.back());
    at::Tensor* weight = leaves_.back()->named_parameters().front().tensor;
    *weight = at::linspace(-1, 1, in * out, at::kFloat).reshape({out, in}).to(dtype);
  }

 private:
  Tree& child(const std::string& name) {
    for (auto& [known, tree] : children_) {
      if (known == name) return *tree;
    }
    children_.emplace_back(name, std::make_unique<Tree>());
    register_module(name, *children_.back().second);
    return *children_.back().second;
  }
  std::vector<std::pair<std::string, std::unique_ptr<Tree>>> children_;
  std::vector<std::unique_ptr<Linear>> leaves_;
};

// The linear layers of the reference's tiny Wan transformer (tools/reference/lora.py).
struct WanTree : Tree {
  explicit WanTree(at::ScalarType dtype = at::kFloat) {
    const SafetensorsFile golden(testing::source_path("tests/goldens/lora_expected.safetensors"));
    for (const auto& [name, entry] : golden.entries()) {
      if (name.rfind("shape.", 0) != 0) continue;
      const at::Tensor shape = golden.get(name);
      add(name.substr(6), shape[1].item<int64_t>(), shape[0].item<int64_t>(), dtype);
    }
  }
};

std::filesystem::path golden_file(const std::string& form) {
  return testing::source_path("tests/goldens/lora_" + form + ".safetensors");
}

// layer -> scale B A
std::map<std::string, at::Tensor> changes(nn::Module& model) {
  std::map<std::string, at::Tensor> found;
  for (const auto& layer : nn::adapters_of(model)) {
    const at::Tensor product = at::matmul(layer.linear->lora_B(), layer.linear->lora_A());
    found[layer.path] = (layer.linear->lora_scale() * product).detach();
  }
  return found;
}

// Layers and numbers are those diffusers arrives at. float32 products of rank <= 5: 1e-6 covers their order
// of summation.
void expect_changes(nn::Module& model, const std::string& form) {
  const SafetensorsFile golden(testing::source_path("tests/goldens/lora_expected.safetensors"));
  auto got = changes(model);
  for (const auto& [name, entry] : golden.entries()) {
    if (name.rfind(form + ".", 0) != 0) continue;
    const std::string layer = name.substr(form.size() + 1);
    ASSERT_TRUE(got.count(layer)) << layer;
    EXPECT_TRUE(close(got[layer], golden.get(name), 1e-6)) << layer;
    got.erase(layer);
  }
  EXPECT_TRUE(got.empty()) << got.begin()->first;
}

const nn::LoraSpec kSpec{.rank = 4, .alpha = 8, .targets = {"to_q", "to_out.0", "ffn.net.0.proj"}};

TEST(Lora, TargetsAreWholeComponentsAtTheEndOfThePath) {
  Tree model;
  for (const char* path : {"to_q", "blocks.0.attn1.to_q", "blocks.0.attn1.into_q", "blocks.0.to_q.inner",
                           "blocks.0.attn1.to_out.0", "blocks.0.ffn.net.0.proj", "blocks.0.ffn.net.2",
                           "blocks.0.xffn.net.0.proj"}) {
    model.add(path, 3, 2);
  }
  std::vector<std::string> chosen;
  for (const auto& layer : nn::attach_lora(model, kSpec, 0)) chosen.push_back(layer.path);
  std::sort(chosen.begin(), chosen.end());
  EXPECT_EQ(chosen, (std::vector<std::string>{"blocks.0.attn1.to_out.0", "blocks.0.attn1.to_q",
                                              "blocks.0.ffn.net.0.proj", "to_q"}));
}

TEST(Lora, ATargetThatMatchesNothingNamesNearOnes) {
  WanTree model;
  const auto message = [&](const std::string& target) {
    return error_of(ErrorKind::kConfig, [&] { nn::attach_lora(model, {.targets = {"to_q", target}}, 0); });
  };
  EXPECT_TRUE(says(message("to_p"), "\"to_p\"; near names are [to_"));
  EXPECT_TRUE(says(message("ffn.net.0.prj"), "near names are [ffn.net.0.proj"));
  EXPECT_TRUE(says(message("q"), "the model has for example ["));
  EXPECT_TRUE(nn::adapters_of(model).empty());
  error_of(ErrorKind::kConfig, [&] { nn::attach_lora(model, {.rank = 0, .targets = {"to_q"}}, 0); });
}

TEST(Lora, FreshAdaptersChangeNothingAndHavePeftsDistribution) {
  Tree model;
  model.add("a.to_q", 400, 30);
  model.add("b.to_q", 400, 30);
  const at::Tensor x = at::linspace(-1, 1, 800).reshape({2, 400});
  auto* layer = nn::linears_of(model).front().linear;
  const at::Tensor before = layer->forward(x);
  nn::attach_lora(model, {.rank = 64, .alpha = 16, .targets = {"to_q"}}, 5);
  EXPECT_TRUE(layer->forward(x).equal(before));
  EXPECT_EQ(layer->lora_scale(), 0.25);
  const at::Tensor A = layer->lora_A().detach();
  EXPECT_TRUE(A.requires_grad() == false && layer->lora_A().requires_grad() && layer->lora_A().is_leaf());
  EXPECT_EQ(layer->lora_B().detach().abs().max().item<float>(), 0);
  // Uniform in +-1/sqrt(400): nearly reaches the ends, mean 0 and variance bound^2 / 3 within five standard
  // errors.
  const double bound = 0.05, n = 64 * 400;
  EXPECT_LE(A.abs().max().item<double>(), bound + 1e-9);
  EXPECT_GT(A.abs().max().item<double>(), 0.999 * bound);
  EXPECT_NEAR(A.mean().item<double>(), 0, 5 * bound / std::sqrt(3 * n));
  EXPECT_NEAR(A.square().mean().item<double>(), bound * bound / 3,
              5 * bound * bound * std::sqrt(4.0 / 45 / n));
  EXPECT_FALSE(A.equal(nn::linears_of(model).back().linear->lora_A()));
}

TEST(Lora, AdaptersDependOnSeedAndPathOnly) {
  Tree small, large;
  small.add("a.to_q", 8, 4);
  for (const char* path : {"c.to_k", "a.to_q", "b.to_q"}) large.add(path, 8, 4);
  nn::attach_lora(small, {.rank = 2, .alpha = 2, .targets = {"to_q"}}, 3);
  nn::attach_lora(large, {.rank = 2, .alpha = 2, .targets = {"to_q", "to_k"}}, 3);
  const auto find = [](nn::Module& model) {
    for (const auto& layer : nn::adapters_of(model)) {
      if (layer.path == "a.to_q") return layer.linear->lora_A();
    }
    return at::Tensor();
  };
  EXPECT_TRUE(find(small).equal(find(large)));
  nn::attach_lora(large, {.rank = 2, .alpha = 2, .targets = {"to_q"}}, 4);
  EXPECT_FALSE(find(small).equal(find(large)));
}

TEST(Lora, PrecisionFollowsTheLayer) {
  for (const auto& [weight, adapter] :
       {std::pair{at::kBFloat16, at::kFloat}, {at::kFloat, at::kFloat}, {at::kDouble, at::kDouble}}) {
    WanTree model(weight);
    nn::attach_lora(model, kSpec, 0);
    for (const auto& [name, tensor] : nn::lora_parameters(model)) EXPECT_EQ(tensor.scalar_type(), adapter);
  }
}

TEST(Lora, NamesAreThoseOfPeft) {
  Tree model;
  model.add("blocks.0.attn1.to_q", 5, 7);
  nn::attach_lora(model, {.rank = 2, .alpha = 2, .targets = {"to_q"}}, 0);
  const auto adapters = nn::lora_parameters(model);
  ASSERT_EQ(adapters.size(), 2u);
  EXPECT_EQ(adapters[0].first, "transformer.blocks.0.attn1.to_q.lora_A.weight");
  EXPECT_EQ(adapters[0].second.sizes(), (std::vector<int64_t>{2, 5}));
  EXPECT_EQ(adapters[1].first, "transformer.blocks.0.attn1.to_q.lora_B.weight");
  EXPECT_EQ(adapters[1].second.sizes(), (std::vector<int64_t>{7, 2}));
}

TEST(LoraFile, DiffusersFilesGiveDiffusersWeightChanges) {
  WanTree model;
  EXPECT_EQ(nn::load_lora(model, golden_file("diffusers")), 11);
  expect_changes(model, "diffusers");
  for (const auto& named : nn::lora_parameters(model))
    EXPECT_TRUE(named.second.requires_grad() && named.second.is_leaf());
}

TEST(LoraFile, WithoutMetadataAlphaIsTheRank) {
  WanTree model;
  nn::load_lora(model, golden_file("plain"));
  expect_changes(model, "plain");
}

TEST(LoraFile, ComfyUiFilesGiveDiffusersWeightChanges) {
  WanTree model;
  nn::load_lora(model, golden_file("comfyui"), wan::lora_layer_names());
  expect_changes(model, "comfyui");
  WanTree other;
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { nn::load_lora(other, golden_file("comfyui")); }),
                   "not known for this model"));
}

TEST(LoraFile, BothFormsComeBackToTheSameBits) {
  TemporaryFolder folder;
  const auto names = wan::lora_layer_names();
  for (const auto form : {nn::LoraForm::kDiffusers, nn::LoraForm::kComfyUi}) {
    for (const auto dtype : {at::kFloat, at::kDouble}) {
      WanTree model(dtype), back(dtype);
      nn::load_lora(model, golden_file("diffusers"));  // ranks and alphas that differ from layer to layer
      nn::save_lora(model, folder / "a.safetensors", form, names);
      nn::load_lora(back, folder / "a.safetensors", names);
      const auto want = nn::lora_parameters(model), got = nn::lora_parameters(back);
      ASSERT_EQ(got.size(), want.size());
      for (size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(got[i].first, want[i].first);
        EXPECT_TRUE(got[i].second.equal(want[i].second)) << got[i].first;
      }
      const auto want_layers = nn::adapters_of(model), got_layers = nn::adapters_of(back);
      for (size_t i = 0; i < got_layers.size(); ++i) {
        EXPECT_NEAR(got_layers[i].linear->lora_scale(), want_layers[i].linear->lora_scale(), 1e-15);
      }
    }
  }
}

// What we write has the tensors that diffusers wrote, and metadata whose every key diffusers' own has too.
TEST(LoraFile, OurFileHasTheKeysOfDiffusersFile) {
  TemporaryFolder folder;
  WanTree model;
  nn::load_lora(model, golden_file("diffusers"));
  nn::save_lora(model, folder / "a.safetensors");
  const SafetensorsFile ours(folder / "a.safetensors"), theirs(golden_file("diffusers"));
  for (const auto& [name, entry] : theirs.entries())
    EXPECT_TRUE(ours.get(name).equal(theirs.get(name))) << name;
  EXPECT_EQ(ours.entries().size(), theirs.entries().size());
  EXPECT_EQ(ours.metadata().at("format"), "pt");
  const auto our = nlohmann::json::parse(ours.metadata().at("lora_adapter_metadata"));
  const auto their = nlohmann::json::parse(theirs.metadata().at("lora_adapter_metadata"));
  for (const auto& [key, value] : our.items()) EXPECT_TRUE(their.contains(key)) << key;
  for (const char* key :
       {"transformer.r", "transformer.lora_alpha", "transformer.bias", "transformer.peft_type"}) {
    EXPECT_EQ(our[key], their[key]) << key;
  }
  EXPECT_EQ(our["transformer.rank_pattern"]["^blocks.0.ffn.net.0.proj"], 2);
  EXPECT_EQ(our["transformer.alpha_pattern"]["^blocks.1.attn2.to_q"], 3);
  EXPECT_EQ(our["transformer.target_modules"].size(), 11u);
}

TEST(LoraFile, StrengthScalesTheAdaptersOutput) {
  Tree model;
  model.add("to_q", 3, 2);
  nn::attach_lora(model, {.rank = 1, .alpha = 1, .targets = {"to_q"}}, 0);
  Linear& layer = *nn::linears_of(model).front().linear;
  layer.lora_B().data().fill_(1);
  TemporaryFolder folder;
  nn::save_lora(model, folder / "a.safetensors");
  const at::Tensor x = at::ones({3});
  const at::Tensor full = layer.forward(x) - at::matmul(layer.weight(), x);
  nn::load_lora(model, folder / "a.safetensors");
  nn::set_lora_strength(model, 0.5);
  EXPECT_TRUE(close(layer.forward(x) - at::matmul(layer.weight(), x), 0.5 * full, 1e-6));
  nn::set_lora_strength(model, 0);
  EXPECT_TRUE(layer.forward(x).equal(at::linear(x, layer.weight())));
  nn::detach_lora(model);
  EXPECT_TRUE(nn::adapters_of(model).empty());
}

TEST(LoraFile, FilesThatDoNotFitAreRefusedAndLeaveTheModelAsItWas) {
  TemporaryFolder folder;
  const auto file = folder / "bad.safetensors";
  using Tensors = std::vector<std::pair<std::string, at::Tensor>>;
  using Metadata = std::map<std::string, std::string>;
  const std::string q = "transformer.blocks.0.attn1.to_q.";
  const at::Tensor A = at::ones({2, 24}), B = at::ones({24, 2});
  const Tensors good = {{q + "lora_A.weight", A}, {q + "lora_B.weight", B}};
  const auto with = [&](const std::string& name, const at::Tensor& tensor) {
    Tensors tensors = good;
    tensors.emplace_back(name, tensor);
    return tensors;
  };
  const auto metadata = [](const std::string& text) { return Metadata{{"lora_adapter_metadata", text}}; };
  const std::vector<std::tuple<Tensors, Metadata, std::string>> cases = {
      {{}, {}, "holds no adapters"},
      {{good[0]}, {}, "'" + q + "lora_A.weight' has no partner"},
      {{good[1]}, {}, "'" + q + "lora_B.weight' has no partner"},
      {{{q + "alpha", at::ones({})}}, {}, "has no partner"},
      {{{q + "lora_A.weight", at::ones({2, 23})}, good[1]}, {}, "has shape [2, 23], wanted [rank, 24]"},
      {{{q + "lora_A.weight", at::ones({0, 24})}, {q + "lora_B.weight", at::ones({24, 0})}},
       {},
       "wanted [rank, 24]"},
      {{good[0], {q + "lora_B.weight", at::ones({24, 3})}}, {}, "has shape [24, 3], wanted [24, 2]"},
      {{good[0], {q + "lora_B.weight", at::ones({24, 2}, at::kInt)}}, {}, "is I32, wanted floating point"},
      {with("transformer.blocks.0.attn1.to_w.lora_A.weight", A),
       {},
       "no linear layer 'blocks.0.attn1.to_w' in this model; near names are"},
      {with(q + "lora_B.bias", A), {}, "no part of a low-rank pair"},
      {with(q + "lora_magnitude_vector", A), {}, "no part of a low-rank pair"},
      {with("text_encoder.x.lora_A.weight", A), {}, "not under 'transformer.'"},
      {with(q + "alpha", at::ones({2})), {}, "is no single number"},
      {good, metadata("{"), "is not a JSON object"},
      {good, metadata(R"({"transformer.use_dora":true})"), "use_dora, which is not supported"},
      {good, metadata(R"({"transformer.lora_alpha":"x"})"), "lora_alpha is \"x\", wanted a number"},
      {good, metadata(R"({"transformer.alpha_pattern":{"(":1}})"), "no regular expression"},
      {{{"diffusion_model.blocks.0.self_attn.z.lora_up.weight", A}},
       {},
       "no linear layer 'blocks.0.self_attn.z'"},
  };
  for (const auto& [tensors, meta, part] : cases) {
    write_safetensors(file, tensors, meta);
    WanTree model;
    nn::attach_lora(model, kSpec, 0);
    const at::Tensor before = nn::lora_parameters(model).front().second;
    const std::string message =
        error_of(ErrorKind::kInput, [&] { nn::load_lora(model, file, wan::lora_layer_names()); });
    EXPECT_TRUE(says(message, part));
    EXPECT_TRUE(says(message, "bad.safetensors"));
    EXPECT_TRUE(nn::lora_parameters(model).front().second.is_same(before));
  }
}

TEST(LoraFile, RankStabilisedAdaptersAreScaledByTheRoot) {
  TemporaryFolder folder;
  Tree model;
  model.add("to_q", 3, 2);
  write_safetensors(folder / "a.safetensors",
                    {{"to_q.lora_A.weight", at::ones({4, 3})}, {"to_q.lora_B.weight", at::ones({2, 4})}},
                    {{"lora_adapter_metadata", R"({"use_rslora":true,"lora_alpha":6})"}});
  nn::load_lora(model, folder / "a.safetensors");  // without a prefix, as save_lora_adapter writes
  EXPECT_DOUBLE_EQ(nn::linears_of(model).front().linear->lora_scale(), 3.0);
}

TEST(WanLayerNames, EveryNameGoesThereAndBack) {
  const auto names = wan::lora_layer_names();
  WanTree model;
  for (const auto& layer : nn::linears_of(model)) {
    const std::string name = names.to_comfyui(layer.path);
    EXPECT_FALSE(name.empty()) << layer.path;
    EXPECT_EQ(names.from_comfyui(name), layer.path);
  }
  EXPECT_EQ(names.to_comfyui("blocks.12.attn2.to_out.0"), "blocks.12.cross_attn.o");
  EXPECT_EQ(names.to_comfyui("nothing"), "");
  EXPECT_EQ(names.from_comfyui("blocks.0"), "");
}

}  // namespace
}  // namespace drf
