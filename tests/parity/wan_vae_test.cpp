// Wan's VAE against diffusers: goldens of tools/reference/wan_vae.py.

#include <ATen/ATen.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/csrc/autograd/autograd.h>

#include "drf/base/error.h"
#include "drf/models/wan/vae.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/memory_meter.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"

namespace drf::wan {
namespace {

using testing::close;
using testing::close_relative;
using testing::Golden;

// float64 against float64: sums in another order, some 40 layers deep; measured at most 2e-13.
constexpr double kWide = 1e-9;
// float32 against float64, relative L2; measured at most 3e-5, in a gradient through norms of nearly zero
// pixels.
constexpr double kFloat = 1e-4;

class WanVaeGolden : public ::testing::TestWithParam<const char*> {
 protected:
  const Golden golden_{std::string(GetParam()) + ".safetensors"};
  Vae vae_{VaeConfig::read(golden_.config()), Vae::Parts::kBoth};

  void load(at::ScalarType dtype) { golden_.load(vae_, dtype); }
  at::Tensor leaf(const std::string& name, at::ScalarType dtype) const {
    return golden_[name].to(dtype).requires_grad_();
  }
};

TEST_P(WanVaeGolden, DecodesWithTheReferencesValuesAndGradients) {
  load(at::kDouble);
  vae_.set_requires_grad(true);
  const at::Tensor z = leaf("in.z", at::kDouble), x = leaf("in.frames", at::kDouble);
  const at::Tensor frames = vae_.decode(z), latents = vae_.encode(x);
  EXPECT_TRUE(close(frames, golden_["out.frames"], kWide));
  EXPECT_TRUE(close(latents, golden_["out.latents"], kWide));
  ((frames * golden_["probe.frames"]).sum() + (latents * golden_["probe.latents"]).sum()).backward();
  EXPECT_TRUE(close_relative(z.grad(), golden_["grad.in.z"], kWide));
  EXPECT_TRUE(close_relative(x.grad(), golden_["grad.in.frames"], kWide));
  for (const auto& p : vae_.named_parameters()) {
    const std::string name = "grad.param." + p.name;
    EXPECT_EQ(p.tensor->grad().defined(), golden_.has(name))
        << p.name;  // one latent never runs the time convolutions
    if (!golden_.has(name)) continue;
    EXPECT_TRUE(close_relative(p.tensor->grad(), golden_[name], kWide)) << p.name;
  }
}

// Frozen weights take other code: nothing but weights and sizes is kept.
TEST_P(WanVaeGolden, FrozenModelGivesTheSameInputGradients) {
  load(at::kDouble);
  const at::Tensor z = leaf("in.z", at::kDouble), x = leaf("in.frames", at::kDouble);
  const at::Tensor frames = vae_.decode(z), latents = vae_.encode(x);
  ((frames * golden_["probe.frames"]).sum() + (latents * golden_["probe.latents"]).sum()).backward();
  EXPECT_TRUE(close(frames, golden_["out.frames"], kWide));
  EXPECT_TRUE(close(latents, golden_["out.latents"], kWide));
  EXPECT_TRUE(close_relative(z.grad(), golden_["grad.in.z"], kWide));
  EXPECT_TRUE(close_relative(x.grad(), golden_["grad.in.frames"], kWide));
}

TEST_P(WanVaeGolden, Float32IsRightToRounding) {
  load(at::kFloat);
  const at::Tensor z = leaf("in.z", at::kFloat), x = leaf("in.frames", at::kFloat);
  const at::Tensor frames = vae_.decode(z), latents = vae_.encode(x);
  ((frames * golden_["probe.frames"]).sum() + (latents * golden_["probe.latents"]).sum()).backward();
  EXPECT_TRUE(close_relative(frames, golden_["out.frames"], kFloat));
  EXPECT_TRUE(close_relative(latents, golden_["out.latents"], kFloat));
  EXPECT_TRUE(close_relative(z.grad(), golden_["grad.in.z"], kFloat));
  EXPECT_TRUE(close_relative(x.grad(), golden_["grad.in.frames"], kFloat));
}

TEST_P(WanVaeGolden, EveryWalkGivesTheSameValuesAndGradients) {
  load(at::kDouble);
  for (const ClipWalk walk : {ClipWalk{1, false}, ClipWalk{1, true}, ClipWalk{2, false}, ClipWalk{0, true},
                              ClipWalk{0, false, 2}, ClipWalk{0, true, 3}, ClipWalk{1, true, 2}}) {
    SCOPED_TRACE(
        concat("chunk ", walk.chunk_latents, " recompute ", walk.recompute, " stripes ", walk.stripes));
    const at::Tensor z = leaf("in.z", at::kDouble), x = leaf("in.frames", at::kDouble);
    const at::Tensor frames = vae_.decode(z, walk), latents = vae_.encode(x, walk);
    EXPECT_TRUE(close(frames, golden_["out.frames"], kWide));
    EXPECT_TRUE(close(latents, golden_["out.latents"], kWide));
    ((frames * golden_["probe.frames"]).sum() + (latents * golden_["probe.latents"]).sum()).backward();
    EXPECT_TRUE(close_relative(z.grad(), golden_["grad.in.z"], kWide));
    EXPECT_TRUE(close_relative(x.grad(), golden_["grad.in.frames"], kWide));
  }
}

INSTANTIATE_TEST_SUITE_P(Configs, WanVaeGolden,
                         ::testing::Values("wan_vae_odd", "wan_vae_four_levels", "wan_vae_one_transition",
                                           "wan_vae_no_time", "wan_vae_one_latent"),
                         [](const auto& info) { return std::string(info.param); });

class TinyVae : public ::testing::Test {
 protected:
  const std::filesystem::path folder_ = testing::source_path("assets/tiny/generator/vae");
  Vae vae_{VaeConfig::read(JsonConfig::read(folder_ / "config.json")), Vae::Parts::kBoth};
  void load(at::ScalarType dtype) {
    nn::LoadOptions options;
    options.dtype = dtype;
    nn::load_strict(vae_, Checkpoint::open(folder_, "diffusion_pytorch_model"), options);
  }
  at::Tensor noise(int64_t clips, int64_t latents, int64_t height, int64_t width) const {
    const auto generator = at::detail::createCPUGenerator(7);
    return at::randn({clips, vae_.config().z_dim, latents, height, width}, generator, at::kDouble);
  }
};

TEST_F(TinyVae, DecodesAndEncodesLikeTheReference) {
  const Golden golden("wan_vae_tiny.safetensors");
  load(at::kFloat);
  const at::Tensor frames = vae_.decode(golden["in.z"]);
  EXPECT_TRUE(close_relative(frames, golden["out.frames"], kFloat));
  // The reference's answer is ours clamped, and some pixels do lie beyond the clamp.
  EXPECT_TRUE(close_relative(frames.clamp(-1, 1), golden["out.clamped"], kFloat));
  EXPECT_GT(frames.abs().max().item<double>(), 1.0);
  EXPECT_TRUE(close_relative(vae_.encode(frames.clamp(-1, 1)), golden["out.latents"], kFloat));
}

TEST_F(TinyVae, Float64EqualsTheReferenceWithItsCastsLifted) {
  const Golden golden("wan_vae_tiny.safetensors");
  load(at::kDouble);
  EXPECT_TRUE(close(vae_.decode(golden["in.z"].to(at::kDouble)), golden["out.exact"], kWide));
}

TEST_F(TinyVae, TwentyOneFramesInChunksEqualTheWholeClip) {
  load(at::kDouble);
  const at::Tensor z = noise(1, 6, 3, 2);
  const at::Tensor whole = vae_.decode(z);
  EXPECT_EQ(whole.sizes(), at::IntArrayRef({1, 3, 21, 12, 8}));
  for (const int64_t chunk : {1, 2, 4})
    EXPECT_TRUE(close(vae_.decode(z, {chunk, false}), whole, kWide)) << chunk;
  const at::Tensor back = vae_.encode(whole);
  EXPECT_EQ(back.sizes(), z.sizes());
  for (const int64_t chunk : {1, 2, 4})
    EXPECT_TRUE(close(vae_.encode(whole, {chunk, false}), back, kWide)) << chunk;
}

// Tall enough that stripes end inside the picture. A margin that is a row short changes values by 3e-12 or
// more, rounding by 1e-15.
constexpr double kRounding = 1e-13;
void expect_stripes_equal_the_whole(const Vae& vae, const at::Tensor& latents) {
  const at::Tensor z = latents.clone().requires_grad_();
  const at::Tensor whole = vae.decode(z);
  const at::Tensor probe = at::randn_like(whole);
  whole.mul(probe).sum().backward();
  for (const ClipWalk walk :
       {ClipWalk{0, false, 2}, ClipWalk{0, true, 3}, ClipWalk{1, true, 4}, ClipWalk{2, true, 50}}) {
    SCOPED_TRACE(concat("chunk ", walk.chunk_latents, " stripes ", walk.stripes));
    const at::Tensor z2 = latents.clone().requires_grad_();
    const at::Tensor frames = vae.decode(z2, walk);
    EXPECT_TRUE(close(frames, whole, kRounding));
    frames.mul(probe).sum().backward();
    EXPECT_TRUE(close_relative(z2.grad(), z.grad(), kWide));
  }
}

TEST_F(TinyVae, StripesEqualTheWholePicture) {
  load(at::kDouble);
  expect_stripes_equal_the_whole(vae_, noise(1, 3, 24, 2));
}

// The released VAE's levels and blocks, whose margins are even and odd, and one with no level before the
// stripes.
TEST(Vae, StripesOfOtherGeometriesEqualTheWholePicture) {
  at::manual_seed(3);
  for (const std::vector<int64_t>& widths : {std::vector<int64_t>{1, 2, 4, 4}, {1, 1}, {1}}) {
    SCOPED_TRACE(concat(widths.size(), " levels"));
    VaeConfig config;
    config.base_dim = config.decoder_base_dim = 4;
    config.z_dim = 2;
    config.dim_mult = widths;
    config.temporal_downsample = {false, true, true};
    config.temporal_downsample.resize(widths.size() - 1);
    config.latents_mean.assign(2, 0.0);
    config.latents_std.assign(2, 1.0);
    Vae vae(config, Vae::Parts::kBoth);
    for (const auto& p : vae.named_parameters()) {
      // Every layer passes on what it gets at its size, and the rows above and below count most: the share of
      // the furthest row stands far out of rounding.
      const at::Tensor w = at::randn(p.tensor->sizes(), at::kDouble);
      if (w.dim() >= 4 && w.size(-1) == 3) w.select(-2, 1).mul_(0.05);
      *p.tensor = p.name.find("gamma") != std::string::npos ? at::ones_like(w) : w / w[0].norm();
    }
    expect_stripes_equal_the_whole(vae, at::randn({1, 2, 3, widths.size() > 1 ? 24 : 60, 2}, at::kDouble));
  }
}

TEST_F(TinyVae, ClipsOfABatchDoNotMeet) {
  load(at::kDouble);
  const at::Tensor z = noise(3, 2, 2, 3);
  const at::Tensor all = vae_.decode(z), codes = vae_.encode(all);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(close(vae_.decode(z.narrow(0, i, 1)), all.narrow(0, i, 1), kWide));
    EXPECT_TRUE(close(vae_.encode(all.narrow(0, i, 1)), codes.narrow(0, i, 1), kWide));
  }
}

TEST_F(TinyVae, LaterFramesSendTheirGradientToEarlierLatents) {
  load(at::kDouble);
  for (const ClipWalk walk : {ClipWalk{0, false}, ClipWalk{1, false}, ClipWalk{1, true}}) {
    const at::Tensor z = noise(1, 3, 2, 2).requires_grad_();
    vae_.decode(z, walk).narrow(2, 8, 1).sum().backward();
    EXPECT_GT(z.grad().select(2, 0).abs().max().item<double>(), 0.0);
  }
}

TEST_F(TinyVae, ChunksAndStripesNeedLessMemory) {
  load(at::kFloat);
  const auto most_bytes = [&](const ClipWalk& walk) {
    const at::Tensor z = noise(1, 9, 32, 3).to(at::kFloat).requires_grad_();
    vae_.decode(z, walk).sum().backward();  // packs the weights
    const MemoryMeter meter(at::kCPU);
    vae_.decode(z, walk).sum().backward();
    return meter.peak();
  };
  const int64_t whole = most_bytes({0, false}), chunks = most_bytes({2, true}),
                stripes = most_bytes({0, true, 4}), both = most_bytes({2, true, 4});
  // Measured 1.7, 2.9 and 1.25.
  EXPECT_LT(1.5 * chunks, whole);
  EXPECT_LT(1.5 * stripes, whole);
  EXPECT_LT(1.1 * both, std::min(chunks, stripes));
}

TEST_F(TinyVae, ForeseesWhatItsGraphKeeps) {
  load(at::kFloat);
  for (const auto& [clips, latents, side] : {std::array<int64_t, 3>{1, 5, 8}, {2, 3, 6}, {1, 9, 5}}) {
    const at::Tensor z = noise(clips, latents, side, side).to(at::kFloat).requires_grad_();
    vae_.decode(z);  // packs the weights
    const MemoryMeter meter(at::kCPU);
    const at::Tensor frames = vae_.decode(z);
    const auto kept = static_cast<double>(meter.live());
    EXPECT_NEAR(static_cast<double>(decoder_graph_bytes(vae_.config(), z.sizes(), at::kFloat)) / kept, 1.0,
                0.1)
        << kept;
  }
}

TEST_F(TinyVae, SmallClipsAreDecodedAtOnceAndLargeOnesInParts) {
  const auto lean = [&](at::IntArrayRef sizes) { return lean_walk(vae_.config(), sizes, at::kFloat); };
  const ClipWalk small = lean({1, 8, 5, 8, 8});
  EXPECT_EQ(small.chunk_latents, 5);
  EXPECT_EQ(small.stripes, 1);
  EXPECT_FALSE(small.recompute);
  const ClipWalk large = lean({1, 8, 32, 60, 100});
  EXPECT_LT(large.chunk_latents, 32);
  EXPECT_TRUE(large.recompute);
  EXPECT_GT(large.stripes, 1);
  EXPECT_EQ(walk_without_graph(vae_.config(), {1, 8, 5, 8, 8}, at::kFloat).chunk_latents, 5);
  const ClipWalk passing = walk_without_graph(vae_.config(), {1, 8, 32, 60, 100}, at::kFloat);
  EXPECT_LT(passing.chunk_latents, 8);
  EXPECT_FALSE(passing.recompute);
}

TEST_F(TinyVae, AnEncoderThatNobodyAskedForIsNeitherReadNorThere) {
  const Checkpoint whole =
      Checkpoint::open(testing::source_path("assets/tiny/generator/vae"), "diffusion_pytorch_model");
  Vae both(vae_.config(), Vae::Parts::kBoth), decoder(vae_.config(), Vae::Parts::kDecoder);
  nn::load_strict(both, whole, {});
  load_decoder(decoder, whole, {});
  EXPECT_LT(decoder.named_parameters().size(), both.named_parameters().size());
  for (const auto& p : decoder.named_parameters()) EXPECT_NE(p.name.rfind("encoder.", 0), 0u) << p.name;
  const at::Tensor z = at::ones({1, vae_.config().z_dim, 2, 4, 6});
  EXPECT_TRUE(at::equal(decoder.decode(z), both.decode(z)));
}

VaeConfig released_config() {
  nlohmann::json json = nlohmann::json::parse(
      R"({"_class_name":"AutoencoderKLWan","base_dim":96,"z_dim":16,"dim_mult":[1,2,4,4],"num_res_blocks":2,
          "attn_scales":[],"temperal_downsample":[false,true,true],"dropout":0.0})");
  json["latents_mean"] = std::vector<double>(16, 0.0);
  json["latents_std"] = std::vector<double>(16, 1.0);
  return VaeConfig::read(JsonConfig(json, "config.json"));
}

