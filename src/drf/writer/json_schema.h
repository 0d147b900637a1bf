#pragma once
// A JSON schema as an automaton over bytes: which byte may come next in a document that satisfies it, whether
// the document is whole, and how it ends soonest. What is accepted is what token_mask.h lets a model write.
//
// Of JSON Schema: "object" (all of its "properties" are "required", in their order, and no others), "array"
// ("items", "minItems", "maxItems"), "string" ("maxLength" in characters; or "enum" or "const" of strings),
// "integer", "boolean". Everything else is refused: a schema that is read in part promises what is not held.
//
// Of a document's spellings: no white space but one space after each ':' and ',', as models write it without
// indentation. Strings hold valid UTF-8 and no control characters, however they are spelt; what may stand
// behind a backslash is a quote, a backslash, a slash, and uXXXX (twice for what lies beyond U+FFFF). The
// values of "enum" and "const" are spelt without needless escapes. Integers have at most 15 digits, which any
// reader holds exactly.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drf::writer {

class JsonSchema {
 public:
  static constexpr int kMaxArrays = 4;  ///< one inside another

  /// Throws Error(kConfig) naming `where`, the place in the schema ("/properties/questions/items"), what is
  /// there and what is wanted.
  static JsonSchema parse(std::string_view schema, const std::string& where);

  /// How far a document has come. Made by begin(), moved by step().
  struct State {
    uint16_t op = 0;                          ///< of the program
    uint16_t at = 0;                          ///< within the op
    uint16_t code = 0;                        ///< of a \uXXXX, as far as it is there
    int32_t chars = 0;                        ///< that the string may still take
    std::array<int32_t, kMaxArrays> items{};  ///< of each array that is open
    bool operator==(const State&) const = default;
  };
  State begin() const;
  /// Takes one more byte. False: it cannot stand here, and `state` is not to be used again.
  bool step(State& state, uint8_t byte) const;
  /// Nothing is missing. (More may still be possible after a number that is the whole document.)
  bool complete(const State& state) const;
  /// The least number of bytes after which it is complete. From every state that steps reach there is a byte
  /// that lowers this by one, but for 0.
  int64_t missing_bytes(const State& state) const;

  /// How many more characters a string takes that stands between two of them; -1 where nothing of the kind is
  /// being written.
  int32_t free_text(const State& state) const;

 private:
  enum class Kind : uint8_t { kBytes, kSpace, kText, kChoice, kInteger, kFirst, kNext, kEnd };
  /// One of several texts, none the beginning of another.
  struct ChoiceNode {
    std::vector<std::pair<uint8_t, uint16_t>> children;  ///< none: here one of the texts ends
    int64_t missing = 0;
  };
  struct Op {
    Kind kind = Kind::kEnd;
    std::string bytes;               ///< kBytes
    std::vector<ChoiceNode> choice;  ///< kChoice
    int32_t min = 0, max = 0;        ///< items, or characters
    uint16_t depth = 0;              ///< of the array
    uint16_t first = 0, next = 0;    ///< of the array: its two ops
    uint16_t enclosing = 0;          ///< the kNext of the array around it, or the kEnd
    int64_t missing = 0;             ///< from here to `enclosing`, at least
    int64_t body = 0;                ///< kNext: of one item
  };
  struct Compiler;
  JsonSchema() = default;
  void enter(State& state, size_t op) const;
  bool text(State& state, uint8_t byte) const;
  std::vector<Op> ops_;
};

}  // namespace drf::writer
