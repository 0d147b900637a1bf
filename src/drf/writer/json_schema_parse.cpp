// JSON Schema to the program of json_schema.h.
#include <algorithm>
#include <limits>
#include <set>

#include "drf/base/error.h"
#include "drf/base/json.h"
#include "drf/writer/json_schema.h"

namespace drf::writer {
namespace {

using Json = nlohmann::ordered_json;

constexpr int32_t kNoLimit = std::numeric_limits<int32_t>::max();
constexpr int32_t kMostItems = 65'535, kMostChars = 1 << 24;
constexpr size_t kMostOps = 20'000;
constexpr int64_t kMostBytes = 1'000'000;  // of the shortest document

}  // namespace

struct JsonSchema::Compiler {
  std::string where;
  std::vector<Op> ops;

  template <typename... Parts>
  [[noreturn]] void refuse(const std::string& place, const Parts&... parts) const {
    fail(ErrorKind::kConfig, where, ": schema", place.empty() ? "" : " at ", place, ": ", parts...);
  }

  Op& add(Kind kind) {
    if (ops.size() >= kMostOps) refuse("", "is too large: more than ", kMostOps, " steps");
    ops.emplace_back().kind = kind;
    return ops.back();
  }
  void add_bytes(const std::string& bytes) {
    if (ops.empty() || ops.back().kind != Kind::kBytes) add(Kind::kBytes);
    ops.back().bytes += bytes;
    constexpr size_t kMostInOne = 65'535;  // State::at counts them
    if (ops.back().bytes.size() > kMostInOne) refuse("", "has a text of more than ", kMostInOne, " bytes");
  }

  void only(const Json& schema, const std::string& place, const std::set<std::string>& known) const {
    for (const auto& [key, value] : schema.items()) {
      if (known.count(key) == 0) refuse(place, "\"", key, "\" is not supported here");
    }
  }

  int32_t count(const Json& schema, const std::string& place, const char* key, int32_t otherwise,
                int32_t most) const {
    if (!schema.contains(key)) return otherwise;
    const Json& value = schema[key];
    if (!value.is_number_unsigned() || value.get<uint64_t>() > static_cast<uint64_t>(most))
      refuse(place, "\"", key, "\" is ", value.dump(), ", wanted a whole number from 0 to ", most);
    return value.get<int32_t>();
  }

  /// As it stands in a document.
  std::string literal(const std::string& text, const std::string& place) const {
    for (size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<uint8_t>(text[i]);
      const bool high = byte == 0xc2 && i + 1 < text.size() && static_cast<uint8_t>(text[i + 1]) < 0xa0;
      if (byte < 0x20 || byte == 0x7f || high) refuse(place, "a control character stands in a string");
    }
    return Json(text).dump();
  }

  void choice(std::vector<std::string> texts) {
    if (texts.size() == 1) return add_bytes(texts[0]);
    std::vector<ChoiceNode> nodes(1);
    for (const std::string& text : texts) {
      size_t at = 0;
      for (const char c : text) {
        auto& children = nodes[at].children;
        const auto byte = static_cast<uint8_t>(c);
        const auto found = std::find_if(children.begin(), children.end(),
                                        [&](const auto& child) { return child.first == byte; });
        if (found != children.end()) {
          at = found->second;
          continue;
        }
        if (nodes.size() >= kMostOps) refuse("", "its values are too many");
        const size_t made = nodes.size();
        children.emplace_back(byte, static_cast<uint16_t>(made));
        nodes.emplace_back();
        at = made;
      }
    }
    for (size_t i = nodes.size(); i-- > 0;) {  // children stand behind their parents
      if (nodes[i].children.empty()) continue;
      nodes[i].missing = std::numeric_limits<int64_t>::max();
      for (const auto& child : nodes[i].children)
        nodes[i].missing = std::min(nodes[i].missing, 1 + nodes[child.second].missing);
    }
    add(Kind::kChoice).choice = std::move(nodes);
  }

  void strings(const Json& schema, const std::string& place) {
    if (schema.contains("const")) {
      only(schema, place, {"type", "const"});
      if (!schema["const"].is_string())
        refuse(place + "/const", "is ", schema["const"].dump(), ", wanted a string");
      return add_bytes(literal(schema["const"].get<std::string>(), place + "/const"));
    }
    if (schema.contains("enum")) {
      only(schema, place, {"type", "enum"});
      const Json& values = schema["enum"];
      if (!values.is_array() || values.empty()) refuse(place + "/enum", "wanted a list of strings");
      std::vector<std::string> texts;
      for (const Json& value : values) {
        if (!value.is_string()) refuse(place + "/enum", "holds ", value.dump(), ", wanted strings");
        texts.push_back(literal(value.get<std::string>(), place + "/enum"));
        if (std::count(texts.begin(), texts.end(), texts.back()) > 1)
          refuse(place + "/enum", "holds ", texts.back(), " twice");
      }
      return choice(std::move(texts));
    }
    only(schema, place, {"type", "maxLength"});
    add_bytes("\"");
    add(Kind::kText).max = count(schema, place, "maxLength", kNoLimit, kMostChars);
  }

