#include "drf/text/precompiled_charsmap.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "drf/base/error.h"
#include "drf/text/text_limit.h"
#include "drf/text/unicode.h"

namespace drf::text {
namespace {

// Clusters from this many bytes on are never looked up whole.
constexpr size_t kLongCluster = 6;

uint32_t little_endian(std::string_view bytes, size_t position) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[position + i]);
  return value;
}

// Fields of a double-array unit (darts-clone).
bool has_leaf(uint32_t unit) { return (unit >> 8 & 1) != 0; }
uint32_t value_of(uint32_t unit) { return unit & 0x7FFFFFFFu; }
uint32_t label_of(uint32_t unit) { return unit & 0x800000FFu; }
uint32_t offset_of(uint32_t unit) { return unit >> 10 << ((unit & 1u << 9) >> 6); }

// Marks of Unicode 15.1 to 17, which extend a cluster; the installed utf8proc may not know them.
constexpr std::pair<char32_t, char32_t> kNewMarks[] = {
    {0x897, 0x897},     {0x1acf, 0x1add},   {0x1ae0, 0x1aeb},   {0x10d69, 0x10d6d}, {0x10efa, 0x10efc},
    {0x113b8, 0x113c0}, {0x113c2, 0x113c2}, {0x113c5, 0x113c5}, {0x113c7, 0x113ca}, {0x113cc, 0x113d0},
    {0x113d2, 0x113d2}, {0x113e1, 0x113e2}, {0x11b60, 0x11b67}, {0x11f5a, 0x11f5a}, {0x1611e, 0x1612f},
    {0x1e5ee, 0x1e5ef}, {0x1e6e3, 0x1e6e3}, {0x1e6e6, 0x1e6e6}, {0x1e6ee, 0x1e6ef}, {0x1e6f5, 0x1e6f5},
};

// What the character at `position` is for the cluster rules: itself, or for a new mark one that is long
// known.
utf8proc_int32_t next_for_clusters(std::string_view text, size_t& position) {
  const char32_t c = next_code_point(text, position);
  const bool is_new =
      c >= 0x897 && std::any_of(std::begin(kNewMarks), std::end(kNewMarks),
                                [c](const auto& range) { return c >= range.first && c <= range.second; });
  return static_cast<utf8proc_int32_t>(is_new ? 0x300 : c);
}

// End of the extended grapheme cluster that starts at `begin`.
size_t cluster_end(std::string_view text, size_t begin) {
  size_t position = begin;
  utf8proc_int32_t state = 0;
  utf8proc_int32_t previous = next_for_clusters(text, position);
  while (position < text.size()) {
    size_t next = position;
    const utf8proc_int32_t current = next_for_clusters(text, next);
    if (utf8proc_grapheme_break_stateful(previous, current, &state)) break;
    previous = current;
    position = next;
  }
  return position;
}

}  // namespace

PrecompiledCharsmap::PrecompiledCharsmap(std::string blob, std::string_view where) {
  if (blob.empty()) return;
  const uint32_t trie_bytes = blob.size() < 4 ? 0 : little_endian(blob, 0);
  if (trie_bytes == 0 || trie_bytes % 4 != 0 || trie_bytes > blob.size() - 4) {
    fail(ErrorKind::kInput, where, ": precompiled_charsmap of ", blob.size(), " bytes claims a trie of ",
         trie_bytes, ": the file is damaged");
  }
  units_.resize(trie_bytes / 4);
  for (size_t i = 0; i < units_.size(); ++i) units_[i] = little_endian(blob, 4 + 4 * i);
  replacements_ = blob.substr(4 + trie_bytes);
  replacements_.push_back('\0');
}

bool PrecompiledCharsmap::find(std::string_view key, std::string_view& replacement) const {
  if (units_.empty()) return false;
  uint32_t node = offset_of(units_[0]);
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) return false;
    node ^= byte;
    if (node >= units_.size() || label_of(units_[node]) != byte) return false;
    const uint32_t unit = units_[node];
    node ^= offset_of(unit);
    if (node >= units_.size()) return false;
    if (has_leaf(unit)) {
      const uint32_t start = value_of(units_[node]);
      if (start >= replacements_.size()) return false;
      replacement = replacements_.c_str() + start;  // ends at the zero byte
      return true;
    }
  }
  return false;
}

std::string PrecompiledCharsmap::apply(std::string_view text) const {
  std::string out;
  out.reserve(text.size());
  std::string_view replacement;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = cluster_end(text, begin);
    const std::string_view cluster = text.substr(begin, end - begin);
    if (cluster.size() < kLongCluster && find(cluster, replacement)) {
      out += replacement;
    } else {
      for (size_t i = begin; i < end;) {
        const size_t start = i;
        next_code_point(text, i);
        const std::string_view character = text.substr(start, i - start);
        out += find(character, replacement) ? replacement : character;
      }
    }
    begin = end;
    require_short(out.size(), "character map");  // a damaged one may have megabytes for a letter
  }
  return out;
}

std::string decode_base64(std::string_view text, std::string_view where) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char c : text) {
    uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<uint32_t>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<uint32_t>(c - '0') + 52;
    } else if (c == '+' || c == '/') {
      value = c == '+' ? 62 : 63;
    } else {
      fail(ErrorKind::kInput, where, ": precompiled_charsmap holds '", c, "', which is not base64");
    }
    bits = bits << 6 | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  return out;
}

}  // namespace drf::text
