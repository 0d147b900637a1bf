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
  EXPECT_EQ(nn::load_lora(model, golden_file("diffusers")).layers, 11);
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
                   "there is no linear layer 'blocks.0.cross_attn.k'"));
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
      const auto want_layers = nn::adapters_of(model), got_layers = nn::adapters_of(back);
      for (size_t i = 0; i < got.size(); ++i) {
        const auto &layer = want_layers[i / 2], &other = got_layers[i / 2];
        EXPECT_EQ(got[i].first, want[i].first);
        // Outside the blocks ComfyUI's form has the scale in B.
        const bool folded =
            i % 2 == 1 && form == nn::LoraForm::kComfyUi && !names.alpha_in_comfyui(layer.path);
        const at::Tensor tensor = folded ? want[i].second * layer.linear->lora_scale() : want[i].second;
        EXPECT_TRUE(got[i].second.equal(tensor)) << got[i].first;
        if (form == nn::LoraForm::kDiffusers || names.alpha_in_comfyui(layer.path))
          EXPECT_NEAR(other.linear->lora_scale(), layer.linear->lora_scale(), 1e-15);
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

TEST(LoraFile, SaysBelowWhichLevelOfNoiseItsAdaptersCompute) {
  TemporaryFolder folder;
  const auto names = wan::lora_layer_names();
  WanTree model;
  nn::load_lora(model, golden_file("diffusers"));
  for (const auto form : {nn::LoraForm::kDiffusers, nn::LoraForm::kComfyUi}) {
    nn::save_lora(model, folder / "a.safetensors", form, names, 0.15);
    EXPECT_EQ(nn::load_lora(model, folder / "a.safetensors", names).sigma_max, 0.15);
    nn::save_lora(model, folder / "a.safetensors", form, names);
    EXPECT_FALSE(nn::load_lora(model, folder / "a.safetensors", names).sigma_max);
  }
  for (const char* text : {"0", "1.5", "-.1", "nan", "0.5x", ""}) {
    write_safetensors(folder / "a.safetensors",
                      {{"transformer.blocks.0.attn1.to_q.lora_A.weight", at::ones({2, 24})},
                       {"transformer.blocks.0.attn1.to_q.lora_B.weight", at::ones({24, 2})}},
                      {{"drf_sigma_max", text}});
    EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { nn::load_lora(model, folder / "a.safetensors"); }),
                     concat("drf_sigma_max is '", text, "', wanted a number above 0 and at most 1")));
  }
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
  nn::scale_lora(model, 0.5);
  EXPECT_TRUE(close(layer.forward(x) - at::matmul(layer.weight(), x), 0.5 * full, 1e-6));
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
      {with(q + "lora_B.bias", A), {}, "no part of a low-rank pair: it is an adapter with biases"},
      {with(q + "lora_magnitude_vector", A), {}, "it is DoRA"},
      {with(q + "dora_scale", A), {}, "it is DoRA"},
      {with(q + "lokr_w1", A), {}, "it is LoKr"},
      {with(q + "hada_w1_a", A), {}, "it is LoHa"},
      {with(q + "diff", A), {}, "it is full differences of weights"},
      {with(q + "diff_b", A), {}, "it is full differences of biases"},
      {with("model.diffusion_model.blocks.0.self_attn.q.bias", A), {}, "is of a whole model in one file"},
      {with("transformer.blocks.0.attn1.to_q.base_layer.weight", A), {}, "adapters are not merged"},
      {with("transformer.blocks.0.attn1.to_q", A), {}, "no part of a low-rank pair (wanted"},
      {with("blocks.0.attn2.add_k_proj.lora_A.weight", A), {}, "layer of an image-to-video model"},
      {with("transformer_2.blocks.0.attn1.to_k.lora_A.weight", A), {}, "second transformer"},
      {with("lora_unet_blocks_0_self_attn_k.lora_down.weight", at::full({2, 24}, NAN)), {}, "no partner"},
      {with("text_encoder.x.lora_A.weight", A), {}, "adapters of text encoders are not supported"},
      {with(q + "alpha", at::ones({2})), {}, "is no single number"},
      {with(q + "alpha", at::full({}, NAN)), {}, "is nan, wanted a finite number above 0"},
      {with(q + "alpha", at::full({}, INFINITY)), {}, "is inf"},
      {with(q + "alpha", at::zeros({1})), {}, "is 0"},
      {{good[0], {q + "lora_B.weight", at::full({24, 2}, NAN)}}, {}, "values that are not finite"},
      // Two adapters in one file, in whatever two ways.
      {with(q + "lora_down.weight", A), {}, "has two adapters"},
      {with("diffusion_model.blocks.0.self_attn.q.lora_A.weight", A), {}, "has two adapters"},
      {with("blocks.0.attn1.to_q.lora_A.weight", A), {}, "has two adapters"},
      {with("transformer.blocks.0.attn1.to_k.lora_A.second.weight", A),
       {},
       "several adapters, named '' and 'second'"},
      {good, metadata("{"), "is not a JSON object"},
      {good, metadata(R"({"transformer.use_dora":true})"), "use_dora, which is not supported"},
      {good, metadata(R"({"transformer.lora_alpha":"x"})"), "lora_alpha is \"x\", wanted a number"},
      {good, metadata(R"({"transformer.alpha_pattern":{"(":1}})"), "does not compile"},
      {good, metadata(R"({"transformer.lora_alpha":-2})"), "is -2, wanted a finite number above 0"},
      {good, metadata(R"({"transformer.lora_alpha":0})"), "is 0, wanted"},
      {good, metadata(R"({"transformer.r":4,"transformer.lora_alpha":2})"), "rank 4, but its tensors have 2"},
      {good, metadata(R"({"text_encoder.lora_alpha":2})"), "describes another network"},
      {good, metadata(R"({"a.lora_alpha":2,"":1,"b.r":4})"), "describes another network"},
      {good, metadata(R"({"lora_alpha":2,"unet.lora_alpha":4})"), "describes several networks"},
      {good, metadata(R"({"transformer.peft_type":"LOKR"})"), "the adapters are LOKR"},
      {good, metadata(R"({"transformer.bias":"all"})"), "bias is \"all\""},
      {good, metadata(R"({"transformer.init_lora_weights":"pissa_niter_4"})"),
       "changes the base model's weights"},
      {good, metadata(R"({"transformer.r":2,"transformer.r":2})"), "stands twice"},
      {good, metadata(std::string(200000, '[')), "nested deeper than"},
      {with(q + "alpha", at::full({}, 3.0)), metadata(R"({"transformer.lora_alpha":5})"),
       "has two alphas, 3"},
      // Places that speak of alpha and are not read.
      {good, {{"lora_alpha", "16"}}, "metadata 'lora_alpha' speaks of alpha (16)"},
      {good, {{"config", R"({"lora_alpha": 16})"}}, "metadata 'config' speaks of alpha"},
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

// One layer's pair under the names that tools give it, and where each keeps alpha: 6 at rank 2, a scale of 3.
TEST(LoraFile, WhateverToolNamedThemTheAdaptersAndTheirAlphaAreTheSame) {
  const at::Tensor A = at::linspace(-1, 1, 48).reshape({2, 24}), B = at::linspace(2, 3, 48).reshape({24, 2});
  using Tensors = std::vector<std::pair<std::string, at::Tensor>>;
  using Metadata = std::map<std::string, std::string>;
  const auto pair = [&](const std::string& layer, const std::string& a, const std::string& b) {
    return Tensors{{layer + a, A}, {layer + b, B}};
  };
  const auto with_alpha = [&](Tensors tensors, const std::string& name, const at::Tensor& alpha) {
    tensors.emplace_back(name, alpha);
    return tensors;
  };
  const std::string path = "blocks.0.attn1.to_q", original = "blocks.0.self_attn.q";
  const std::string a = ".lora_A.weight", b = ".lora_B.weight", down = ".lora_down.weight",
                    up = ".lora_up.weight";
  const auto json = [](const std::string& text) { return Metadata{{"lora_adapter_metadata", text}}; };
  const at::Tensor six = at::full({}, 6.0);
  const std::vector<std::tuple<const char*, Tensors, Metadata>> cases = {
      {"diffusers", pair("transformer." + path, a, b), json(R"({"transformer.lora_alpha":6})")},
      {"tensors renamed, metadata not", pair(path, a, b), json(R"({"transformer.lora_alpha":6})")},
      {"metadata renamed, tensors not", pair("transformer." + path, a, b), json(R"({"lora_alpha":6})")},
      {"original names, diffusers' metadata", pair("diffusion_model." + original, a, b),
       json(R"({"transformer.lora_alpha":6})")},
      {"patterns in the file's order", pair("transformer." + path, a, b),
       json(R"({"transformer.lora_alpha":1,"transformer.alpha_pattern":{"to_q":6,"attn1.to_q":5}})")},
      {"rank and alpha by pattern", pair("transformer." + path, a, b),
       json(R"({"transformer.r":9,"transformer.rank_pattern":{"blocks\\.[0-9]+\\.attn1\\.to_q":2},
                "transformer.lora_alpha":6})")},
      {"two networks, one ours", pair("transformer." + path, a, b),
       json(R"({"transformer.lora_alpha":6,"text_encoder.lora_alpha":1})")},
      {"ComfyUI",
       with_alpha(pair("diffusion_model." + original, down, up), "diffusion_model." + original + ".alpha",
                  six),
       {}},
      {"a list of one number",
       with_alpha(pair("transformer." + path, a, b), "transformer." + path + ".alpha", six.reshape({1})),
       {}},
      {"whole and half alphas",
       with_alpha(pair("diffusion_model." + original, a, b), "diffusion_model." + original + ".alpha",
                  six.to(at::kBFloat16)),
       {}},
      {"musubi-tuner",
       with_alpha(pair("lora_unet_blocks_0_self_attn_q", down, up), "lora_unet_blocks_0_self_attn_q.alpha",
                  six),
       {{"ss_network_alpha", "6"}, {"ss_network_dim", "2"}}},
      {"VideoX-Fun",
       with_alpha(pair("lora_unet__blocks_0_self_attn_q", down, up), "lora_unet__blocks_0_self_attn_q.alpha",
                  six),
       {}},
      {"kohya's way with diffusers' names",
       with_alpha(pair("lora_unet_blocks_0_attn1_to_q", down, up), "lora_unet_blocks_0_attn1_to_q.alpha",
                  six),
       {}},
      {"alpha said twice, the same",
       with_alpha(pair("transformer." + path, a, b), "transformer." + path + ".alpha", six),
       json(R"({"transformer.lora_alpha":6})")},
  };
  const TemporaryFolder folder;
  for (const auto& [name, tensors, metadata] : cases) {
    WanTree model;
    write_safetensors(folder / "a.safetensors", tensors, metadata);
    EXPECT_EQ(nn::load_lora(model, folder / "a.safetensors", wan::lora_layer_names(), 100.0).layers, 1)
        << name;
    const auto layers = nn::adapters_of(model);
    ASSERT_EQ(layers.size(), 1u) << name;
    EXPECT_EQ(layers[0].path, path) << name;
    EXPECT_EQ(layers[0].linear->lora_scale(), 3) << name;
    EXPECT_TRUE(layers[0].linear->lora_A().equal(A) && layers[0].linear->lora_B().equal(B)) << name;
  }
}

// DiffSynth-Studio writes original names without a prefix, the adapter's name in between, and applies no
// alpha.
TEST(LoraFile, FilesThatAreSilentAboutAlphaTakeTheGivenOneElseTheRank) {
  const TemporaryFolder folder;
  write_safetensors(folder / "a.safetensors",
                    {{"blocks.0.self_attn.q.lora_A.default.weight", at::ones({2, 24})},
                     {"blocks.0.self_attn.q.lora_B.default.weight", at::ones({24, 2})}});
  const auto scale = [&](const std::optional<double>& silent) {
    WanTree model;
    nn::load_lora(model, folder / "a.safetensors", wan::lora_layer_names(), silent);
    return nn::adapters_of(model).front().linear->lora_scale();
  };
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(scale({}), 1);
  EXPECT_TRUE(says(::testing::internal::GetCapturedStderr(), "says nothing about alpha; alpha = rank"));
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(scale(8), 4);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(LoraFile, PeftFoldersAreReadWithTheConfigBesideTheTensors) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& prefix, const std::string& config) {
    write_safetensors(folder / "adapter_model.safetensors",
                      {{prefix + "to_q.lora_A.weight", at::ones({2, 24})},
                       {prefix + "to_q.lora_B.weight", at::ones({24, 2})}});
    std::filesystem::remove(folder / "adapter_config.json");
    if (!config.empty()) testing::write_text(folder / "adapter_config.json", config);
  };
  const auto scale = [&](const std::string& file) {
    WanTree model;
    nn::load_lora(model, file.empty() ? folder.path() : folder / file, wan::lora_layer_names());
    return nn::adapters_of(model).front().linear->lora_scale();
  };
  const auto refused = [&] { return error_of(ErrorKind::kInput, [&] { scale(""); }); };
  const std::string layer = "blocks.0.attn1.";
  for (const char* prefix : {"base_model.model.", "", "diffusion_model."}) {
    const std::string name =
        prefix + (prefix == std::string("diffusion_model.") ? "blocks.0.self_attn." : layer);
    write_safetensors(folder / "adapter_model.safetensors",
                      {{name + (name.find("self") == std::string::npos ? "to_q" : "q") + ".lora_A.weight",
                        at::ones({2, 24})},
                       {name + (name.find("self") == std::string::npos ? "to_q" : "q") + ".lora_B.weight",
                        at::ones({24, 2})}});
    testing::write_text(folder / "adapter_config.json",
                        R"({"r":2,"lora_alpha":6,"peft_type":"LORA","bias":"none"})");
    EXPECT_EQ(scale(""), 3) << prefix;
    EXPECT_EQ(scale("adapter_model.safetensors"), 3) << prefix;
  }
  write("base_model.model." + layer, R"({"r":2,"lora_alpha":6,"use_rslora":true})");
  EXPECT_DOUBLE_EQ(scale(""), 6 / std::sqrt(2.0));
  write("base_model.model." + layer, R"({"r":2,"lora_alpha":1,"alpha_pattern":{"attn1.to_q":6}})");
  EXPECT_EQ(scale(""), 3);
  write("base_model.model." + layer, R"({"r":2})");  // PEFT's own default is 8
  EXPECT_EQ(scale(""), 4);
  write("base_model.model." + layer, "");
  EXPECT_TRUE(says(refused(), "adapter_config.json"));
  write("base_model.model." + layer, R"({"r":2,"lora_alpha":6,"use_dora":true})");
  EXPECT_TRUE(says(refused(), "use_dora"));
  write("base_model.model." + layer, R"({"r":2,"lora_alpha":6,"bias":"lora_only"})");
  EXPECT_TRUE(says(refused(), "bias is \"lora_only\""));
  write("base_model.model." + layer, "[");
  EXPECT_TRUE(says(refused(), "adapter_config.json: not a JSON object"));
  std::filesystem::remove(folder / "adapter_model.safetensors");
  EXPECT_TRUE(says(refused(), "is a folder without adapters"));
  testing::write_text(folder / "adapter_model.bin", "PK");
  EXPECT_TRUE(says(refused(), "safe_serialization=True"));
}

