#pragma once
// Clips that can be paused and stepped, in a page without a network: each is a film strip (one PNG, its
// frames from left to right) of which a canvas shows one frame, and one bar of controls moves all of them in
// step. Without JavaScript the first frame stands still.

#include <cstdint>
#include <string>
#include <vector>

namespace drf::report {

/// How a film strip plays.
struct Film {
  int64_t frames = 1;  ///< of the strip, all of one width; at least 1
  double fps = 16;
};

/// The bar: play or pause, one frame back, one on, a slider; the space bar and the arrow keys do the same.
/// Before the clips of a page, once.
std::string player_controls(const Film& longest);

/// Where the critic looked for one question: a strip as long as the clip's, each frame cells in gray, those
/// of before left and those of after right.
struct Look {
  std::string question;  ///< as the list of a clip's looks has it
  std::string png;
};

/// One clip. `png`: the file's bytes; `width` x `height` of one frame. With `looks`, a list chooses which of
/// them is laid over before and after, between which `gap` columns of each frame lie. Throws nothing.
std::string player_clip(const std::string& png, int64_t width, int64_t height, const Film& film,
                        const std::vector<Look>& looks = {}, int64_t gap = 0);

/// Base64, for data URIs.
std::string base64(const std::string& bytes);

/// Width and height of a PNG; false if the bytes are none.
bool png_size(const std::string& bytes, int64_t& width, int64_t& height);

}  // namespace drf::report