/// Numbers of the largest tensor that a decode and its backward make, on tensors without numbers.
int64_t largest_made(const VaeConfig& config, at::IntArrayRef sizes, const ClipWalk& walk) {
  struct Largest : c10::MemoryReportingInfoBase {
    int64_t bytes = 0;
    void reportMemoryUsage(void*, int64_t size, size_t, size_t, at::Device) override {
      bytes = std::max(bytes, size);
    }
    bool memoryProfilingEnabled() const override { return true; }
  };
  const DryRun dry(at::kCUDA);
  const Vae vae(config, Vae::Parts::kDecoder);
  const auto largest = std::make_shared<Largest>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, largest);
  const at::Tensor z = at::zeros(sizes, at::TensorOptions().device(at::kMeta)).set_requires_grad(true);
  vae.decode(z, walk).sum().backward();
  return largest->bytes / 4;  // float32
}

TEST(VaeWalk, SpendsWhatItIsGiven) {
  const VaeConfig config = released_config();
  const std::vector<int64_t> sizes{1, 16, 21, 60, 104};  // 81 frames of 832 x 480
  ClipWalk before = lean_walk(config, sizes, at::kFloat);
  for (const int64_t gib : {16, 64}) {  // beyond, no walk is faster whose tensors are small enough
    const ClipWalk walk = lean_walk(config, sizes, at::kFloat, gib << 30);
    EXPECT_TRUE(walk.chunk_latents > before.chunk_latents || walk.stripes < before.stripes)
        << gib << " GiB: chunks of " << walk.chunk_latents << ", " << walk.stripes << " stripes";
    before = walk;
  }
  EXPECT_FALSE(lean_walk(config, {1, 16, 1, 8, 8}, at::kFloat, int64_t{64} << 30).recompute);
}

