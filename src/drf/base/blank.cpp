#include "drf/base/blank.h"

#include <algorithm>
#include <iterator>

#include "drf/base/letters.h"

namespace drf {
namespace {

struct Range {
  char32_t first, last;
};

// White_Space of Unicode's PropList.txt.
constexpr Range kSpaces[] = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                             {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                             {0x205F, 0x205F}, {0x3000, 0x3000}};

// What is dropped at the ends beside them.
constexpr Range kZeroWidth[] = {{0x200B, 0x200B}, {0x2060, 0x2060}, {0xFEFF, 0xFEFF}};

// Default_Ignorable_Code_Point of DerivedCoreProperties.txt, and the Braille cell without dots.
constexpr Range kUnseen[] = {{0xAD, 0xAD},       {0x34F, 0x34F},    {0x61C, 0x61C},   {0x115F, 0x1160},
                             {0x17B4, 0x17B5},   {0x180B, 0x180F},  {0x200B, 0x200F}, {0x202A, 0x202E},
                             {0x2060, 0x206F},   {0x2800, 0x2800},  {0x3164, 0x3164}, {0xFE00, 0xFE0F},
                             {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},  {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3},
                             {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

template <size_t n>
bool in(const Range (&ranges)[n], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return range.first <= c && c <= range.last; });
}

constexpr char32_t kNone = 0x110000;  // beyond Unicode: no character

// What is not UTF-8 is one byte of kNone.
Letter character_at(std::string_view text, size_t i) { return letter_at(text, i).value_or(Letter{kNone, 1}); }

}  // namespace

bool is_blank(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const Letter c = character_at(text, i);
    if (!in(kSpaces, c.code) && !in(kUnseen, c.code)) return false;
    i += c.bytes;
  }
  return true;
}

std::string trimmed(std::string_view text) {
  size_t begin = text.size(), end = 0;
  for (size_t i = 0; i < text.size();) {
    const Letter c = character_at(text, i);
    const bool dropped = in(kSpaces, c.code) || in(kZeroWidth, c.code);
    if (!dropped) {
      begin = std::min(begin, i);
      end = i + c.bytes;
    }
    i += c.bytes;
  }
  return begin < end ? std::string(text.substr(begin, end - begin)) : "";
}

}  // namespace drf
