#include "drf/media/png.h"

#include <ATen/ATen.h>
#include <zlib.h>

#include <cmath>
#include <cstdlib>

#include "drf/base/error.h"

namespace drf::media {
namespace {

constexpr int64_t kBytesPerPixel = 3;

std::string big_endian(uint64_t value, int bytes) {
  std::string result;
  for (int i = bytes - 1; i >= 0; --i) result += static_cast<char>((value >> (8 * i)) & 0xFF);
  return result;
}

// Length, type, data, and the checksum of type and data.
std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  return big_endian(data.size(), 4) + body + big_endian(sum, 4);
}

uint8_t paeth(int left, int up, int corner) {
  const int guess = left + up - corner;
  const int a = std::abs(guess - left), b = std::abs(guess - up), c = std::abs(guess - corner);
  return static_cast<uint8_t>(a <= b && a <= c ? left : b <= c ? up : corner);
}

// One row under filter `type` (0 none, 1 left, 2 up, 3 mean, 4 Paeth), the type's byte first.
std::string filtered(const uint8_t* row, const uint8_t* above, int64_t bytes, int type) {
  std::string result(1, static_cast<char>(type));
  for (int64_t i = 0; i < bytes; ++i) {
    const int left = i >= kBytesPerPixel ? row[i - kBytesPerPixel] : 0, up = above ? above[i] : 0,
              corner = above && i >= kBytesPerPixel ? above[i - kBytesPerPixel] : 0;
    const int guess = type == 0   ? 0
                      : type == 1 ? left
                      : type == 2 ? up
                      : type == 3 ? (left + up) / 2
                                  : paeth(left, up, corner);
    result += static_cast<char>(row[i] - guess);
  }
  return result;
}

// The specification's advice: take the filter whose bytes, as signed numbers, have the smallest sum.
std::string best_filtered(const uint8_t* row, const uint8_t* above, int64_t bytes) {
  std::string best;
  int64_t best_sum = -1;
  for (int type = 0; type < 5; ++type) {
    std::string candidate = filtered(row, above, bytes, type);
    int64_t sum = 0;
    for (size_t i = 1; i < candidate.size(); ++i) sum += std::abs(static_cast<signed char>(candidate[i]));
    if (best_sum >= 0 && sum >= best_sum) continue;
    best = std::move(candidate);
    best_sum = sum;
  }
  return best;
}

std::string compressed_pixels(const at::Tensor& picture) {
  const int64_t height = picture.size(0), bytes = picture.size(1) * kBytesPerPixel;
  const uint8_t* data = picture.const_data_ptr<uint8_t>();
  std::string raw;
  for (int64_t y = 0; y < height; ++y) {
    raw += best_filtered(data + y * bytes, y > 0 ? data + (y - 1) * bytes : nullptr, bytes);
  }
  uLongf size = compressBound(static_cast<uLong>(raw.size()));
  std::string result(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(result.data()), &size,
                               reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()), 6);
  DRF_CHECK(status == Z_OK, "zlib: ", status);
  result.resize(size);
  return result;
}

void check(const at::Tensor& pixels, int64_t dims) {
  DRF_CHECK(pixels.dim() == dims && pixels.size(-1) == 3 && pixels.scalar_type() == at::kByte &&
                pixels.is_contiguous() && pixels.numel() > 0,
            pixels.sizes());
}

std::string header(int64_t width, int64_t height) {
  // 8 bits a channel, color type 2 (RGB), the only compression and filter method, not interlaced.
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", big_endian(static_cast<uint64_t>(width), 4) +
                                                 big_endian(static_cast<uint64_t>(height), 4) +
                                                 std::string("\x08\x02\x00\x00\x00", 5));
}

}  // namespace

std::string encode_png(const at::Tensor& picture_HW3) {
  check(picture_HW3, 3);
  return header(picture_HW3.size(1), picture_HW3.size(0)) + chunk("IDAT", compressed_pixels(picture_HW3)) +
         chunk("IEND", "");
}

std::string encode_apng(const at::Tensor& frames_FHW3, double fps) {
  check(frames_FHW3, 4);
  DRF_CHECK(fps > 0, fps);
  const auto count = static_cast<uint64_t>(frames_FHW3.size(0));
  const auto height = static_cast<uint64_t>(frames_FHW3.size(1)),
             width = static_cast<uint64_t>(frames_FHW3.size(2));
  // A frame lasts 1000 / (1000 fps) seconds, both 16-bit numbers.
  const double denominator = std::clamp(std::round(fps * 1000), 1.0, 65535.0);
  std::string result = header(frames_FHW3.size(2), frames_FHW3.size(1));
  result += chunk("acTL", big_endian(count, 4) + big_endian(0, 4));
  uint64_t sequence = 0;
  for (uint64_t f = 0; f < count; ++f) {
    const std::string pixels = compressed_pixels(frames_FHW3[static_cast<int64_t>(f)]);
    // Whole frames at the origin, that replace what was there.
    result += chunk("fcTL", big_endian(sequence++, 4) + big_endian(width, 4) + big_endian(height, 4) +
                                std::string(8, '\0') + big_endian(1000, 2) +
                                big_endian(static_cast<uint64_t>(denominator), 2) + std::string(2, '\0'));
    result += f == 0 ? chunk("IDAT", pixels) : chunk("fdAT", big_endian(sequence++, 4) + pixels);
  }
  return result + chunk("IEND", "");
}

}  // namespace drf::media
