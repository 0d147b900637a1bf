#include "drf/english/model.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "drf/base/error.h"

// The table is taken into the program as it is. DRF_ENGLISH is its path (CMakeLists.txt).
__asm__(
    ".section .rodata\n"
    ".global drf_english_begin\n"
    ".global drf_english_end\n"
    "drf_english_begin:\n"
    ".incbin \"" DRF_ENGLISH
    "\"\n"
    "drf_english_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const char drf_english_begin[], drf_english_end[];

namespace drf::english {
namespace {

using View = std::string_view;

static_assert(std::endian::native == std::endian::little, "english.bin is little-endian");

// Cuts the next piece off, up to the mark.
View cut(View& text, char mark) {
  const size_t end = text.find(mark);
  DRF_CHECK(end != View::npos, "english.bin ends within a line");
  const View piece = text.substr(0, end);
  text.remove_prefix(end + 1);
  return piece;
}

struct Section {
  View name, type, bytes;
  std::vector<size_t> shape;
};

size_t size_of(View type) { return type == "u8" ? 8 : type == "u4" ? 4 : type == "f2" ? 2 : 1; }

Section next_section(View& file) {
  View line = cut(file, '\n');
  while (line.starts_with('#')) line = cut(file, '\n');
  Section section;
  section.name = cut(line, ' ');
  section.type = cut(line, ' ');
  size_t bytes = size_of(section.type);
  const char* at = line.data();
  const char* const end = at + line.size();
  while (at < end) {
    size_t extent = 0;
    at = std::from_chars(at, end, extent).ptr + 1;
    section.shape.push_back(extent);
    bytes *= extent;
  }
  DRF_CHECK(bytes < file.size() && file[bytes] == '\n', "english.bin is cut off at ", section.name);
  section.bytes = file.substr(0, bytes);
  file.remove_prefix(bytes + 1);
  return section;
}

template <typename T>
std::vector<T> numbers(const Section& section) {
  std::vector<T> values(section.bytes.size() / sizeof(T));
  std::memcpy(values.data(), section.bytes.data(), section.bytes.size());
  return values;
}

std::vector<std::string> strings(View bytes) {
  std::vector<std::string> words;
  while (!bytes.empty()) words.emplace_back(cut(bytes, '\0'));
  return words;
}

Ranges ranges(const Section& section) {
  const auto bounds = numbers<uint32_t>(section);
  Ranges found;
  for (size_t i = 0; i < bounds.size(); i += 2) found.emplace_back(bounds[i], bounds[i + 1]);
  return found;
}

// float16 without infinities and NaN, which no weight is.
float widened(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16, rest = half & 0x7fff;
  if (rest < 0x400) {  // zero and what is below the normal numbers
    const float value = static_cast<float>(rest) * 0x1p-24F;
    return sign != 0 ? -value : value;
  }
  return std::bit_cast<float>(sign | ((rest << 13) + (112U << 23)));
}

Tensor tensor_of(const Section& section) {
  DRF_CHECK(section.type == "f2", "english.bin: ", section.name);
  Tensor tensor{section.shape, {}};
  for (const uint16_t half : numbers<uint16_t>(section)) tensor.values.push_back(widened(half));
  return tensor;
}

Model read() {
  View file(drf_english_begin, static_cast<size_t>(drf_english_end - drf_english_begin));
  Model model;
  std::vector<std::string> symbols;
  std::unordered_map<View, std::string*> texts{
      {"prefix", &model.prefix}, {"suffix", &model.suffix}, {"infix", &model.infix}, {"url", &model.url}};
  std::unordered_map<View, std::vector<std::string>*> lists{
      {"specials", &model.specials}, {"symbols", &symbols}, {"tags", &model.tags}, {"moves", &model.moves}};
  std::unordered_map<View, Ranges*> classes{{"alpha", &model.alpha},
                                            {"upper", &model.upper},
                                            {"digit", &model.digit},
                                            {"cased", &model.cased},
                                            {"ignored", &model.ignored}};
  while (!file.empty()) {
    const Section section = next_section(file);
    if (const auto text = texts.find(section.name); text != texts.end()) {
      *text->second = section.bytes;
    } else if (const auto list = lists.find(section.name); list != lists.end()) {
      *list->second = strings(section.bytes);
    } else if (const auto kind = classes.find(section.name); kind != classes.end()) {
      *kind->second = ranges(section);
    } else if (section.name == "suffix_width") {
      model.suffix_width = numbers<uint32_t>(section).at(0);
    } else if (section.name == "symbol_ids") {
      const auto ids = numbers<uint64_t>(section);
      for (size_t i = 0; i < ids.size(); ++i) model.symbols[symbols.at(i)] = ids[i];
    } else if (section.name == "norms") {
      const auto pairs = numbers<uint64_t>(section);
      for (size_t i = 0; i < pairs.size(); i += 2) model.norms[pairs[i]] = pairs[i + 1];
    } else {
      model.tensors[std::string(section.name)] = tensor_of(section);
    }
  }
  return model;
}

}  // namespace

const Tensor& Model::tensor(const std::string& name, const std::vector<size_t>& shape) const {
  const auto found = tensors.find(name);
  DRF_CHECK(found != tensors.end(), "english.bin has no ", name);
  DRF_CHECK(found->second.shape == shape, "english.bin: ", name, " is ", found->second.shape, ", wanted ",
            shape);
  return found->second;
}

const Model& model() {
  static const Model held = read();
  return held;
}

}  // namespace drf::english