// kohya's own loader takes the rank where the tensors are gone, whatever the metadata says; musubi-tuner's
// converter to lora_A and lora_B multiplies alpha in and keeps the metadata. From outside the two look alike
// but for the names.
TEST(LoraFile, AnAlphaInKohyasMetadataAloneIsNotGuessed) {
  const TemporaryFolder folder;
  const auto load = [&](const std::string& a, const std::string& b, const std::string& alpha) {
    write_safetensors(folder / "a.safetensors",
                      {{"diffusion_model.blocks.0.self_attn.q" + a, at::ones({2, 24})},
                       {"diffusion_model.blocks.0.self_attn.q" + b, at::ones({24, 2})}},
                      {{"ss_network_alpha", alpha}});
    WanTree model;
    nn::load_lora(model, folder / "a.safetensors", wan::lora_layer_names());
    return nn::adapters_of(model).front().linear->lora_scale();
  };
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { load(".lora_down.weight", ".lora_up.weight", "1"); }),
                   "metadata 'ss_network_alpha' speaks of alpha (1)"));
  EXPECT_EQ(load(".lora_down.weight", ".lora_up.weight", "2"), 1);  // the rank
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(load(".lora_A.weight", ".lora_B.weight", "1"), 1);
  EXPECT_TRUE(says(::testing::internal::GetCapturedStderr(), "ss_network_alpha 1, which is not applied"));
}

