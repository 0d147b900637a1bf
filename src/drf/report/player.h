#pragma once
// Clips that can be paused and stepped, in a page without a network: each is a film strip (one PNG, its
// frames from left to right) of which a canvas shows one frame, and one bar of controls moves all of them in
// step. Without JavaScript the first frame stands still.

#include <cstdint>
#include <string>

namespace drf::report {

/// How a film strip plays.
struct Film {
  int64_t frames = 1;  ///< of the strip, all of one width; at least 1
  double fps = 16;
};

/// The bar: play or pause, one frame back, one on, a slider; the space bar and the arrow keys do the same.
/// Before the clips of a page, once.
std::string player_controls(const Film& longest);

/// One clip. `png`: the file's bytes; `width` x `height` of one frame. Throws nothing.
std::string player_clip(const std::string& png, int64_t width, int64_t height, const Film& film);

/// Base64, for data URIs.
std::string base64(const std::string& bytes);

/// Width and height of a PNG; false if the bytes are none.
bool png_size(const std::string& bytes, int64_t& width, int64_t& height);

}  // namespace drf::report
