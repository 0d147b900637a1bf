#include "drf/writer/json_schema.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/writer/json_text.h"

namespace drf::writer {
namespace {

// Of an integer: nothing yet, a sign, a zero, or one digit and more.
constexpr uint16_t kSign = 1, kZero = 2, kDigits = 3, kMostDigits = 15;

bool integer_is_whole(uint16_t at) { return at >= kZero; }

bool integer(uint16_t& at, uint8_t byte) {
  if (byte == '-' && at == 0) {
    at = kSign;
  } else if (byte == '0' && at == 0) {
    at = kZero;
  } else if (byte >= '1' && byte <= '9' && at < kZero) {
    at = kDigits;
  } else if (byte >= '0' && byte <= '9' && at >= kDigits && at < kDigits + kMostDigits - 1) {
    ++at;
  } else {
    return false;
  }
  return true;
}

}  // namespace

void JsonSchema::enter(State& state, size_t op) const {
  state.op = static_cast<uint16_t>(op);
  state.at = state.code = 0;
  state.chars = ops_[op].kind == Kind::kText ? ops_[op].max : 0;
}

JsonSchema::State JsonSchema::begin() const {
  State state;
  enter(state, 0);
  return state;
}

bool JsonSchema::step(State& s, uint8_t byte) const {
  while (true) {
    const Op& op = ops_[s.op];
    switch (op.kind) {
      case Kind::kBytes:
        if (static_cast<uint8_t>(op.bytes[s.at]) != byte) return false;
        if (++s.at == op.bytes.size()) enter(s, s.op + 1u);
        return true;
      case Kind::kSpace:  // what follows never begins with a space
        enter(s, s.op + 1u);
        if (byte == ' ') return true;
        break;
      case Kind::kText:
        if (s.at == 0 && byte == '"') {
          enter(s, s.op + 1u);
          return true;
        }
        return json_text_step(s.at, s.code, s.chars, byte);
      case Kind::kChoice: {
        for (const auto& [next, node] : op.choice[s.at].children) {
          if (next != byte) continue;
          s.at = node;
          if (op.choice[node].children.empty()) enter(s, s.op + 1u);
          return true;
        }
        return false;
      }
      case Kind::kInteger:
        if (integer(s.at, byte)) return true;
        if (!integer_is_whole(s.at)) return false;
        enter(s, s.op + 1u);
        break;
      case Kind::kFirst:
        if (byte == ']') {
          if (op.min > 0) return false;
          enter(s, op.next + 1u);
          return true;
        }
        if (op.max == 0) return false;
        s.items[op.depth] = 1;
        enter(s, op.first + 2u);
        break;
      case Kind::kNext:
        if (byte == ',' && s.items[op.depth] < op.max) {
          ++s.items[op.depth];
          enter(s, op.first + 1u);
          return true;
        }
        if (byte != ']' || s.items[op.depth] < op.min) return false;
        s.items[op.depth] = 0;
        enter(s, op.next + 1u);
        return true;
      case Kind::kEnd:
        return false;
    }
  }
}

bool JsonSchema::complete(const State& s) const {
  const Op& op = ops_[s.op];
  return op.kind == Kind::kEnd ||
         (op.kind == Kind::kInteger && integer_is_whole(s.at) && ops_[s.op + 1u].kind == Kind::kEnd);
}

int64_t JsonSchema::missing_bytes(const State& s) const {
  const Op& op = ops_[s.op];
  const auto after = [&](const Op& of) { return (&of + 1)->missing; };
  int64_t missing = 0;
  switch (op.kind) {
    case Kind::kBytes:
      missing = static_cast<int64_t>(op.bytes.size()) - s.at + after(op);
      break;
    case Kind::kText:
      missing = json_text_missing(s.at, s.code) + 1 + after(op);
      break;
    case Kind::kChoice:
      missing = op.choice[s.at].missing + after(op);
      break;
    case Kind::kInteger:
      missing = (integer_is_whole(s.at) ? 0 : 1) + after(op);
      break;
    default:
      missing = op.missing;
  }
  // Each array around it: the items that it must still have, and its end.
  for (const Op* next = &ops_[op.enclosing]; next->kind == Kind::kNext;) {
    const int64_t items = std::max<int64_t>(next->min - s.items[next->depth], 0);
    const Op& behind = *(next + 1);
    missing += items * (1 + next->body) + 1 + behind.missing;
    next = &ops_[behind.enclosing];
  }
  return missing;
}

int32_t JsonSchema::free_text(const State& s) const {
  return ops_[s.op].kind == Kind::kText && s.at == 0 ? s.chars : -1;
}

}  // namespace drf::writer
