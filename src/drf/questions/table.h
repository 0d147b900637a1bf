#pragma once
// Tables as spreadsheets write them: RFC 4180 with any separator.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace drf::questions {

/// One row: its fields without quotes, and the line it begins on (from 1).
struct TableRow {
  std::vector<std::string> fields;
  size_t line = 0;
};

/// The rows of `text` (LF or CRLF) in order; lines without a character are skipped. A field in quotes may
/// hold the separator, line ends and doubled quotes. `reject` is called with a line and what is wrong there,
/// and must throw: a quote that is never closed, or text behind a closing one.
void for_each_row(std::string_view text, char separator, const std::function<void(TableRow&)>& visit,
                  const std::function<void(size_t line, const std::string& what)>& reject);

}  // namespace drf::questions
