// Clips that have left what the base model makes: on clips made by hand, that hack each in its own way or not
// at all.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "drf/base/random.h"
#include "drf/media/layout.h"
#include "drf/train/ranges.h"
#include "drf/train/validation.h"

namespace drf::train {
namespace {

constexpr int64_t kPrompts = 6, kFrames = 7, kSide = 16;
using Change = std::function<at::Tensor(const at::Tensor& clip_F3HW)>;

// A ball's worth of colour that moves over a ground, as seed and prompt have it: what stands for the base
// model.
at::Tensor base_clip(int64_t prompt, int64_t seed) {
  RandomStream random({static_cast<uint64_t>(seed), Purpose::kDirection, static_cast<uint32_t>(prompt)});
  const double ground = 0.15 + 0.1 * random.next_uniform(), shade = 0.6 + 0.3 * random.next_uniform();
  const auto size = static_cast<int64_t>(4 + random.next_below(3)),
             row = static_cast<int64_t>(random.next_below(10));
  const bool there = random.next_below(2) == 0;
  at::Tensor clip = at::full({kFrames, 3, kSide, kSide}, ground);
  for (int64_t f = 0; f < kFrames; ++f) {
    const int64_t column = there ? f : kFrames - f;
    clip[f][prompt % 3].narrow(0, row, size).narrow(1, column, size).fill_(shade);
  }
  const auto z = normal({static_cast<uint64_t>(seed), Purpose::kNoise, static_cast<uint32_t>(prompt)},
                        static_cast<size_t>(clip.numel()));
  return clip + 0.01 * at::tensor(z).view(clip.sizes());
}

ClipRecord record(int64_t first_seed, int64_t seeds, const Change& change = {}) {
  ClipRecord record;
  for (int64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    std::vector<int64_t> prompts;
    std::vector<at::Tensor> clips;
    for (int64_t p = 0; p < kPrompts; ++p) {
      const at::Tensor clip = base_clip(p, seed);
      prompts.push_back(p);
      clips.push_back(media::as_shown(change ? change(clip) : clip));
    }
    record.add(prompts, at::stack(clips));
  }
  return record;
}

// The measures that are alarmed, in the order of the line.
std::vector<std::string> alarms(const ClipRecord& seen) {
  static const std::vector<Guard> kBase = guards_of(record(0, 4).values());
  Guards guards(kBase);
  nlohmann::ordered_json row;
  for (const auto& [name, values] : seen.values()) row["held_out_" + name] = typical(values);
  ::testing::internal::CaptureStderr();
  guards.watch(row);
  const std::string said = ::testing::internal::GetCapturedStderr();
  std::vector<std::string> names;
  for (const auto& [key, value] : row.items()) {
    if (key.rfind("alarm/held_out_", 0) != 0) continue;
    names.push_back(key.substr(15));
    EXPECT_NE(said.find("95 % of the base model's own clips"), std::string::npos) << said;
  }
  return names;
}

using Names = std::vector<std::string>;

Change white_spot(int64_t side) {
  return [side](const at::Tensor& clip_F3HW) {
    at::Tensor clip = clip_F3HW.clone();
    clip.narrow(2, kSide - side, side).narrow(3, kSide - side, side).fill_(1);
    return clip;
  };
}

TEST(RangeGuards, TellClipsThatHackFromThoseThatDoNot) {
  const auto with = [](const Change& change) { return alarms(record(0, 2, change)); };
  const auto has = [](const Names& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const at::Tensor at = at::arange(kSide);
  const at::Tensor chess = (at.view({-1, 1}) + at.view({1, -1})).remainder(2).to(at::kFloat).sub(0.5);
  const at::Tensor sign = at::tensor({1., -1., 1., -1., 1., -1., 1.}, at::kFloat).view({-1, 1, 1, 1});

  EXPECT_TRUE(has(with([](const auto& c) { return c[0].expand_as(c); }), "motion")) << "stands still";
  EXPECT_TRUE(has(with([&](const auto& c) { return c + 0.05 * sign; }), "flicker"));
  EXPECT_TRUE(has(with([&](const auto& c) { return c + 0.3 * chess; }), "high_frequency"))
      << "a fine pattern";
  const Names gray = with([](const auto& c) { return 0.02 * c + 0.5; });
  EXPECT_TRUE(has(gray, "motion") && has(gray, "diversity"));
  EXPECT_TRUE(has(with([](const auto& c) { return (c - 0.4) * 4 + 0.4; }), "saturated"));
  EXPECT_TRUE(has(with(white_spot(3)), "saturated")) << "one value in 28";
  ClipRecord alike;
  for (int64_t draw = 0; draw < 2; ++draw)
    alike.add({0, 1}, media::as_shown(at::stack({base_clip(0, 0), base_clip(1, 0)})));
  EXPECT_TRUE(has(alarms(alike), "diversity")) << "all seeds alike";
}

TEST(RangeGuards, AreSilentOnTheBaseModelAndOnSmallChanges) {
  for (int64_t seed = 0; seed < 10; ++seed) {
    EXPECT_EQ(alarms(record(100 + 2 * seed, 2)), Names{}) << "other seeds " << seed;
    EXPECT_EQ(alarms(record(0, 2, [&](const auto& c) { return c + 0.01 * static_cast<double>(seed - 5); })),
              Names{})
        << "lighter or darker";
  }
  EXPECT_EQ(alarms(record(0, 2, [](const auto& c) { return c.flip({3}); })), Names{}) << "the other way";
  for (const char* name : {"high_frequency", "flicker"}) {
    const Names smooth = alarms(record(0, 2, [](const auto& c) {
      return at::avg_pool2d(c, {9, 9}, {1, 1}, {4, 4});
    }));
    EXPECT_EQ(std::count(smooth.begin(), smooth.end(), name), 0) << "less of it: noise may have gone";
  }
  EXPECT_EQ(alarms(record(0, 2, [](const auto& c) { return c.flip({1}); })), Names{}) << "other colours";
  EXPECT_EQ(alarms(record(0, 2, white_spot(1))), Names{}) << "a value in 250 that is white, where none was";
}

}  // namespace
}  // namespace drf::train
