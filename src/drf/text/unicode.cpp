#include "drf/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "drf/base/error.h"

namespace drf::text {
namespace {

// Length of the well-formed sequence at `position`; 0 if there is none, and then `bad` is the length of the
// maximal ill-formed part (Unicode 15, table 3-7).
size_t sequence_length(std::string_view s, size_t position, size_t& bad) {
  const auto byte = [&](size_t i) {
    return position + i < s.size() ? static_cast<unsigned char>(s[position + i]) : 0x100u;
  };
  const unsigned first = byte(0);
  bad = 1;
  if (first < 0x80) return 1;
  size_t length = 0;
  unsigned low = 0x80, high = 0xBF;  // bounds of the second byte
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0) return 0;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  for (size_t i = 1; i < length; ++i, low = 0x80, high = 0xBF) {
    if (byte(i) < low || byte(i) > high) return 0;
    bad = i + 1;
  }
  return length;
}

// Characters of Unicode 10 to 17 with a combining class or a decomposition, or that compose: unknown to the
// reference.
constexpr std::pair<char32_t, char32_t> kUnknownToReference[] = {
    {0x7fd, 0x7fd},     {0x897, 0x89f},     {0x8ca, 0x8d3},     {0x9fe, 0x9fe},     {0xc3c, 0xc3c},
    {0xd3b, 0xd3c},     {0xeba, 0xeba},     {0x1715, 0x1715},   {0x1abf, 0x1add},   {0x1ae0, 0x1aeb},
    {0x1df6, 0x1dfa},   {0x32ff, 0x32ff},   {0xa7f1, 0xa7f4},   {0xa82c, 0xa82c},   {0xab69, 0xab69},
    {0x105c9, 0x105c9}, {0x105d2, 0x105d2}, {0x105da, 0x105da}, {0x105e4, 0x105e4}, {0x10781, 0x10785},
    {0x10787, 0x107b0}, {0x107b2, 0x107ba}, {0x10d24, 0x10d27}, {0x10d69, 0x10d6d}, {0x10eab, 0x10eac},
    {0x10efa, 0x10eff}, {0x10f46, 0x10f50}, {0x10f82, 0x10f85}, {0x11070, 0x11070}, {0x1133b, 0x1133b},
    {0x11382, 0x11385}, {0x1138b, 0x1138b}, {0x1138e, 0x1138e}, {0x11390, 0x11391}, {0x113b8, 0x113d0},
    {0x1145e, 0x1145e}, {0x11839, 0x1183a}, {0x11930, 0x11930}, {0x11935, 0x11935}, {0x11938, 0x11938},
    {0x1193d, 0x1193e}, {0x11943, 0x11943}, {0x119e0, 0x119e0}, {0x11a34, 0x11a34}, {0x11a47, 0x11a47},
    {0x11a99, 0x11a99}, {0x11d42, 0x11d42}, {0x11d44, 0x11d45}, {0x11d97, 0x11d97}, {0x11f41, 0x11f42},
    {0x1611e, 0x1612f}, {0x16d63, 0x16d6a}, {0x16ff0, 0x16ff1}, {0x1ccd6, 0x1ccf9}, {0x1e030, 0x1e06d},
    {0x1e08f, 0x1e08f}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae}, {0x1e2ec, 0x1e2ef}, {0x1e4ec, 0x1e4ef},
    {0x1e5ee, 0x1e5ef}, {0x1e6e3, 0x1e6e3}, {0x1e6e6, 0x1e6e6}, {0x1e6ee, 0x1e6ef}, {0x1e6f5, 0x1e6f5},
    {0x1f16c, 0x1f16c}, {0x1fbf0, 0x1fbf9},
};

