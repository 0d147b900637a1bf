#include "drf/questions/questions.h"

namespace drf::questions {

std::string to_string(Aspect aspect) {
  switch (aspect) {
    case Aspect::kTA:
      return "TA";
    case Aspect::kPF:
      return "PF";
    default:
      return "VQ";
  }
}

std::string to_string(Kind kind) { return kind == Kind::kYesNo ? "yes_no" : "dense"; }

std::optional<Aspect> parse_aspect(const std::string& name) {
  for (Aspect aspect : {Aspect::kTA, Aspect::kPF, Aspect::kVQ}) {
    if (to_string(aspect) == name) return aspect;
  }
  return std::nullopt;
}

std::optional<Kind> parse_kind(const std::string& name) {
  for (Kind kind : {Kind::kYesNo, Kind::kDense}) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace drf::questions