TEST(VaeWalk, MakesNoTensorThatA32BitCountCannotHold) {
  const VaeConfig config = released_config();
  const std::vector<std::vector<int64_t>> clips = {
      {1, 16, 21, 60, 104}, {4, 16, 21, 60, 104}, {1, 16, 5, 270, 480}};
  for (const auto& sizes : clips) {
    SCOPED_TRACE(sizes);
    for (const int64_t budget : {kFewBytes, int64_t{1} << 50}) {
      const ClipWalk walk = lean_walk(config, sizes, at::kFloat, budget);
      EXPECT_NO_THROW(require_indexable(config, sizes, walk));
      EXPECT_LT(largest_made(config, sizes, walk), kTooManyNumbers)
          << walk.chunk_latents << " " << walk.stripes;
    }
    std::vector<ClipWalk> walks = {whole_walk(config, sizes, at::kFloat),
                                   walk_without_graph(config, sizes, at::kFloat)};
    if (sizes[0] == 1 && sizes[3] == 60) {  // the other is free
      walks.push_back(whole_walk(config, sizes, at::kFloat, /*chunk=*/5));
      walks.push_back(whole_walk(config, sizes, at::kFloat, /*chunk=*/0, /*stripes=*/3));
    }
    for (const ClipWalk& walk : walks) {
      EXPECT_NO_THROW(require_indexable(config, sizes, walk));
      EXPECT_LT(largest_made(config, sizes, walk), kTooManyNumbers)
          << walk.chunk_latents << " " << walk.stripes;
    }
  }
}

