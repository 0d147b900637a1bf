#pragma once
// Few colors for many: the palette of a GIF.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace drf::media {

using Color = std::array<uint8_t, 3>;

/// At most 256 colors, and for each pixel the index of its color.
struct Indexed {
  std::vector<Color> palette;
  std::vector<uint8_t> indices;
};

/// The pixels' own colors (in the order of first sight), or nothing if there are more than 256.
/// rgb: `pixels` x 3 bytes.
std::optional<Indexed> exact_palette(const uint8_t* rgb, size_t pixels);

/// 256 colors by median cut (Heckbert 1982) over colors of 6 bits a channel; each is the mean of the pixels
/// that it stands for.
Indexed reduced_palette(const uint8_t* rgb, size_t pixels);

}  // namespace drf::media
