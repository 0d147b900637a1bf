#include "drf/text/chat_template.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/json.h"
#include "drf/text/jinja_outline.h"
#include "drf/text/tokenizer_folder.h"
#include "drf/text/tokenizer_json.h"

namespace drf::text {
namespace {

using Kind = OutlineStep::Kind;
using Outline = std::vector<OutlineStep>;

constexpr char kStart[] = "<|im_start|>";
constexpr char kSystemStart[] = "<|im_start|>system\n";
constexpr char kEnd[] = "<|im_end|>\n";
constexpr const char* kVideo = ChatTemplate::kVideo;
constexpr char kAnswerStart[] = "<|im_start|>assistant\n";

OutlineStep literal(const char* text) { return {Kind::kLiteral, text}; }
OutlineStep put(const char* text) { return {Kind::kExpression, text}; }
OutlineStep run(const std::string& text) { return {Kind::kStatement, text}; }

// A template for string content: every message in its frame, then the start of the answer.
const Outline& plain_outline() {
  static const Outline kOutline = {run("for message in messages"),
                                   literal("<|im_start|>"),
                                   put("message [ 'role' ]"),
                                   literal("\n"),
                                   put("message [ 'content' ]"),
                                   literal(kEnd),
                                   run("endfor"),
                                   run("if add_generation_prompt"),
                                   literal(kAnswerStart),
                                   run("endif")};
  return kOutline;
}

// A template for content in parts. With `one_end` the end of the message stands once behind both kinds of
// content, as in Qwen3-VL's; else behind each.
Outline parts_outline(bool one_end) {
  Outline outline = {run("for message in messages"),
                     literal("<|im_start|>"),
                     put("message [ 'role' ]"),
                     literal("\n"),
                     run("if message [ 'content' ] is string"),
                     put("message [ 'content' ]"),
                     literal(kEnd),
                     run("else"),
                     run("for content in message [ 'content' ]"),
                     run("if content [ 'type' ] == 'image' or 'image' in content or 'image_url' in content"),
                     literal("<|vision_start|><|image_pad|><|vision_end|>"),
                     run("elif content [ 'type' ] == 'video' or 'video' in content"),
                     literal(kVideo),
                     run("elif 'text' in content"),
                     put("content [ 'text' ]"),
                     run("endif"),
                     run("endfor"),
                     literal(kEnd),
                     run("endif"),
                     run("endfor"),
                     run("if add_generation_prompt"),
                     literal(kAnswerStart),
                     run("endif")};
  if (one_end) {
    const auto end = literal(kEnd);
    outline.erase(std::find(outline.begin(), outline.end(), end));
    const auto last = std::find(outline.begin(), outline.end(), end);
    std::iter_swap(last, last + 1);  // behind the endif of the content's kind
  }
  return outline;
}

// The default system message, where there is one, is cut out before.
const Outline& vision_outline() {
  static const Outline kOutline = parts_outline(/*one_end=*/false);
  return kOutline;
}

const Outline& by_role_outline() {
  static const Outline kOutline = parts_outline(/*one_end=*/true);
  return kOutline;
}

// Puts the branch that is taken in place of "if CONDITION ... endif"; says whether there was one.
bool settle(Outline& outline, const std::string& condition, bool holds) {
  const auto begin = std::find(outline.begin(), outline.end(), run("if " + condition));
  if (begin == outline.end()) return false;
  std::vector<Outline::iterator> marks = {begin};  // its elif, else and endif
  int depth = 0;
  for (auto step = begin; step != outline.end() && (step == begin || depth > 0); ++step) {
    if (step->kind != Kind::kStatement) continue;
    const bool inner = step->text.starts_with("elif ") || step->text == "else";
    if (depth == 1 && (inner || step->text == "endif")) marks.push_back(step);
    depth += step->text.starts_with("if ") ? 1 : step->text == "endif" ? -1 : 0;
  }
  if (depth != 0) return false;
  Outline kept;
  if (holds) {
    kept.assign(begin + 1, marks[1]);
  } else if (marks.size() > 2) {  // what follows the first branch
    kept.assign(marks[1], marks.back() + 1);
    if (kept.front().text == "else") {
      kept.erase(kept.begin());
      kept.pop_back();
    } else {
      kept.front().text.erase(0, 2);  // elif: an if of its own
    }
  }
  const auto rest = outline.erase(begin, marks.back() + 1);
  outline.insert(rest, kept.begin(), kept.end());
  return true;
}

// The text that stands where no system message is given; its three steps are cut out of `outline`.
std::optional<std::string> take_default_system(Outline& outline) {
  if (outline.size() < 4 || outline[1] != run("if loop . first and message [ 'role' ] != 'system'") ||
      outline[2].kind != Kind::kLiteral || outline[3] != run("endif")) {
    return std::nullopt;
  }
  const std::string& text = outline[2].text;
  const size_t frame = std::string(kSystemStart).size() + std::string(kEnd).size();
  if (text.size() < frame || !text.starts_with(kSystemStart) || !text.ends_with(kEnd)) return std::nullopt;
  const std::string system = text.substr(std::string(kSystemStart).size(), text.size() - frame);
  if (system.find("<|im_") != std::string::npos) return std::nullopt;
  outline.erase(outline.begin() + 1, outline.begin() + 4);
  return system;
}

// "" if no file holds a template.
std::string read_template(const std::filesystem::path& folder, std::filesystem::path& file) {
  file = folder / "chat_template.jinja";
  if (is_there(file)) return read_file(file);
  file = folder / "chat_template.json";
  if (is_there(file)) return json_text(read_json(file), "chat_template", file.string());
  file = folder / "tokenizer_config.json";
  if (!is_there(file)) return "";
  const nlohmann::json config = read_json(file);
  const auto& value = json_or_null(config, "chat_template");
  if (value.is_null()) return "";
  if (!value.is_array()) return json_text(config, "chat_template", file.string());
  for (const auto& entry : value) {
    if (json_or_null(entry, "name") == "default") return json_text(entry, "template", file.string());
  }
  fail(ErrorKind::kInput, file, ": of its chat templates none is named 'default'");
}

}  // namespace

ChatTemplate ChatTemplate::without_system() {
  ChatTemplate result;
  result.system_.reset();
  return result;
}

ChatTemplate ChatTemplate::open(const std::filesystem::path& folder, const ChatTemplate& otherwise) {
  std::filesystem::path file;
  const std::string jinja = read_template(folder, file);
  return jinja.empty() ? otherwise : parse(jinja, file.string(), otherwise);
}

ChatTemplate ChatTemplate::parse(std::string_view jinja, const std::string& where,
                                 const ChatTemplate& otherwise) {
  Outline outline = jinja_outline(jinja, where);
  ChatTemplate result = otherwise;
  if (const auto system = take_default_system(outline)) result.system_ = *system;
  // One user's message and no tools: that settles these.
  settle(outline, "tools", false);
  settle(outline, "messages [ 0 ] . role == 'system'", false);
  const bool by_role = settle(outline, "message [ 'role' ] == 'user'", true);
  if (by_role) result.system_.reset();
  const Outline& known = by_role                                   ? by_role_outline()
                         : outline.size() > plain_outline().size() ? vision_outline()
                                                                   : plain_outline();
  for (size_t i = 0; i < std::max(outline.size(), known.size()); ++i) {
    if (i < outline.size() && i < known.size() && outline[i] == known[i]) continue;
    if (i < outline.size() && outline[i].text.starts_with(concat(kAnswerStart, "<think>"))) {
      fail(ErrorKind::kInput, where,
           ": the chat template opens a thought before the answer: what a Thinking model says first is no "
           "answer; use the Instruct model");
    }
    fail(ErrorKind::kInput, where,
         ": the chat template is not one that is known (Qwen2-VL's, Qwen2.5-VL's, Qwen3-VL's, plain ",
         "ChatML): ", i < outline.size() ? concat("'", outline[i].text.substr(0, 80), "'") : "it ends",
         i < known.size() ? concat(" where '", known[i].text, "' was expected") : " where it should end",
         "; replace it by the released model's, or remove it to use the same form without a template");
  }
  return result;
}

std::string ChatTemplate::opening() const {
  return concat(system_ ? concat(kSystemStart, *system_, kEnd) : "", "<|im_start|>user\n");
}

std::string ChatTemplate::prefix() const { return opening() + kVideo; }

std::vector<ChatPiece> ChatTemplate::chat(const std::vector<ChatTurn>& turns) const {
  DRF_CHECK(!turns.empty() && turns.back().role == "user");
  std::vector<ChatPiece> pieces;
  const auto say = [&](const std::string& role, const std::string& text) {
    if (!pieces.empty()) pieces.push_back({"\n", false});
    pieces.push_back({kStart, true});
    pieces.push_back({concat(role, "\n", text), false});
  };
  if (system_ && turns[0].role != "system") {
    say("system", *system_);
    pieces.push_back({end_of_answer(), true});
  }
  for (const ChatTurn& turn : turns) {
    say(turn.role, turn.text);
    pieces.push_back({end_of_answer(), true});
  }
  say("assistant", "");
  return pieces;
}

std::string ChatTemplate::suffix(std::string_view question) const {
  return concat(question, kEnd, kAnswerStart);
}

}  // namespace drf::text