TEST(VaeWalk, RefusesAManualOneThatMakesSuch) {
  const VaeConfig config = released_config();
  const std::vector<int64_t> sizes{1, 16, 21, 60, 104};
  const ClipWalk whole{21, true, 1};
  EXPECT_GE(largest_made(config, sizes, whole), kTooManyNumbers);
  const std::string message =
      testing::error_of(ErrorKind::kConfig, [&] { require_indexable(config, sizes, whole); });
  EXPECT_TRUE(testing::says(message, "flow.decode_chunk = 21")) << message;
  EXPECT_TRUE(testing::says(message, "2147483648"));
  EXPECT_NO_THROW(require_indexable(config, sizes, {5, true, 1}));
}

TEST_F(TinyVae, RefusesShapesThatDoNotFit) {
  load(at::kFloat);
  const auto message = [](const auto& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInput);
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  EXPECT_NE(message([&] {
              vae_.decode(at::zeros({1, 4, 1, 2, 2}));
            }).find("wanted [B, 8, T, H, W]"),
            std::string::npos);
  EXPECT_NE(message([&] {
              vae_.encode(at::zeros({1, 3, 4, 8, 8}));
            }).find("F = 1 + k * 4"),
            std::string::npos);
  EXPECT_NE(message([&] {
              vae_.encode(at::zeros({1, 3, 5, 8, 6}));
            }).find("multiples of 4"),
            std::string::npos);
}

