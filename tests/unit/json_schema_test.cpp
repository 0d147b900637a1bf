// Schemas as automata and masks of tokens (writer/json_schema.h, token_mask.h): what is written is always a
// document of the schema, and every document can be written.
#include "drf/writer/json_schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "drf/writer/token_mask.h"
#include "tests/support/expect_error.h"

namespace drf::writer {
namespace {

using Json = nlohmann::ordered_json;
using State = JsonSchema::State;
using testing::error_of;
using testing::says;

const char* const kSchemas[] = {
    R"({"type": "string"})",
    R"({"type": "string", "maxLength": 3})",
    R"({"type": "integer"})",
    R"({"type": "boolean"})",
    R"({"const": "h\"\\\u00e9\ud83d\ude00"})",
    R"({"type": "string", "enum": ["Yes", "No", "No idea", "\u00e9"]})",
    R"({"type": "object", "properties": {}})",
    R"({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 5})",
    R"({"type": "array", "items": {"type": "integer"}, "maxItems": 0})",
    R"({"type": "array", "items": {"type": "array", "items": {"type": "array", "items": {"type": "boolean"},
        "minItems": 1}, "minItems": 2, "maxItems": 3}})",
    R"({"type": "object", "additionalProperties": false, "required": ["questions"], "properties": {"questions":
        {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "object", "required": ["b", "text",
        "sure", "n"], "properties": {"text": {"type": "string", "maxLength": 9}, "b": {"enum": ["Yes", "No"]},
        "sure": {"type": "boolean"}, "n": {"type": "integer"}}}}}})",
};

/// What the standard says of the keys that we use, on parsed values: nothing of the automaton's.
bool satisfies(const Json& value, const Json& schema) {
  if (schema.contains("const")) return value == schema["const"];
  if (schema.contains("enum")) {
    const Json& values = schema["enum"];
    return std::find(values.begin(), values.end(), value) != values.end();
  }
  const std::string type = schema["type"];
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "string") {
    if (!value.is_string()) return false;
    int64_t characters = 0;
    for (const char c : value.get<std::string>()) {
      if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) return false;
      characters += (c & 0xc0) != 0x80;
    }
    return !schema.contains("maxLength") || characters <= schema["maxLength"].get<int64_t>();
  }
  if (type == "array") {
    const size_t size = value.size();
    if (!value.is_array() || size < schema.value("minItems", size_t{0}) ||
        size > schema.value("maxItems", size))
      return false;
    return std::all_of(value.begin(), value.end(),
                       [&](const Json& v) { return satisfies(v, schema["items"]); });
  }
  if (!value.is_object() || value.size() != schema["properties"].size()) return false;
  auto property = schema["properties"].begin();
  for (auto item = value.begin(); item != value.end(); ++item, ++property) {
    if (item.key() != property.key() || !satisfies(*item, *property)) return false;
  }
  return true;
}

using Random = std::mt19937;
int64_t draw(Random& random, int64_t below) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(below));
}

