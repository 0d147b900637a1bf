#include "drf/media/gif.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/base/error.h"
#include "drf/media/palette.h"

namespace drf::media {
namespace {

std::string little_endian(int64_t value) {
  return {static_cast<char>(value & 0xFF), static_cast<char>((value >> 8) & 0xFF)};
}

// Bits of an index: a table has 2^bits colors, 2 at least.
int table_bits(const std::vector<Color>& palette) {
  int bits = 1;
  while ((size_t{1} << bits) < palette.size()) ++bits;
  return bits;
}

std::string color_table(const std::vector<Color>& palette) {
  std::string table;
  for (const Color& color : palette) table.append(color.begin(), color.end());
  table.resize(3 * (size_t{1} << table_bits(palette)));
  return table;
}

// Codes of changing width, the lowest bit first, in blocks of at most 255 bytes.
class CodeWriter {
 public:
  void put(int code, int bits) {
    buffer_ |= static_cast<uint32_t>(code) << filled_;
    for (filled_ += bits; filled_ >= 8; filled_ -= 8, buffer_ >>= 8) byte(buffer_ & 0xFF);
  }
  std::string finish() {
    if (filled_ > 0) byte(buffer_ & 0xFF);
    flush();
    return out_ + '\0';
  }

 private:
  void byte(uint32_t value) {
    block_ += static_cast<char>(value);
    if (block_.size() == 255) flush();
  }
  void flush() {
    if (block_.empty()) return;
    out_ += static_cast<char>(block_.size());
    out_ += block_;
    block_.clear();
  }
  uint32_t buffer_ = 0;
  int filled_ = 0;
  std::string block_, out_;
};

// Lempel-Ziv-Welch. The dictionary is a table: entry [prefix code][next index] holds the longer string's
// code.
std::string compressed(const std::vector<uint8_t>& indices, int bits) {
  constexpr int kMaxCodes = 4096;
  const int root_bits = std::max(2, bits), clear = 1 << root_bits, end = clear + 1;
  const size_t symbols = static_cast<size_t>(clear);
  std::vector<int16_t> longer(kMaxCodes * symbols, -1);
  CodeWriter out;
  int next = end + 1, width = root_bits + 1;
  out.put(clear, width);
  int prefix = indices[0];
  for (size_t i = 1; i < indices.size(); ++i) {
    int16_t& code = longer[static_cast<size_t>(prefix) * symbols + indices[i]];
    if (code >= 0) {
      prefix = code;
      continue;
    }
    out.put(prefix, width);
    if (next < kMaxCodes) {
      code = static_cast<int16_t>(next);
      // The reader learns this code one code later, so the width grows when it has been given out.
      if (next == 1 << width) ++width;
      ++next;
    } else {
      out.put(clear, width);
      std::fill(longer.begin(), longer.end(), static_cast<int16_t>(-1));
      next = end + 1;
      width = root_bits + 1;
    }
    prefix = indices[i];
  }
  out.put(prefix, width);
  // The last code also made an entry in the reader's table.
  if (next < kMaxCodes && next == 1 << width) ++width;
  out.put(end, width);
  return std::string(1, static_cast<char>(root_bits)) + out.finish();
}

}  // namespace

std::string encode_gif(const at::Tensor& frames_FHW3, double fps) {
  DRF_CHECK(frames_FHW3.dim() == 4 && frames_FHW3.size(3) == 3 && frames_FHW3.scalar_type() == at::kByte &&
                frames_FHW3.is_contiguous() && frames_FHW3.numel() > 0,
            frames_FHW3.sizes());
  DRF_CHECK(fps > 0, fps);
  const int64_t count = frames_FHW3.size(0), height = frames_FHW3.size(1), width = frames_FHW3.size(2);
  if (height > 65535 || width > 65535)
    fail(ErrorKind::kConfig, "GIF: the frames are ", width, "x", height, ", the format ends at 65535x65535");
  const size_t pixels = static_cast<size_t>(height * width);
  const uint8_t* data = frames_FHW3.const_data_ptr<uint8_t>();
  const auto shared = exact_palette(data, pixels * static_cast<size_t>(count));

  std::string out = "GIF89a" + little_endian(width) + little_endian(height);
  out += shared ? static_cast<char>(0xF0 | (table_bits(shared->palette) - 1)) : static_cast<char>(0x70);
  out += std::string(2, '\0');
  if (shared) out += color_table(shared->palette);
  if (count > 1) out += std::string("\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00", 19);

  int64_t shown = 0;  // hundredths of a second
  for (int64_t f = 0; f < count; ++f) {
    const int64_t until = std::llround(100.0 * static_cast<double>(f + 1) / fps);
    const int64_t delay = std::clamp<int64_t>(until - shown, 2, 65535);
    shown += delay;
    out += std::string("\x21\xF9\x04\x04", 4) + little_endian(delay) + std::string(2, '\0');
    out += "," + std::string(4, '\0') + little_endian(width) + little_endian(height);
    const size_t offset = static_cast<size_t>(f) * pixels;
    if (shared) {
      const auto begin = shared->indices.begin() + static_cast<std::ptrdiff_t>(offset);
      out += '\0';
      out += compressed({begin, begin + static_cast<std::ptrdiff_t>(pixels)}, table_bits(shared->palette));
    } else {
      const Indexed own = reduced_palette(data + 3 * offset, pixels);
      const int bits = table_bits(own.palette);
      out += static_cast<char>(0x80 | (bits - 1)) + color_table(own.palette) + compressed(own.indices, bits);
    }
  }
  return out + ";";
}

}  // namespace drf::media
