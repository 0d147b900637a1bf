#include "drf/media/palette.h"

#include <algorithm>
#include <unordered_map>

namespace drf::media {
namespace {

constexpr size_t kMaxColors = 256;
constexpr int kDropped = 2;  // low bits of a channel that median cut does not see

// Pixels that share their 6-bit color.
struct Bin {
  std::array<uint8_t, 3> key;
  int64_t count = 0;
  std::array<int64_t, 3> sum{};
};

size_t bin_index(const uint8_t* rgb) {
  return static_cast<size_t>(rgb[0] >> kDropped) << 12 | static_cast<size_t>(rgb[1] >> kDropped) << 6 |
         static_cast<size_t>(rgb[2] >> kDropped);
}

// A run of bins [begin, end) that gets one color.
struct Box {
  size_t begin, end;
  int64_t count;
  int spread;      // of the widest channel
  size_t channel;  // the widest
};

Box make_box(const std::vector<Bin>& bins, size_t begin, size_t end) {
  Box box{begin, end, 0, -1, 0};
  for (size_t i = begin; i < end; ++i) box.count += bins[i].count;
  for (size_t c = 0; c < 3; ++c) {
    const auto [low, high] =
        std::minmax_element(bins.begin() + begin, bins.begin() + end,
                            [c](const Bin& a, const Bin& b) { return a.key[c] < b.key[c]; });
    const int spread = high->key[c] - low->key[c];
    if (spread > box.spread) {
      box.spread = spread;
      box.channel = c;
    }
  }
  return box;
}

// The first bin of the upper half when sorted along the widest channel, such that neither half is empty.
size_t split_point(std::vector<Bin>& bins, const Box& box) {
  const size_t c = box.channel;
  std::sort(bins.begin() + box.begin, bins.begin() + box.end, [c](const Bin& a, const Bin& b) {
    return a.key[c] != b.key[c] ? a.key[c] < b.key[c] : a.key < b.key;
  });
  int64_t below = 0;
  for (size_t i = box.begin; i + 1 < box.end; ++i) {
    below += bins[i].count;
    if (2 * below >= box.count) return i + 1;
  }
  return box.end - 1;
}

}  // namespace

std::optional<Indexed> exact_palette(const uint8_t* rgb, size_t pixels) {
  Indexed result;
  std::unordered_map<uint32_t, uint8_t> known;
  for (size_t i = 0; i < pixels; ++i) {
    const uint8_t* p = rgb + 3 * i;
    const uint32_t key = static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 8 | p[2];
    auto it = known.find(key);
    if (it == known.end()) {
      if (result.palette.size() == kMaxColors) return std::nullopt;
      it = known.emplace(key, static_cast<uint8_t>(result.palette.size())).first;
      result.palette.push_back({p[0], p[1], p[2]});
    }
    result.indices.push_back(it->second);
  }
  return result;
}

Indexed reduced_palette(const uint8_t* rgb, size_t pixels) {
  std::vector<int32_t> bin_of(size_t{1} << 18, -1);
  std::vector<Bin> bins;
  for (size_t i = 0; i < pixels; ++i) {
    const uint8_t* p = rgb + 3 * i;
    int32_t& bin = bin_of[bin_index(p)];
    if (bin < 0) {
      bin = static_cast<int32_t>(bins.size());
      bins.push_back({{static_cast<uint8_t>(p[0] >> kDropped), static_cast<uint8_t>(p[1] >> kDropped),
                       static_cast<uint8_t>(p[2] >> kDropped)}});
    }
    Bin& b = bins[static_cast<size_t>(bin)];
    ++b.count;
    for (size_t c = 0; c < 3; ++c) b.sum[c] += p[c];
  }

  std::vector<Box> boxes = {make_box(bins, 0, bins.size())};
  while (boxes.size() < kMaxColors) {
    // The box whose cut helps most: many pixels, spread widely.
    const auto worst = std::max_element(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) {
      return a.count * a.spread < b.count * b.spread;
    });
    if (worst->spread <= 0) break;
    const Box box = *worst;
    const size_t cut = split_point(bins, box);
    *worst = make_box(bins, box.begin, cut);
    boxes.push_back(make_box(bins, cut, box.end));
  }

  Indexed result;
  std::vector<uint8_t> color_of(bin_of.size());
  for (const Box& box : boxes) {
    std::array<int64_t, 3> sum{};
    for (size_t i = box.begin; i < box.end; ++i) {
      const auto& key = bins[i].key;
      color_of[static_cast<size_t>(key[0]) << 12 | static_cast<size_t>(key[1]) << 6 | key[2]] =
          static_cast<uint8_t>(result.palette.size());
      for (size_t c = 0; c < 3; ++c) sum[c] += bins[i].sum[c];
    }
    Color color;
    for (size_t c = 0; c < 3; ++c) color[c] = static_cast<uint8_t>((sum[c] + box.count / 2) / box.count);
    result.palette.push_back(color);
  }
  for (size_t i = 0; i < pixels; ++i) result.indices.push_back(color_of[bin_index(rgb + 3 * i)]);
  return result;
}

}  // namespace drf::media