  void object(const Json& schema, const std::string& place, int arrays) {
    only(schema, place, {"type", "properties", "required", "additionalProperties"});
    if (!schema.contains("properties") || !schema["properties"].is_object())
      refuse(place, "an object needs \"properties\"");
    if (schema.contains("additionalProperties") && schema["additionalProperties"] != false)
      refuse(place + "/additionalProperties", "is ", schema["additionalProperties"].dump(), ", wanted false");
    const Json& properties = schema["properties"];
    std::set<std::string> required;
    const Json names = schema.contains("required") ? schema["required"] : Json::array();
    if (!names.is_array()) refuse(place + "/required", "wanted a list of names");
    for (const Json& name : names) {
      if (!name.is_string() || !properties.contains(name.get<std::string>()))
        refuse(place + "/required", "holds ", name.dump(), ", which is not among the properties");
      required.insert(name.get<std::string>());
    }
    add_bytes("{");
    bool first = true;
    for (const auto& [name, value] : properties.items()) {
      if (required.count(name) == 0)
        refuse(place + "/properties/" + name,
               "is not in \"required\"; what may be left out is not supported");
      if (!first) {
        add_bytes(",");
        add(Kind::kSpace);
      }
      first = false;
      add_bytes(literal(name, place + "/properties/" + name) + ":");
      add(Kind::kSpace);
      any(value, place + "/properties/" + name, arrays);
    }
    add_bytes("}");
  }

  void array(const Json& schema, const std::string& place, int arrays) {
    only(schema, place, {"type", "items", "minItems", "maxItems"});
    if (arrays == kMaxArrays) refuse(place, "more than ", kMaxArrays, " arrays inside one another");
    if (!schema.contains("items")) refuse(place, "an array needs \"items\"");
    const int32_t min = count(schema, place, "minItems", 0, kMostItems);
    const int32_t max = count(schema, place, "maxItems", kNoLimit, kMostItems);
    if (min > max) refuse(place, "\"minItems\" is ", min, ", above \"maxItems\" ", max);
    add_bytes("[");
    const size_t first = ops.size();
    add(Kind::kFirst);
    add(Kind::kSpace);
    any(schema["items"], place + "/items", arrays + 1);
    const size_t next = ops.size();
    add(Kind::kNext);
    for (const size_t at : {first, next}) {
      ops[at].min = min;
      ops[at].max = max;
      ops[at].depth = static_cast<uint16_t>(arrays);
      ops[at].first = static_cast<uint16_t>(first);
      ops[at].next = static_cast<uint16_t>(next);
    }
  }

  void any(const Json& schema, const std::string& place, int arrays) {
    if (!schema.is_object()) refuse(place, "is ", schema.dump().substr(0, 40), ", wanted an object");
    const bool listed = schema.contains("enum") || schema.contains("const");
    if (!schema.contains("type") && !listed) refuse(place, "has no \"type\"");
    const Json type = schema.contains("type") ? schema["type"] : Json("string");
    if (listed && type != "string")
      refuse(place, "\"enum\" and \"const\" are for strings, \"type\" is ", type.dump());
    if (type == "object") return object(schema, place, arrays);
    if (type == "array") return array(schema, place, arrays);
    if (type == "string") return strings(schema, place);
    only(schema, place, {"type"});
    if (type == "integer") {
      add(Kind::kInteger);
    } else if (type == "boolean") {
      choice({"true", "false"});
    } else {
      refuse(place, "\"type\" is ", type.dump().substr(0, 40),
             ", wanted \"object\", \"array\", \"string\", \"integer\" or \"boolean\"");
    }
  }

  /// What each op lacks to the end of what it stands in.
  void measure() {
    const auto capped = [](int64_t bytes) { return std::min<int64_t>(bytes, 1LL << 40); };
    std::vector<uint16_t> around = {static_cast<uint16_t>(ops.size() - 1)};  // the kEnd, then kNexts
    for (size_t i = ops.size(); i-- > 0;) {
      Op& op = ops[i];
      if (op.kind == Kind::kNext) around.push_back(static_cast<uint16_t>(i));
      if (op.kind == Kind::kFirst) around.pop_back();
      op.enclosing = around.back();
      if (op.kind == Kind::kNext || op.kind == Kind::kEnd) continue;
      const int64_t after = op.kind == Kind::kFirst ? ops[op.next + 1u].missing : ops[i + 1].missing;
      int64_t own = 0;
      if (op.kind == Kind::kBytes) own = static_cast<int64_t>(op.bytes.size());
      if (op.kind == Kind::kText || op.kind == Kind::kInteger) own = 1;
      if (op.kind == Kind::kChoice) own = op.choice[0].missing;
      if (op.kind == Kind::kFirst) {
        const int64_t body = ops[i + 2].missing;
        ops[op.next].body = body;
        own = op.min == 0 ? 1 : op.min * (body + 1);  // its commas and its end are as many as its items
      }
      op.missing = capped(own + after);
    }
  }
};

JsonSchema JsonSchema::parse(std::string_view schema, const std::string& where) {
  std::string problem;
  const Json json = parse_ordered_json(schema, problem);
  if (json.is_discarded()) fail(ErrorKind::kConfig, where, ": schema: ", problem);
  Compiler compiler{where, {}};
  compiler.any(json, "", 0);
  compiler.add(Kind::kEnd);
  compiler.measure();
  if (compiler.ops[0].missing > kMostBytes)
    compiler.refuse("", "its shortest document has more than ", kMostBytes, " bytes");
  JsonSchema result;
  result.ops_ = std::move(compiler.ops);
  return result;
}

}  // namespace drf::writer
