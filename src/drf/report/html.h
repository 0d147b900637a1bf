#pragma once
// Text from outside in a page: everything that a prompt, a name or a key may hold is text alone there.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace drf::report {

/// &, <, > and quotes as entities: for an element's text and for attributes in double quotes.
std::string escape_html(const std::string& text);

/// JSON that can stand in a script element: ASCII, and nothing that HTML could read as a tag or comment.
std::string for_script(const nlohmann::ordered_json& value);

/// A number by printf's `format`, "-" for none and for one that is not finite.
std::string cell(std::optional<double> value, const char* format);

/// Three <td>: before, after, and the change where both are there.
std::string change_cells(std::optional<double> before, std::optional<double> after);

/// Bytes in words: "812 KB", "1.3 MB".
std::string bytes_in_words(size_t bytes);

}  // namespace drf::report
