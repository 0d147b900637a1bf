#pragma once
// The outline of a Jinja program, independent of spacing, quotes and the way text is put out: enough to tell
// chat templates apart, not to run them.

#include <string>
#include <string_view>
#include <vector>

namespace drf::text {

/// One step of the outline:
///   literal      text that is put out as it stands
///   expression   "{{ ... }}" that is not a string
///   statement    "{% ... %}"
/// Expressions and statements are single tokens joined by single spaces, strings in single quotes, and
/// message.role reads message [ 'role' ].
struct OutlineStep {
  enum class Kind { kLiteral, kExpression, kStatement } kind;
  std::string text;
  bool operator==(const OutlineStep&) const = default;
};

/// Statements that only count (set) and what depends on add_vision_id, which is never given, are left out.
/// White space is handled as transformers configures Jinja (trim_blocks, lstrip_blocks). Throws Error(kInput)
/// naming `where` for a tag that does not end.
std::vector<OutlineStep> jinja_outline(std::string_view program, const std::string& where);

}  // namespace drf::text
