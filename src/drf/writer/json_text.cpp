#include "drf/writer/json_text.h"

namespace drf::writer {
namespace {

enum At : uint16_t {
  kPlain = 0,
  kEscape,  // after a backslash
  kHex0,
  kHex1,
  kHex2,
  kHex3,  // after so many digits of \uXXXX
  kLowSlash,
  kLowU,  // the second half of a pair: its backslash, its u
  kLow0,
  kLow1,
  kLow2,
  kLow3,
  kTail1,
  kTail2,
  kTail3,  // so many bytes of a character are missing, each 80 to BF
  kAfterC2,
  kAfterE0,
  kAfterED,
  kAfterF0,
  kAfterF4  // the next one has narrower bounds
};

bool is_control(uint8_t byte) { return byte < 0x20 || byte == 0x7f; }

// What the first byte of a character says about the rest (Unicode's table of well-formed sequences). After C2
// the control characters U+0080 to U+009F are left out.
bool begin_character(uint16_t& at, uint8_t byte) {
  if (byte < 0xc2 || byte > 0xf4) return false;
  at = byte == 0xc2   ? kAfterC2
       : byte < 0xe0  ? kTail1
       : byte == 0xe0 ? kAfterE0
       : byte == 0xed ? kAfterED
       : byte < 0xf0  ? kTail2
       : byte == 0xf0 ? kAfterF0
       : byte == 0xf4 ? kAfterF4
                      : kTail3;
  return true;
}

bool go_on(uint16_t& at, uint8_t byte) {
  uint8_t low = 0x80, high = 0xbf;
  uint16_t then = kPlain;
  switch (at) {
    case kTail1:
      break;
    case kTail2:
      then = kTail1;
      break;
    case kTail3:
      then = kTail2;
      break;
    case kAfterC2:
      low = 0xa0;
      break;
    case kAfterE0:
      low = 0xa0, then = kTail1;
      break;
    case kAfterED:
      high = 0x9f, then = kTail1;
      break;
    case kAfterF0:
      low = 0x90, then = kTail2;
      break;
    default:
      high = 0x8f, then = kTail2;  // kAfterF4
  }
  at = then;
  return byte >= low && byte <= high;
}

int hex_digit(uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const uint8_t lower = byte | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct Range {
  int first, last;
  bool meets(int low, int high) const { return first <= high && low <= last; }
};
constexpr Range kHigh{0xd800, 0xdbff};
constexpr Range kAlone[] = {{0x20, 0x7e}, {0xa0, 0xd7ff}, {0xe000, 0xffff}};

/// Whether `digits` digits of `code` can become a character, alone or as the first half of a pair.
bool may_be(int code, int digits, bool alone) {
  const int shift = 4 * (4 - digits), low = code << shift, high = low | ((1 << shift) - 1);
  for (const Range& range : kAlone) {
    if (range.meets(low, high)) return true;
  }
  return !alone && kHigh.meets(low, high);
}

bool escape_digit(uint16_t& at, uint16_t& code, uint8_t byte) {
  const int digit = hex_digit(byte);
  if (digit < 0) return false;
  if (at >= kLow0) {  // DC00 to DFFF
    if ((at == kLow0 && digit != 0xd) || (at == kLow1 && digit < 0xc)) return false;
    at = at == kLow3 ? +kPlain : at + 1;
    return true;
  }
  code = static_cast<uint16_t>(code * 16 + digit);
  if (!may_be(code, at - kHex0 + 1, /*alone=*/false)) return false;
  at = at < kHex3 ? at + 1 : kHigh.meets(code, code) ? +kLowSlash : +kPlain;
  if (at == kPlain || at == kLowSlash) code = 0;
  return true;
}

}  // namespace

bool json_text_step(uint16_t& at, uint16_t& code, int32_t& chars, uint8_t byte) {
  switch (at) {
    case kPlain:
      if (is_control(byte) || byte == '"' || chars == 0) return false;
      --chars;
      if (byte == '\\') at = kEscape;
      return byte < 0x80 || begin_character(at, byte);
    case kEscape:
      at = byte == 'u' ? kHex0 : kPlain;
      return byte == 'u' || byte == '"' || byte == '\\' || byte == '/';
    case kLowSlash:
      at = kLowU;
      return byte == '\\';
    case kLowU:
      at = kLow0;
      return byte == 'u';
    default:
      return at < kTail1 ? escape_digit(at, code, byte) : go_on(at, byte);
  }
}

int64_t json_text_missing(uint16_t at, uint16_t code) {
  constexpr int64_t kPair = 6;  // \uXXXX
  switch (at) {
    case kPlain:
      return 0;
    case kEscape:
    case kTail1:
    case kAfterC2:
      return 1;
    case kTail2:
    case kAfterE0:
    case kAfterED:
      return 2;
    case kTail3:
    case kAfterF0:
    case kAfterF4:
      return 3;
    case kLowSlash:
      return kPair;
    case kLowU:
      return kPair - 1;
    default:
      if (at >= kLow0) return kLow3 - at + 1;
      return kHex3 - at + 1 + (may_be(code, at - kHex0, /*alone=*/true) ? 0 : kPair);
  }
}

}  // namespace drf::writer
