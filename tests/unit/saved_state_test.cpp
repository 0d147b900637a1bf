#include "drf/tensor/saved_state.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/files.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;

struct Thing {
  int64_t count = 0, rare = -1;
  std::string note = "old";
  std::vector<double> norms{9};
  at::Tensor fixed = at::zeros({2});
  std::vector<at::Tensor> list{at::zeros({1})};
  void state(StateVisitor& v) {
    v("count", count);
    v("rare", rare, -1);
    v("note", note);
    v("norms", norms);
    v.file("moments");
    v("fixed", fixed);
    v.file("clips");
    v("clip", list);
  }
};

void save(Thing& thing, const std::filesystem::path& folder) {
  StateImage image;
  thing.state(image);
  std::filesystem::create_directories(folder);
  image.write_tensors(folder);
  write_file_atomically(folder / "state.json", image.values().dump());
}

void load(Thing& thing, const std::filesystem::path& folder) {
  StateReader reader(folder);
  thing.state(reader);
  reader.finish();
}

TEST(SavedState, WhatAWalkWroteTheSameWalkReads) {
  TemporaryFolder folder;
  Thing full{
      3, 7, "a \"note\"", {0.1, 1e-300, 3}, at::tensor({0.1f, 2.0f}), {at::ones({2, 3}), at::arange(4)}};
  save(full, folder / "full");
  Thing back;
  const at::Tensor held = back.fixed;
  load(back, folder / "full");
  EXPECT_EQ(back.count, 3);
  EXPECT_EQ(back.rare, 7);
  EXPECT_EQ(back.note, full.note);
  EXPECT_EQ(back.norms, full.norms);
  EXPECT_TRUE(held.equal(full.fixed));  // in place
  ASSERT_EQ(back.list.size(), 2u);
  EXPECT_TRUE(back.list[0].equal(at::ones({2, 3})) && back.list[1].equal(at::arange(4)));

  // What is empty is left out, and is empty when read.
  Thing bare{0, -1, "", {}, at::ones({2}), {}};
  save(bare, folder / "bare");
  EXPECT_EQ(read_file(folder / "bare/state.json"), "{\"count\":0}");
  EXPECT_FALSE(std::filesystem::exists(folder / "bare/clips.safetensors"));
  load(back, folder / "bare");
  EXPECT_EQ(back.rare, -1);
  EXPECT_TRUE(back.note.empty() && back.norms.empty() && back.list.empty());
}

TEST(SavedState, AnImageIsOfItsMoment) {
  Thing thing{3, -1, "then", {1}, at::zeros({2}), {at::zeros({1})}};
  StateImage image;
  thing.state(image);
  thing.count = 4;
  thing.norms.push_back(2);
  thing.list = {};
  TemporaryFolder folder;
  image.write_tensors(folder.path());
  write_file_atomically(folder / "state.json", image.values().dump());
  Thing back;
  load(back, folder.path());
  EXPECT_EQ(back.count, 3);
  EXPECT_EQ(back.norms, std::vector<double>{1});
  EXPECT_EQ(back.list.size(), 1u);
}

TEST(SavedState, WhatDoesNotFitIsRefusedBeforeAnythingIsFilled) {
  TemporaryFolder folder;
  Thing saved{3, -1, "", {}, at::ones({2}), {at::ones({1})}};
  const auto message = [&](const char* name) {
    Thing back;
    const std::string what = error_of(ErrorKind::kInput, [&] { load(back, folder / name); });
    EXPECT_TRUE(back.fixed.equal(at::zeros({2}))) << name;
    return what;
  };
  save(saved, folder / "kind");
  write_text(folder / "kind/state.json", "{\"count\":\"three\"}");
  EXPECT_TRUE(says(message("kind"), "state.json: count"));
  write_text(folder / "kind/state.json", "{}");
  EXPECT_TRUE(says(message("kind"), "count"));
  save(saved, folder / "more");
  write_safetensors(folder / "more/clips.safetensors",
                    {{"clip.0", at::ones({1})}, {"clip.2", at::ones({1})}});
  EXPECT_TRUE(says(message("more"), "clips.safetensors: holds 2 tensors, wanted 1"));
  save(saved, folder / "less");
  write_safetensors(folder / "less/moments.safetensors", {{"other", at::ones({2})}});
  EXPECT_TRUE(says(message("less"), "'fixed' is missing"));
  saved.fixed = at::ones({3});
  save(saved, folder / "wide");
  EXPECT_TRUE(says(message("wide"), "'fixed' is F32 [3], wanted F32 [2]"));
}

}  // namespace
}  // namespace drf
