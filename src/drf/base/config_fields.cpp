#include "drf/base/config_fields.h"

#include <toml++/toml.h>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <sstream>
#include <type_traits>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/nearest.h"
#include "drf/base/nesting.h"

namespace drf {
namespace {

constexpr uint64_t kMaxConfigBytes = 1 << 20;  // docs/security.md; a resolved configuration has 10 KiB

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string wanted(const FieldTarget& target) {
  return std::visit(
      Overloaded{[](int64_t*) { return "a whole number"; }, [](double*) { return "a number"; },
                 [](bool*) { return "true or false"; }, [](std::string*) { return "text in quotes"; },
                 [](std::vector<std::string>*) { return "a list of texts, [\"a\", \"b\"]"; },
                 [](std::vector<int64_t>*) { return "a list of whole numbers, [1, 2]"; },
                 [](std::vector<double>*) { return "a list of numbers, [0.5, 1.0]"; },
                 [](std::map<std::string, double>*) { return "a table of numbers, { a = 1.0 }"; }},
      target);
}

std::string quoted(const std::string& text) {
  static const char* const kHex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string got(const toml::node& node) {
  std::ostringstream out;
  if (node.is_table()) return "a table";
  if (node.is_string()) return quoted(node.as_string()->get());
  if (node.is_array()) {
    out << *node.as_array();
  } else {
    out << toml::node_view<const toml::node>(node);
  }
  return out.str();
}

// One value into *target; false if the type is not the wanted one.
bool assign(const toml::node& node, int64_t& target) {
  if (!node.is_integer()) return false;
  target = node.as_integer()->get();
  return true;
}
bool assign(const toml::node& node, double& target) {
  if (!node.is_number()) return false;
  const double value = *node.value<double>();
  if (!std::isfinite(value)) return false;
  target = value;
  return true;
}
bool assign(const toml::node& node, bool& target) {
  if (!node.is_boolean()) return false;
  target = node.as_boolean()->get();
  return true;
}
bool assign(const toml::node& node, std::string& target) {
  if (!node.is_string()) return false;
  target = node.as_string()->get();
  return true;
}
template <typename T>
bool assign(const toml::node& node, std::vector<T>& target) {
  if (!node.is_array()) return false;
  std::vector<T> values;
  for (const toml::node& element : *node.as_array()) {
    T value{};
    if (!assign(element, value)) return false;
    values.push_back(value);
  }
  target = values;
  return true;
}
bool assign(const toml::node& node, std::map<std::string, double>& target) {
  if (!node.is_table()) return false;
  std::map<std::string, double> values;
  for (const auto& [key, element] : *node.as_table()) {
    if (!assign(element, values[std::string(key.str())])) return false;
  }
  target = values;
  return true;
}

void assign_or_fail(const toml::node& node, const Field& field, const std::string& where) {
  const bool fits = std::visit([&](auto* target) { return assign(node, *target); }, field.target);
  if (!fits)
    fail(ErrorKind::kConfig, where, ": ", field.key, " is ", got(node), ", wanted ", wanted(field.target));
}

const Field* find(const std::vector<Field>& fields, const std::string& key) {
  const auto it = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
  return it == fields.end() ? nullptr : &*it;
}

bool is_section(const std::vector<Field>& fields, const std::string& key) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const Field& f) { return f.key.rfind(key + ".", 0) == 0; });
}

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

// "train.lr" -> "train.", "seed" -> "".
std::string section_of(const std::string& key) {
  const size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot + 1);
}

[[noreturn]] void fail_unknown(const std::string& key, const std::vector<Field>& fields,
                               const std::string& where) {
  std::vector<std::string> same_name, known, beside;
  const auto add = [](std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const Field& field : fields) {
    add(known, field.key);
    if (last_part(field.key) == last_part(key)) add(same_name, field.key);
    if (field.key.rfind(section_of(key), 0) == 0) {
      const size_t begin = section_of(key).size();
      add(beside, field.key.substr(begin, field.key.find('.', begin) - begin));
    }
    for (std::string section = section_of(field.key); !section.empty(); section = section_of(section)) {
      section.pop_back();
      add(known, section);
    }
  }
  // In a known section one of its own names is meant; else the right name in the wrong place is likelier than
  // a name that merely looks alike as a whole.
  std::vector<std::string> close;
  for (const std::string& name : nearest(last_part(key), beside, 1)) close = {section_of(key) + name};
  if (!same_name.empty()) close = same_name;
  if (close.empty() && beside.empty()) close = nearest(key, known, 1);
  if (!close.empty())
    fail(ErrorKind::kConfig, where, ": unknown key '", key, "'; did you mean '", close.front(), "'?");
  fail(ErrorKind::kConfig, where, ": unknown key '", key, "'; known here: ", beside.empty() ? known : beside);
}

void read_table(const toml::table& table, const std::string& prefix, const std::string& file,
                const std::vector<Field>& fields, std::vector<std::string>& given) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const std::string where = concat(file, ":", name.source().begin.line);
    if (const Field* field = find(fields, key)) {
      assign_or_fail(node, *field, where);
      given.push_back(key);
    } else if (is_section(fields, key + ".0")) {
      if (!node.is_array_of_tables())
        fail(ErrorKind::kConfig, where, ": ", key, " is ", got(node), ", wanted tables, [[", key, "]]");
      for (size_t i = 0; i < node.as_array()->size(); ++i)
        read_table(*node.as_array()->get(i)->as_table(), concat(key, ".", i, "."), file, fields, given);
    } else if (is_section(fields, key)) {
      if (!node.is_table())
        fail(ErrorKind::kConfig, where, ": ", key, " is ", got(node), ", wanted a table, [", key, "]");
      read_table(*node.as_table(), key + ".", file, fields, given);
    } else {
      fail_unknown(key, fields, where);
    }
  }
}

