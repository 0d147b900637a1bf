#include "drf/questions/table.h"

namespace drf::questions {

void for_each_row(std::string_view text, char separator, const std::function<void(TableRow&)>& visit,
                  const std::function<void(size_t line, const std::string& what)>& reject) {
  size_t i = 0, line = 1;
  const auto at_line_end = [&] {
    return i == text.size() || text[i] == '\n' ||
           (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
  };
  while (i < text.size()) {
    TableRow row{{}, line};
    for (;;) {
      std::string field;
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          if (i == text.size()) reject(row.line, "a quoted field is never closed");
          if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            ++i;
          } else if (text[i] == '"') {
            break;
          } else if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            continue;  // the line end inside a field is LF, whatever the file's are
          } else if (text[i] == '\n') {
            ++line;
          }
          field += text[i];
        }
        ++i;
        if (!at_line_end() && text[i] != separator)
          reject(line, "text stands behind the closing quote of a field");
      } else {
        while (!at_line_end() && text[i] != separator) field += text[i++];
      }
      row.fields.push_back(std::move(field));
      if (at_line_end()) break;
      ++i;
    }
    if (i < text.size()) i += text[i] == '\r' ? 2 : 1;
    ++line;
    if (row.fields.size() > 1 || !row.fields[0].empty()) visit(row);
  }
}

}  // namespace drf::questions