bool unknown_to_reference(char32_t c) {
  if (c < kUnknownToReference[0].first) return false;
  return std::any_of(std::begin(kUnknownToReference), std::end(kUnknownToReference),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

// Letters whose small form utf8proc 2.8 (Unicode 15) does not know, as ranges and their distance to it.
struct NewLetters {
  char32_t first, last;
  int32_t distance;
};
constexpr NewLetters kNewLetters[] = {
    {0x1c89, 0x1c89, 1},      {0xa7cb, 0xa7cb, 0x264 - 0xa7cb},
    {0xa7cc, 0xa7cc, 1},      {0xa7ce, 0xa7ce, 1},
    {0xa7d2, 0xa7d2, 1},      {0xa7d4, 0xa7d4, 1},
    {0xa7da, 0xa7da, 1},      {0xa7dc, 0xa7dc, 0x19b - 0xa7dc},
    {0x10d50, 0x10d65, 0x20}, {0x16ea0, 0x16eb8, 0x1b},
};

// Canonical order by a stable sort: the library's own swaps neighbours, quadratic in a long run of marks.
void append_normal_form(std::string& out, std::string_view part, utf8proc_option_t options, bool compose) {
  std::vector<utf8proc_int32_t> code_points;
  for (size_t i = 0; i < part.size();) {
    constexpr utf8proc_ssize_t kLongest = 18;  // U+FDFA has the longest decomposition
    utf8proc_int32_t parts[kLongest];
    int boundary = UTF8PROC_BOUNDCLASS_START;
    const auto length = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(next_code_point(part, i)),
                                                parts, kLongest, options, &boundary);
    DRF_CHECK(length >= 0 && length <= kLongest, utf8proc_errmsg(length));
    code_points.insert(code_points.end(), parts, parts + length);
  }
  const auto combining = [](utf8proc_int32_t c) { return utf8proc_get_property(c)->combining_class; };
  for (auto begin = code_points.begin(); begin != code_points.end();) {
    const auto end = std::find_if(begin, code_points.end(), [&](auto c) { return combining(c) == 0; });
    std::stable_sort(begin, end, [&](auto a, auto b) { return combining(a) < combining(b); });
    begin = end == code_points.end() ? end : end + 1;
  }
  if (compose) {
    const auto length =
        utf8proc_normalize_utf32(code_points.data(), static_cast<utf8proc_ssize_t>(code_points.size()),
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    DRF_CHECK(length >= 0, utf8proc_errmsg(length));
    code_points.resize(static_cast<size_t>(length));
  }
  for (const utf8proc_int32_t c : code_points) append_utf8(out, static_cast<char32_t>(c));
}

}  // namespace

void require_utf8(std::string_view text, std::string_view what) {
  for (size_t i = 0, bad = 0; i < text.size();) {
    const size_t length = sequence_length(text, i, bad);
    if (length == 0) {
      constexpr char kHex[] = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(text[i]);
      fail(ErrorKind::kInput, what, ": byte ", i, " (0x", kHex[byte >> 4], kHex[byte & 15],
           ") is not UTF-8: convert the text to UTF-8");
    }
    i += length;
  }
}

char32_t next_code_point(std::string_view text, size_t& position) {
  utf8proc_int32_t c = 0;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + position,
                                       static_cast<utf8proc_ssize_t>(text.size() - position), &c);
  DRF_CHECK(length > 0, "text is not UTF-8");
  position += static_cast<size_t>(length);
  return static_cast<char32_t>(c);
}

size_t previous_boundary(std::string_view text, size_t position) {
  do {
    --position;
  } while (position > 0 && (static_cast<unsigned char>(text[position]) & 0xC0) == 0x80);
  return position;
}

void append_utf8(std::string& out, char32_t code_point) {
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

std::string lossy_utf8(std::string_view bytes) {
  std::string out;
  for (size_t i = 0, bad = 0; i < bytes.size();) {
    const size_t length = sequence_length(bytes, i, bad);
    if (length == 0) {
      append_utf8(out, 0xFFFD);
      i += bad;
    } else {
      out.append(bytes, i, length);
      i += length;
    }
  }
  return out;
}

bool is_white_space(char32_t c) {
  return (c >= 0x9 && c <= 0xD) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_python_space(char32_t c) { return is_white_space(c) || (c >= 0x1C && c <= 0x1F); }

bool is_word_character(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return false;
  }
}

std::string strip(std::string_view text, bool left, bool right, bool (*is_space)(char32_t)) {
  size_t begin = 0, end = text.size();
  for (size_t next = 0; left && begin < end && is_space(next_code_point(text, next)); begin = next) {
  }
  while (right && end > begin) {
    const size_t start = previous_boundary(text, end);
    size_t position = start;
    if (!is_space(next_code_point(text, position))) break;
    end = start;
  }
  return std::string(text.substr(begin, end - begin));
}

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const char32_t c = next_code_point(text, i);
    if (c == 0x130) {  // the one letter that becomes two: i and a dot above
      out += "i\xCC\x87";
      continue;
    }
    const auto* known = std::find_if(std::begin(kNewLetters), std::end(kNewLetters),
                                     [c](const NewLetters& r) { return c >= r.first && c <= r.last; });
    append_utf8(out, known == std::end(kNewLetters)
                         ? static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)))
                         : static_cast<char32_t>(static_cast<int32_t>(c) + known->distance));
  }
  return out;
}

std::string normal_form(std::string_view text, NormalForm form) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return std::string(text);
  }
  const bool compose = form == NormalForm::kNfc || form == NormalForm::kNfkc;
  const bool compatible = form == NormalForm::kNfkc || form == NormalForm::kNfkd;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
                                                      (compatible ? UTF8PROC_COMPAT : 0));
  // A character without class or decomposition ends every sequence that could reorder or compose, so the
  // parts around it are normalised on their own.
  std::string out;
  size_t part = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    if (!unknown_to_reference(next_code_point(text, i))) continue;
    append_normal_form(out, text.substr(part, start - part), options, compose);
    out.append(text, start, i - start);
    part = i;
  }
  append_normal_form(out, text.substr(part), options, compose);
  return out;
}

}  // namespace drf::text