// TOML spellings. A float always shows that it is one, and is the shortest that reads back to the same bits.
std::string spell(int64_t value) { return std::to_string(value); }
std::string spell(bool value) { return value ? "true" : "false"; }
std::string spell(const std::string& value) { return quoted(value); }
std::string spell(double value) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  std::string text(digits, end);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}
template <typename T>
std::string spell(const std::vector<T>& values) {
  std::string out;
  for (const T& value : values) out += (out.empty() ? "" : ", ") + spell(value);
  return "[" + out + "]";
}
std::string spell(const std::map<std::string, double>& values) {
  std::string out;
  for (const auto& [key, value] : values)
    out += (out.empty() ? " " : ", ") + quoted(key) + " = " + spell(value);
  return out.empty() ? "{}" : "{" + out + " }";
}
std::string spell(const FieldTarget& target) {
  return std::visit([](auto* value) { return spell(*value); }, target);
}

}  // namespace

std::vector<std::string> read_config_text(const std::string& toml, const std::string& where,
                                          const std::vector<Field>& fields) {
  if (const int64_t levels = toml_nesting(toml); levels > kMaxNesting)
    fail(ErrorKind::kConfig, where, ": nests ", levels, " levels deep, wanted ", kMaxNesting, " at most");
  std::vector<std::string> given;
  try {
    read_table(toml::parse(toml), "", where, fields, given);
  } catch (const toml::parse_error& e) {
    fail(ErrorKind::kConfig, where, ":", e.source().begin.line, ":", e.source().begin.column,
         ": not TOML: ", e.description());
  }
  return given;
}

std::vector<std::string> read_config_file(const std::filesystem::path& file,
                                          const std::vector<Field>& fields) {
  std::string text;
  try {
    text = read_text_file(file, kMaxConfigBytes);
  } catch (const Error& e) {
    fail(ErrorKind::kConfig, "config file ", e.what());  // a wrong path on the command line is a usage error
  }
  return read_config_text(text, file.string(), fields);
}

int64_t count_sections(const std::filesystem::path& file, const std::string& name) {
  try {
    const std::string text = read_text_file(file, kMaxConfigBytes);
    if (toml_nesting(text) > kMaxNesting) return 0;
    const toml::table table = toml::parse(text);
    const toml::node* node = table.get(name);
    return node && node->is_array_of_tables() ? static_cast<int64_t>(node->as_array()->size()) : 0;
  } catch (const std::exception&) {
    return 0;
  }
}

std::string override_field(const std::string& assignment, const std::vector<Field>& fields) {
  const std::string where = "--set " + assignment;
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    fail(ErrorKind::kConfig, where, ": wanted key=value, for example --set train.lr=3e-5");
  }
  const auto trim = [](const std::string& s) {
    const size_t begin = s.find_first_not_of(" \t");
    return begin == std::string::npos ? "" : s.substr(begin, s.find_last_not_of(" \t") - begin + 1);
  };
  const std::string key = trim(assignment.substr(0, equals));
  const std::string text = trim(assignment.substr(equals + 1));

  toml::table parsed;
  bool is_toml = true;
  try {
    is_toml = toml_nesting(text) <= kMaxNesting;
    if (is_toml) parsed = toml::parse("value = " + text);
    is_toml = parsed.size() == 1;  // a line break in the text could smuggle in more
  } catch (const toml::parse_error&) {
    is_toml = false;
  }

  if (const Field* field = find(fields, key)) {
    auto* const* bare = std::get_if<std::string*>(&field->target);
    if (bare != nullptr && !(is_toml && parsed["value"].is_string())) {
      if (!is_utf8(text)) fail(ErrorKind::kConfig, where, ": the value is not UTF-8");
      **bare = text;
      return key;
    }
    if (!is_toml)
      fail(ErrorKind::kConfig, where, ": ", key, " is ", quoted(text), ", wanted ", wanted(field->target));
    assign_or_fail(*parsed.get("value"), *field, where);
    return key;
  }
  // An entry of a map?
  if (const size_t dot = key.rfind('.'); dot != std::string::npos) {
    const Field* field = find(fields, key.substr(0, dot));
    auto* const* map = field ? std::get_if<std::map<std::string, double>*>(&field->target) : nullptr;
    if (map != nullptr) {
      double value = 0;
      if (!is_toml || !assign(*parsed.get("value"), value)) {
        fail(ErrorKind::kConfig, where, ": ", key, " is ", quoted(text), ", wanted a number");
      }
      (**map)[key.substr(dot + 1)] = value;
      return field->key;
    }
  }
  if (is_section(fields, key))
    fail(ErrorKind::kConfig, where, ": ", key, " is a section, wanted one of its keys");
  fail_unknown(key, fields, where);
}

std::string config_to_toml(const std::vector<Field>& fields) {
  std::string out, section;
  for (const Field& field : fields) {
    if (const std::string in = section_of(field.key); in != section) {
      const std::string name = in.substr(0, in.size() - 1), list = section_of(name);
      const bool is_element = !list.empty() && std::isdigit(static_cast<unsigned char>(last_part(name)[0]));
      const std::string header =
          is_element ? "[[" + list.substr(0, list.size() - 1) + "]]" : "[" + name + "]";
      out += (out.empty() ? "" : "\n") + header + "\n";
      section = in;
    }
    out += last_part(field.key) + " = " + spell(field.target) + "  # " + field.help + "\n";
  }
  return out;
}

}  // namespace drf