/// A document of the schema, in any of its spellings.
std::string random_document(const Json& schema, Random& random) {
  const auto space = [&] { return draw(random, 3) == 0 ? " " : ""; };
  if (schema.contains("const")) return schema["const"].dump();
  if (schema.contains("enum")) return schema["enum"][random() % schema["enum"].size()].dump();
  const std::string type = schema["type"];
  if (type == "boolean") return draw(random, 2) ? "true" : "false";
  if (type == "integer")
    return std::to_string((draw(random, 2) ? 1 : -1) * (draw(random, 200) << draw(random, 40)));
  if (type == "string") {
    const char* const pieces[] = {
        "a",    "Is the cat", " ", "\xc3\xa9",    "\xe2\x82\xac",   "\xf0\x9f\x98\x80", "\\\"",
        "\\\\", "\\/",        "/", "\\u00e9",     "\\uD83d\\uDE00", "\\u0020",          "]",
        "}",    ",",          ":", "\xef\xbf\xbf"};
    const int64_t lengths[] = {1, 10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    std::string text;
    int64_t left = schema.value("maxLength", int64_t{40});
    for (int64_t tries = draw(random, 12); tries-- > 0;) {
      const auto piece = static_cast<size_t>(draw(random, std::size(pieces)));
      if (lengths[piece] > left) continue;
      text += pieces[piece];
      left -= lengths[piece];
    }
    return "\"" + text + "\"";
  }
  std::string text;
  if (type == "array") {
    const int64_t least = schema.value("minItems", 0), most = schema.value("maxItems", least + 3);
    for (int64_t i = least + draw(random, most - least + 1); i > 0; --i)
      text += random_document(schema["items"], random) + (i > 1 ? std::string(",") + space() : "");
    return "[" + text + "]";
  }
  for (const auto& [key, value] : schema["properties"].items()) {
    if (!text.empty()) text += std::string(",") + space();
    text += Json(key).dump() + ":" + space() + random_document(value, random);
  }
  return "{" + text + "}";
}

bool accepts(const JsonSchema& schema, const std::string& document) {
  State state = schema.begin();
  for (const char c : document) {
    if (!schema.step(state, static_cast<uint8_t>(c))) return false;
  }
  return schema.complete(state);
}

/// Every byte, and what joins things that lie apart in a document.
std::vector<std::string> vocabulary() {
  std::vector<std::string> tokens = {"", "<|im_end|>"};
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  for (const char* token : {"Is",
                            " the",
                            "Is the",
                            "cat",
                            "  ",
                            "    ",
                            "\",\"",
                            "\", \"",
                            "\":\"",
                            "\": \"",
                            "\"},{\"",
                            "\"}]}",
                            "\"]",
                            "}]}",
                            "{\"",
                            "[{\"",
                            "\\\"",
                            "\\u",
                            "\\u00",
                            "\\uD8",
                            "u00e9",
                            "\\\\\"",
                            "tru",
                            "true,",
                            "rue",
                            "false",
                            "12",
                            "1,",
                            ",2",
                            ", -",
                            "0,0",
                            "1,2,3,4",
                            "],[",
                            "]],[[",
                            "[[[",
                            "\xc3\xa9",
                            "\xc3\xa9t",
                            "\xe2\x82",
                            "\x82\xac",
                            "\xac\"",
                            "\xf0\x9f",
                            "a\xf0",
                            "\n",
                            " \n",
                            "a\nb",
                            "Yes\"",
                            "Yes\",",
                            "No",
                            " idea",
                            "text",
                            "text\":",
                            "questions",
                            "\"questions\":[{\"",
                            "sure\": ",
                            "n\":",
                            "aaaaaaaaaaaa",
                            "Is",
                            "]",
                            "\",\"",
                            "true,",
                            "<|im_end|>x"})
    tokens.emplace_back(token);
  return tokens;
}
constexpr int64_t kEnd = 1;

const TokenMask& mask() {
  static const TokenMask kMask = [] {
    auto tokens = vocabulary();
    tokens[kEnd] = "";
    return TokenMask(std::move(tokens), {kEnd}, "here");
  }();
  return kMask;
}

class Schemas : public ::testing::TestWithParam<const char*> {
 protected:
  const Json json = Json::parse(GetParam());
  const JsonSchema schema = JsonSchema::parse(GetParam(), "here");
  const std::vector<std::string> tokens = vocabulary();
};

TEST_P(Schemas, ARandomWalkWithAnyLimitEndsInADocumentOfTheSchema) {
  Random random(7);
  std::vector<uint8_t> allowed(tokens.size());
  int ended = 0, cut = 0;
  for (int walk = 0; walk < 300; ++walk) {
    State state = schema.begin();
    int64_t left = std::max<int64_t>(schema.missing_bytes(state), 1) + draw(random, 60);
    std::string text;
    while (left > 0) {
      mask().allow(schema, state, left, allowed.data());
      // Uniform over tokens never leaves a string; half the time it is a token of those that are few.
      std::vector<int64_t> choices;
      for (size_t id = 0; id < allowed.size(); ++id) {
        if (allowed[id] && (walk % 2 == 0 || tokens[id].size() > 1 || id == kEnd || draw(random, 8) == 0))
          choices.push_back(static_cast<int64_t>(id));
      }
      if (choices.empty()) continue;
      const int64_t id = choices[static_cast<size_t>(draw(random, static_cast<int64_t>(choices.size())))];
      --left;
      if (id == kEnd) break;
      text += tokens[static_cast<size_t>(id)];
      mask().take(schema, state, id);
    }
    (left > 0 ? ended : cut) += 1;
    ASSERT_TRUE(schema.complete(state)) << text;
    ASSERT_TRUE(Json::accept(text)) << text;
    ASSERT_TRUE(satisfies(Json::parse(text), json)) << text;
  }
  EXPECT_GT(ended, 0);
}

TEST_P(Schemas, EveryDocumentInEverySpellingAndCutIntoAnyTokensMayBeWritten) {
  Random random(11);
  std::vector<uint8_t> allowed(tokens.size());
  for (int round = 0; round < 300; ++round) {
    const std::string document = random_document(json, random);
    ASSERT_TRUE(accepts(schema, document)) << document;
    State state = schema.begin();
    for (size_t at = 0; at < document.size();) {
      mask().allow(schema, state, 1 << 20, allowed.data());
      std::vector<int64_t> fitting;
      for (size_t id = 2; id < tokens.size(); ++id) {
        if (document.compare(at, tokens[id].size(), tokens[id]) == 0)
          fitting.push_back(static_cast<int64_t>(id));
      }
      for (const int64_t id : fitting)
        ASSERT_TRUE(allowed[id]) << document << " at " << at << ": " << tokens[id];
      const int64_t id = fitting[random() % fitting.size()];
      mask().take(schema, state, id);
      at += tokens[static_cast<size_t>(id)].size();
    }
    mask().allow(schema, state, 1, allowed.data());
    EXPECT_TRUE(allowed[kEnd]);
  }
}

TEST_P(Schemas, TheMaskIsWhatTheAutomatonSaysTokenByToken) {
  Random random(13);
  std::vector<uint8_t> allowed(tokens.size());
  for (int round = 0; round < 40; ++round) {
    const std::string document = random_document(json, random);
    State state = schema.begin();
    for (const char c : document) {
      const int64_t missing = schema.missing_bytes(state);
      const int64_t left = std::max<int64_t>(missing + draw(random, 6), 1);
      bool forbidden = false;
      const bool limited = mask().allow(schema, state, left, allowed.data());
      for (size_t id = 0; id < tokens.size(); ++id) {
        State after = state;
        bool fits = id > kEnd;
        for (size_t i = 0; fits && i < tokens[id].size(); ++i)
          fits = schema.step(after, static_cast<uint8_t>(tokens[id][i]));
        const bool in_time = fits && schema.missing_bytes(after) < left;
        forbidden |= fits && !in_time;
        if (id == kEnd) {
          fits = schema.complete(state);
          ASSERT_EQ(allowed[id], fits);
        } else {
          ASSERT_EQ(allowed[id], in_time) << tokens[id] << " after " << document;
        }
      }
      ASSERT_EQ(limited, forbidden);
      // Bytes: one of them leads nearer to the end, none by two steps.
      int64_t nearest = missing + 1;
      for (int byte = 0; byte < 256; ++byte) {
        State after = state;
        if (schema.step(after, static_cast<uint8_t>(byte)))
          nearest = std::min(nearest, schema.missing_bytes(after));
      }
      if (missing > 0) {
        ASSERT_EQ(nearest, missing - 1) << document;
      }
      ASSERT_EQ(missing == 0, schema.complete(state));
      ASSERT_TRUE(schema.step(state, static_cast<uint8_t>(c)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Schemas, ::testing::ValuesIn(kSchemas));

TEST(JsonText, WhatAStringMayHoldIsWhatTheLibraryReadsButControlCharacters) {
  const JsonSchema schema = JsonSchema::parse(R"({"type": "string"})", "here");
  const auto agree = [&](const std::string& inside) {
    const std::string document = "\"" + inside + "\"";
    // The library takes a NUL for the end of the text.
    bool valid = inside.find('\0') == std::string::npos && Json::accept(document);
    if (valid) {
      const std::string text = Json::parse(document).get<std::string>();
      for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<uint8_t>(text[i]);
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && static_cast<uint8_t>(text[i + 1]) < 0xa0)) valid = false;
      }
    }
    ASSERT_EQ(accepts(schema, document), valid) << document;
  };
  char hex[16];
  for (int i = 0; i < 65'536; ++i) {
    agree({static_cast<char>(i >> 8), static_cast<char>(i)});
    std::snprintf(hex, sizeof(hex), i % 2 ? "\\u%04x" : "\\u%04X", i);
    agree(hex);
  }
  for (int i = 0; i < 256; ++i) agree({static_cast<char>(i)});
  Random random(3);
  for (int i = 0; i < 100'000; ++i) {
    const auto tail = [&] {
      return static_cast<char>(draw(random, 8) ? 0x80 + draw(random, 64) : draw(random, 256));
    };
    agree({static_cast<char>(0xe0 + draw(random, 16)), tail(), tail()});
    agree({static_cast<char>(0xf0 + draw(random, 6)), tail(), tail(), tail()});
    std::snprintf(hex, sizeof(hex), "\\uD%03X\\uD%03X", static_cast<int>(draw(random, 4096)),
                  static_cast<int>(draw(random, 4096)));
    agree(hex);
  }
}

TEST(JsonSchemaDocuments, OtherSpellingsAreNotTaken) {
  const std::pair<int, const char*> cases[] = {
      {0, "\"a"},
      {0, "'a'"},
      {0, "\"a\" "},
      {0, " \"a\""},
      {0, "\"\\n\""},
      {0, "\"a\nb\""},
      {0, "\"\\u000a\""},
      {1, "\"abcd\""},
      {1, "\"\\u0041bcd\""},
      {2, "01"},
      {2, "-"},
      {2, "-0"},
      {2, "1.0"},
      {2, "1e3"},
      {2, "+1"},
      {2, "1234567890123456"},
      {3, "True"},
      {3, "null"},
      {4, "\"h\""},
      {5, "\"Maybe\""},
      {5, "\"No ide\""},
      {5, "\"\\u0059es\""},
      {6, "{ }"},
      {7, "[1]"},
      {7, "[1,2,3,4,5,6]"},
      {7, "[1,  2]"},
      {7, "[ 1,2]"},
      {7, "[1 ,2]"},
      {7, "[1,2,]"},
      {8, "[1]"},
      {9, "[[[true]]]"},
      {10, "{\"questions\":[]}"},
      {10, "{\"questions\":[{\"b\":\"No\",\"text\":\"\",\"sure\":true,\"n\":1}]}"}};
  for (const auto& [schema, document] : cases)
    EXPECT_FALSE(accepts(JsonSchema::parse(kSchemas[schema], "here"), document)) << document;
}

TEST(JsonSchemaDocuments, WhatIsNotSupportedIsRefusedWithItsPlace) {
  const auto refused = [](const char* schema) {
    return error_of(ErrorKind::kConfig, [&] { JsonSchema::parse(schema, "questions.json"); });
  };
  EXPECT_TRUE(says(refused("{"), "questions.json: schema: "));
  EXPECT_TRUE(says(refused("[]"), "wanted an object"));
  EXPECT_TRUE(says(refused("{}"), "has no \"type\""));
  EXPECT_TRUE(says(refused(R"({"type": "number"})"), "\"type\" is \"number\""));
  EXPECT_TRUE(says(refused(R"({"type": ["string", "null"]})"), "\"type\" is [\"string\",\"null\"]"));
  EXPECT_TRUE(says(refused(R"({"type": "string", "pattern": "a"})"), "\"pattern\" is not supported"));
  EXPECT_TRUE(says(refused(R"({"type": "string", "maxLength": -1})"), "\"maxLength\" is -1"));
  EXPECT_TRUE(says(refused(R"({"type": "string", "maxLength": 2.5})"), "\"maxLength\" is 2.5"));
  EXPECT_TRUE(says(refused(R"({"enum": []})"), "/enum: wanted a list"));
  EXPECT_TRUE(says(refused(R"({"enum": ["a", 1]})"), "holds 1"));
  EXPECT_TRUE(says(refused(R"({"enum": ["a", "a"]})"), "twice"));
  EXPECT_TRUE(says(refused(R"({"enum": ["a\n"]})"), "control character"));
  EXPECT_TRUE(says(refused(R"({"type": "string", "const": "a", "maxLength": 3})"), "\"maxLength\" is not"));
  EXPECT_TRUE(says(refused(R"({"type": "integer", "const": 3})"), "for strings"));
  EXPECT_TRUE(says(refused(R"({"type": "integer", "minimum": 3})"), "\"minimum\""));
  EXPECT_TRUE(says(refused(R"({"type": "array"})"), "needs \"items\""));
  EXPECT_TRUE(says(refused(R"({"type": "array", "items": {"type": "x"}})"), "at /items"));
  EXPECT_TRUE(says(
      refused(R"({"type": "array", "items": {"type": "boolean"}, "minItems": 3, "maxItems": 2})"), "above"));
  EXPECT_TRUE(says(refused(R"({"type": "object"})"), "needs \"properties\""));
  EXPECT_TRUE(says(refused(R"({"type": "object", "properties": {"a": {"type": "boolean"}}})"),
                   "at /properties/a: is not in \"required\""));
  EXPECT_TRUE(says(refused(R"({"type": "object", "properties": {}, "required": ["b"]})"), "holds \"b\""));
  EXPECT_TRUE(says(refused(R"({"type": "object", "properties": {}, "required": "b"})"), "wanted a list"));
  EXPECT_TRUE(
      says(refused(R"({"type": "object", "properties": {}, "additionalProperties": true})"), "wanted false"));
  EXPECT_TRUE(says(refused(R"({"type": "object", "properties": {}, "properties": {}})"), "twice"));
  std::string deep = R"({"type": "boolean"})", many = deep;
  for (int i = 0; i < 5; ++i) deep = R"({"type": "array", "items": )" + deep + "}";
  EXPECT_TRUE(says(refused(deep.c_str()), "at /items/items/items/items: more than 4 arrays"));
  for (int i = 0; i < 4; ++i) many = R"({"type": "array", "minItems": 65535, "items": )" + many + "}";
  EXPECT_TRUE(says(refused(many.c_str()), "shortest document"));
  auto tokens = vocabulary();
  tokens[2 + 'q'].clear();
  EXPECT_TRUE(
      says(error_of(ErrorKind::kInput, [&] { TokenMask(tokens, {kEnd}, "tokenizer.json"); }), "byte 113"));
}

}  // namespace
}  // namespace drf::writer