TEST(LoraFile, PatternsThatBacktrackWithoutEndAreRefused) {
  const TemporaryFolder folder;
  for (const char* pattern :
       {"(([a-z_.0-9]+)+)+[!?]", "(a|[a-z]|[a-z0-9._]+)+(a|[a-z]|[a-z0-9._]+)+[XY]", "(.*)*(.*)*(.*)*[!?]"}) {
    write_safetensors(
        folder / "a.safetensors",
        {{"transformer.blocks.0.attn1.to_q.lora_A.weight", at::ones({2, 24})},
         {"transformer.blocks.0.attn1.to_q.lora_B.weight", at::ones({24, 2})}},
        {{"lora_adapter_metadata", nlohmann::json{{"transformer.alpha_pattern", {{pattern, 1}}}}.dump()}});
    WanTree model;
    EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { nn::load_lora(model, folder / "a.safetensors"); }),
                     "takes too many steps"))
        << pattern;
  }
}

// train.adapter_norm: the sum and both gradients are autograd's of ||(alpha / rank) B A||^2, added to what is
// there; an adapter without a gradient counts in the sum and stays.
TEST(Lora, ThePullTowardsNoneIsTheNormsGradient) {
  Tree model;
  for (const char* path : {"a.to_q", "b.to_q", "c.to_q"}) model.add(path, 5, 3, at::kDouble);
  nn::attach_lora(model, {.rank = 2, .alpha = 6, .targets = {"to_q"}}, 1);
  at::manual_seed(0);
  const auto layers = nn::adapters_of(model);
  std::vector<at::Tensor> want;
  at::Tensor sum = at::zeros({}, at::kDouble);
  for (const auto& layer : layers) {
    layer.linear->lora_B().data().normal_();
    sum = sum + (3 * layer.linear->lora_B().mm(layer.linear->lora_A())).square().sum();
  }
  (0.7 * sum).backward();
  for (const auto& layer : layers) {
    want.push_back(layer.linear->lora_A().grad() + 1);
    want.push_back(layer.linear->lora_B().grad() + 1);
    const bool reached = layer.path != "c.to_q";
    for (const at::Tensor& leaf : {layer.linear->lora_A(), layer.linear->lora_B()})
      leaf.mutable_grad() = reached ? at::ones_like(leaf) : at::Tensor();
  }
  EXPECT_NEAR(nn::pull_adapters(model, 0.7), sum.item<double>(), 1e-12 * sum.item<double>());
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(close(layers[i].linear->lora_A().grad(), want[2 * i], 1e-12)) << i;
    EXPECT_TRUE(close(layers[i].linear->lora_B().grad(), want[2 * i + 1], 1e-12)) << i;
  }
  EXPECT_FALSE(layers[2].linear->lora_A().grad().defined());
}

