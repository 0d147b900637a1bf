#include "drf/text/byte_alphabet.h"

#include <unordered_map>

#include "drf/text/unicode.h"

namespace drf::text {
namespace {

std::array<char32_t, 256> stand_ins() {
  std::array<char32_t, 256> result{};
  char32_t next = 0x100;
  for (char32_t b = 0; b < 256; ++b) {
    const bool printable = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    result[b] = printable ? b : next++;
  }
  return result;
}

}  // namespace

const std::array<std::string, 256>& byte_alphabet() {
  static const auto kAlphabet = [] {
    std::array<std::string, 256> result;
    const auto code_points = stand_ins();
    for (size_t b = 0; b < 256; ++b) append_utf8(result[b], code_points[b]);
    return result;
  }();
  return kAlphabet;
}

std::string bytes_to_alphabet(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) out += byte_alphabet()[static_cast<unsigned char>(c)];
  return out;
}

std::string alphabet_to_bytes(std::string_view token) {
  static const auto kBytes = [] {
    std::unordered_map<char32_t, char> result;
    const auto code_points = stand_ins();
    for (size_t b = 0; b < 256; ++b) result[code_points[b]] = static_cast<char>(b);
    return result;
  }();
  std::string out;
  for (size_t i = 0; i < token.size();) {
    const auto byte = kBytes.find(next_code_point(token, i));
    if (byte == kBytes.end()) return std::string(token);
    out += byte->second;
  }
  return out;
}

}  // namespace drf::text
