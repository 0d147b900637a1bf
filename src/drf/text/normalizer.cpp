#include "drf/text/normalizer.h"

#include <map>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/text/split_pattern.h"
#include "drf/text/text_limit.h"
#include "drf/text/tokenizer_json.h"
#include "drf/text/unicode.h"

namespace drf::text {
namespace {

constexpr size_t kMostSteps = 100;

void require_short(const std::string& text) { text::require_short(text.size(), "normalizer"); }

std::string replace_all(std::string_view text, const std::string& from, const std::string& to) {
  std::string out;
  size_t position = 0;
  for (size_t hit; !from.empty() && (hit = text.find(from, position)) != std::string_view::npos;) {
    out.append(text, position, hit - position);
    out += to;
    require_short(out);
    position = hit + from.size();
  }
  return out.append(text, position);
}

}  // namespace

Normalizer Normalizer::from_json(const nlohmann::json& value, const std::string& where) {
  Normalizer result;
  if (!value.is_null()) result.append(value, where);
  return result;
}

Normalizer Normalizer::from_charsmap(std::shared_ptr<const PrecompiledCharsmap> charsmap) {
  Normalizer result;
  result.steps_.push_back([charsmap](std::string_view text) { return charsmap->apply(text); });
  return result;
}

void Normalizer::append(const nlohmann::json& value, const std::string& where) {
  static const std::map<std::string, NormalForm> kForms = {{"NFC", NormalForm::kNfc},
                                                           {"NFD", NormalForm::kNfd},
                                                           {"NFKC", NormalForm::kNfkc},
                                                           {"NFKD", NormalForm::kNfkd}};
  const std::string type = json_text(value, "type", where);
  if (steps_.size() >= kMostSteps)
    fail(ErrorKind::kInput, where, ": its normalizer has more than ", kMostSteps, " steps");
  if (type == "Sequence") {
    for (const auto& step : json_list(value, "normalizers", where)) append(step, where);
  } else if (const auto form = kForms.find(type); form != kForms.end()) {
    steps_.push_back([form = form->second](std::string_view text) { return normal_form(text, form); });
  } else if (type == "Lowercase") {
    steps_.push_back(lower_case);
  } else if (type == "Precompiled") {
    const auto charsmap = std::make_shared<const PrecompiledCharsmap>(
        decode_base64(json_text(value, "precompiled_charsmap", where), where), where);
    steps_.push_back([charsmap](std::string_view text) { return charsmap->apply(text); });
  } else if (type == "Replace") {
    const std::string to = json_mark(value, "content", where);
    const JsonPattern pattern = json_pattern(value, where);
    if (!pattern.is_regex) {
      steps_.push_back(
          [from = pattern.text, to](std::string_view text) { return replace_all(text, from, to); });
      return;
    }
    steps_.push_back([regex = SplitPattern(pattern.text, where), to](std::string_view text) {
      std::string out;
      size_t position = 0;
      regex.for_each_match(text, [&](size_t begin, size_t end) {
        out.append(text, position, begin - position);
        out += to;
        require_short(out);
        position = end;
      });
      return out.append(text, position);
    });
  } else if (type == "Strip") {
    const bool left = json_flag(value, "strip_left", true, where);
    const bool right = json_flag(value, "strip_right", true, where);
    steps_.push_back(
        [left, right](std::string_view text) { return strip(text, left, right, is_white_space); });
  } else if (type == "Prepend") {
    steps_.push_back([prefix = json_mark(value, "prepend", where)](std::string_view text) {
      return text.empty() ? std::string() : prefix + std::string(text);
    });
  } else {
    fail(ErrorKind::kInput, where, ": normalizer '", type,
         "' is not supported (NFC, NFD, NFKC, NFKD, Lowercase, Precompiled, Replace, Strip, Prepend, "
         "Sequence are)");
  }
}

std::string Normalizer::apply(std::string_view text) const {
  std::string result(text);
  for (const auto& step : steps_) {
    result = step(result);
    require_short(result);
  }
  return result;
}

}  // namespace drf::text