// diffusers' converter of ComfyUI's form leaves alphas over outside the blocks, and raises.
TEST(LoraFile, OutsideTheBlocksAlphaIsInTheWeightsOfComfyUisForm) {
  const TemporaryFolder folder;
  WanTree model;
  nn::attach_lora(model, {.rank = 4, .alpha = 8, .targets = {"to_q", "proj_out", "time_proj"}}, 0);
  for (const auto& layer : nn::adapters_of(model)) layer.linear->lora_B().data().fill_(0.5);
  nn::save_lora(model, folder / "a.safetensors", nn::LoraForm::kComfyUi, wan::lora_layer_names());
  const SafetensorsFile file(folder / "a.safetensors");
  EXPECT_TRUE(file.contains("diffusion_model.blocks.0.self_attn.q.alpha"));
  EXPECT_EQ(file.get("diffusion_model.blocks.0.self_attn.q.lora_up.weight").max().item<double>(), 0.5);
  for (const char* name : {"head.head", "time_projection.1"}) {
    EXPECT_FALSE(file.contains(concat("diffusion_model.", name, ".alpha"))) << name;
    EXPECT_EQ(file.get(concat("diffusion_model.", name, ".lora_up.weight")).max().item<double>(), 1.0)
        << name;
  }
  WanTree back;
  nn::load_lora(back, folder / "a.safetensors", wan::lora_layer_names());
  const auto want = changes(model), got = changes(back);
  ASSERT_EQ(got.size(), want.size());
  for (const auto& [path, change] : want) EXPECT_TRUE(close(got.at(path), change, 1e-6)) << path;
  // And is not applied a second time where the configuration gives lora.alpha beside lora.init_from.
  nn::load_lora(back, folder / "a.safetensors", wan::lora_layer_names(), 8.0);
  const auto given = changes(back);
  for (const auto& [path, change] : want) EXPECT_TRUE(close(given.at(path), change, 1e-6)) << path;
  nn::check_comfyui(model, wan::lora_layer_names());
  nn::attach_lora(model, {.rank = 4, .alpha = 8, .targets = {"proj_out"}}, 0);
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { nn::check_comfyui(model, wan::lora_layer_names()); }),
                   "no layer of lora.targets lies in a block"));
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

TEST(WanLayerNames, EveryLayerHasANameOfItsOwn) {
  const auto names = wan::lora_layer_names();
  WanTree model;
  std::set<std::string> all;
  for (const auto& layer : nn::linears_of(model)) {
    const std::string name = names.to_comfyui(layer.path);
    EXPECT_FALSE(name.empty()) << layer.path;
    EXPECT_TRUE(all.insert(name).second) << name;
  }
  EXPECT_EQ(names.to_comfyui("blocks.12.attn2.to_out.0"), "blocks.12.cross_attn.o");
  EXPECT_EQ(names.to_comfyui("nothing"), "");
  EXPECT_EQ(names.to_comfyui("blocks.0"), "");
}

}  // namespace
}  // namespace drf