TEST(WanVaeConfig, RefusesWhatItCannotRun) {
  const auto message = [](const char* key, const nlohmann::json& value) {
    nlohmann::json json =
        nlohmann::json::parse(R"({"z_dim": 2, "dim_mult": [1, 2], "temperal_downsample": [true],
                                                    "latents_mean": [0, 0], "latents_std": [1, 1]})");
    json[key] = value;
    try {
      VaeConfig::read(JsonConfig(json, "config.json"));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("dropout", 0.5), "");
  EXPECT_EQ(message("decoder_base_dim", nullptr), "");
  EXPECT_NE(message("is_residual", true).find("is_residual: is true"), std::string::npos);
  EXPECT_NE(message("patch_size", 2).find("patch_size: is 2"), std::string::npos);
  EXPECT_NE(message("attn_scales", {0.5}).find("attn_scales: is [0.5]"), std::string::npos);
  EXPECT_NE(message("dim_mult", {1}).find("temperal_downsample: has 1 entries"), std::string::npos);
  EXPECT_NE(message("dim_mult", nlohmann::json::array()).find("1 to 8 levels"), std::string::npos);
  EXPECT_NE(message("dim_mult", {1, 0}).find("must be positive"), std::string::npos);
  EXPECT_NE(message("latents_mean", {0}).find("has 1 values, but z_dim is 2"), std::string::npos);
  EXPECT_NE(message("latents_std", {1, 0}).find("must be positive"), std::string::npos);
  EXPECT_NE(message("latents_std", {1}).find("has 1 values"), std::string::npos);
  EXPECT_NE(message("base_dim", 0).find("must be positive"), std::string::npos);
}

// An empty config.json is diffusers' AutoencoderKLWan(): the numbers are those of 0.42.1.
TEST(WanVaeConfig, KeysThatAreLeftOutHaveTheReferencesDefaults) {
  const VaeConfig c = VaeConfig::read(JsonConfig(nlohmann::json::object(), "config.json"));
  EXPECT_EQ(c.base_dim, 96);
  EXPECT_EQ(c.decoder_base_dim, 96);
  EXPECT_EQ(c.z_dim, 16);
  EXPECT_EQ(c.dim_mult, (std::vector<int64_t>{1, 2, 4, 4}));
  EXPECT_EQ(c.num_res_blocks, 2);
  EXPECT_EQ(c.temporal_downsample, (std::vector<bool>{false, true, true}));
  ASSERT_EQ(c.latents_mean.size(), 16u);
  EXPECT_EQ(c.latents_mean.front(), -0.7571);
  EXPECT_EQ(c.latents_mean.back(), -0.2921);
  ASSERT_EQ(c.latents_std.size(), 16u);
  EXPECT_EQ(c.latents_std.front(), 2.8184);
  EXPECT_EQ(c.latents_std.back(), 1.9160);
}

}  // namespace
}  // namespace drf::wan
