#include "drf/questions/prompt_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/base/letters.h"
#include "drf/questions/json_line.h"
#include "drf/questions/table.h"

namespace drf::questions {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const char* const kForms =
    ".txt (one prompt a line), .jsonl, .ndjson or .json (objects with \"prompt\"), .csv or .tsv (a column "
    "\"prompt\")";

class PromptReader {
 public:
  explicit PromptReader(const fs::path& path) : path_(path) {}

  PromptList read() {
    const std::string ending = lower(path_.extension().string());
    for (const char* foreign :
         {".yaml", ".yml",  ".xml", ".html", ".htm", ".toml", ".parquet", ".arrow", ".xls", ".xlsx",
          ".ods",  ".docx", ".odt", ".rtf",  ".pdf", ".pkl",  ".gz",      ".zip",   ".zst", ".md"}) {
      if (ending == foreign)
        fail(ErrorKind::kInput, path_, ": prompts are not read from ", ending, " files, but from ", kForms);
    }
    const std::string bytes = read_text_file(path_, kMaxListBytes);
    require_utf8(bytes);
    if (ending == ".json") {
      read_json_file(bytes);
    } else if (ending == ".jsonl" || ending == ".ndjson" || is_json_lines(bytes)) {
      read_json_lines(bytes);
    } else if (ending == ".csv" || ending == ".tsv") {
      read_table(bytes, ending == ".tsv" ? "\t" : ",;\t");
    } else if (is_json_array(bytes)) {
      read_json_file(bytes);
    } else {
      read_lines(bytes);
    }
    if (list_.prompts.empty()) fail(ErrorKind::kInput, path_, ": no prompts: the file has no line with text");
    return std::move(list_);
  }

 private:
  template <typename... Parts>
  [[noreturn]] void reject(size_t line, const Parts&... parts) const {
    fail(ErrorKind::kInput, path_, ":", line, ": ", parts...);
  }

  void require_utf8(const std::string& bytes) const {
    if (is_utf8(bytes)) return;
    for_each_line(bytes, [&](size_t number, const std::string& line) {
      if (!is_utf8(line)) reject(number, "the line is not UTF-8; save the file as UTF-8");
    });
  }

  // `where` follows the file's name: ":7", or ": item 7".
  void add(const std::string& text, const std::string& where) {
    const std::string file = path_.string() + where;
    if (is_blank(text)) fail(ErrorKind::kInput, file, ": the prompt is empty");
    list_.prompts.push_back(trimmed(text));
    list_.references.emplace_back();
    require_plain_text(list_.prompts.back(), "prompt", file, kMaxPromptBytes);
  }

  void add(const JsonLine& object, const std::string& where) {
    add(object.text("prompt"), where);
    if (!object.find("reference")) return;
    list_.references.back() = object.text("reference");
    if (is_blank(list_.references.back()))
      object.reject("\"reference\" is empty, wanted the file of a clip; or leave it out");
  }

  void read_lines(const std::string& bytes) {
    bool first = true;
    for_each_line(bytes, [&](size_t number, const std::string& line) {
      if (is_blank(line)) return;
      if (first && is_header(line)) {
        reject(number, "the first line is a table's header, \"", line,
               "\"; name the file .csv or .tsv, or take the line out");
      }
      if (first && (trimmed(line) == "[" || trimmed(line) == "{"))
        reject(number, "the file begins as JSON does, but is not a JSON array; name it .json to see why");
      first = false;
      add(line, concat(":", number));
    });
  }

  void read_json_lines(const std::string& bytes) {
    for_each_json_line(path_, bytes,
                       [&](size_t number, const JsonLine& line) { add(line, concat(":", number)); });
  }

  void read_json_file(const std::string& bytes) {
    std::string problem;
    const json list = parse_json(bytes, problem);
    if (!list.is_array()) {
      if (is_json_lines(bytes)) return read_json_lines(bytes);
      fail(ErrorKind::kInput, path_,
           ": wanted a JSON array of texts or of objects with \"prompt\", or such objects one a line",
           problem.empty() ? "" : ": ", problem);
    }
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string where = concat(": item ", i, " (from 0)");
      if (list[i].is_object()) {
        add(JsonLine(path_.string() + where, list[i]), where);
      } else if (list[i].is_string()) {
        add(list[i].get<std::string>(), where);
      } else {
        fail(ErrorKind::kInput, path_, where, ": wanted a text or an object with \"prompt\"");
      }
    }
  }

  void read_table(const std::string& bytes, const std::string& separators) {
    const std::string header = bytes.substr(0, bytes.find('\n'));
    const auto found = std::max_element(separators.begin(), separators.end(), [&](char a, char b) {
      return std::count(header.begin(), header.end(), a) < std::count(header.begin(), header.end(), b);
    });
    std::vector<std::string> columns;
    size_t wanted = 0;
    for_each_row(
        bytes, *found,
        [&](TableRow& row) {
          if (std::all_of(row.fields.begin(), row.fields.end(),
                          [](const auto& field) { return is_blank(field); }))
            return;
          if (columns.empty()) {
            for (const std::string& field : row.fields) columns.push_back(lower(trimmed(field)));
            const auto matches = std::count(columns.begin(), columns.end(), "prompt");
            if (matches != 1) {
              reject(row.line,
                     matches ? "two columns are called \"prompt\"" : "no column is called \"prompt\"",
                     "; the header has ", columns);
            }
            wanted =
                static_cast<size_t>(std::find(columns.begin(), columns.end(), "prompt") - columns.begin());
            return;
          }
          if (row.fields.size() != columns.size()) {
            reject(row.line, "the row has ", row.fields.size(), " fields, the header ", columns.size(),
                   "; put a text with separators in quotes");
          }
          add(row.fields[wanted], concat(":", row.line));
        },
        [&](size_t line, const std::string& what) { reject(line, what); });
  }

  // "prompt", "id,prompt", "prompt;seed": bare words of which one names the prompts.
  static bool is_header(const std::string& line) {
    bool names_prompt = false;
    std::string word;
    for (const char c : lower(trimmed(line)) + ",") {
      if (c == ',' || c == ';' || c == '\t') {
        const std::string name = trimmed(word);
        names_prompt = names_prompt || name == "prompt" || name == "\"prompt\"" || name == "caption";
        if (name.find(' ') != std::string::npos) return false;
        word.clear();
      } else {
        word += c;
      }
    }
    return names_prompt;
  }

  // Whether the first line that is not blank is a JSON object.
  static bool is_json_lines(const std::string& bytes) {
    const std::string first = first_line(bytes);
    std::string problem;
    return first.starts_with('{') && parse_json(first, problem).is_object();
  }
  static bool is_json_array(const std::string& bytes) {
    std::string problem;
    return first_line(bytes).starts_with('[') && parse_json(bytes, problem).is_array();
  }
  static std::string first_line(const std::string& bytes) {
    for (size_t begin = 0; begin < bytes.size();) {
      const size_t end = std::min(bytes.find('\n', begin), bytes.size());
      const std::string_view line(bytes.data() + begin, end - begin);
      if (!is_blank(line)) return trimmed(line);
      begin = end + 1;
    }
    return "";
  }

  fs::path path_;
  PromptList list_;
};

}  // namespace

PromptList read_prompt_list(const fs::path& path) { return PromptReader(path).read(); }

std::vector<std::string> read_prompts(const fs::path& path) { return read_prompt_list(path).prompts; }

}  // namespace drf::questions
