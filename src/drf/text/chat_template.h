#pragma once
// The critic's prompt (docs/questions.md): a prefix that ends with the video, shared by all questions; for
// each question a suffix that ends exactly where the answer starts.
//
// Chat templates are Jinja programs. They are not run here: those that Qwen's critics carry are recognised by
// their structure, whatever their spacing and quotes, and rendered directly; any other is refused.
//   vision   Qwen2-VL and Qwen2.5-VL: content is a string or a list of image, video and text parts; a default
//            system message (any text, it is read from the template) or none
//   by role  Qwen3-VL: a part for tools and one for each role, of which the user's is such a list; no default
//            system message, and none is put in. The Thinking models' are refused: what they say first is no
//            answer.
//   plain    ChatML with string content, for example the tiny critic's

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drf::text {

/// Who says what.
struct ChatTurn {
  std::string role;  ///< "system" (the first one only), "user", "assistant"
  std::string text;
};

/// A stretch of a chat: one of the template's marks ("<|im_start|>"), or what is text and nothing else.
struct ChatPiece {
  std::string text;
  bool is_mark = false;
};

class ChatTemplate {
 public:
  /// A video, by one pad for all its tokens.
  static constexpr char kVideo[] = "<|vision_start|><|video_pad|><|vision_end|>";

  /// The form of docs/questions.md with "You are a helpful assistant." as system message.
  ChatTemplate() = default;
  /// The same without a system message, as Qwen3-VL was released.
  static ChatTemplate without_system();
  /// Reads chat_template.jinja, else chat_template.json, else "chat_template" of tokenizer_config.json (of a
  /// list of templates the one named default), as transformers does; without any, `otherwise`, whose
  /// system message also goes before the question where a template takes one and has none of its own.
  /// Throws Error(kInput) naming the file and the first part that is not known.
  static ChatTemplate open(const std::filesystem::path& folder, const ChatTemplate& otherwise);
  static ChatTemplate open(const std::filesystem::path& folder) { return open(folder, ChatTemplate()); }
  /// `where` stands for the file in messages.
  static ChatTemplate parse(std::string_view jinja, const std::string& where, const ChatTemplate& otherwise);
  static ChatTemplate parse(std::string_view jinja, const std::string& where) {
    return parse(jinja, where, ChatTemplate());
  }

  /// System message and start of the user's: what stands before the videos.
  std::string opening() const;
  /// opening(), and one video as one <|video_pad|> (the caller repeats it).
  std::string prefix() const;
  /// The question, end of the user's message, start of the answer.
  std::string suffix(std::string_view question) const;
  /// Several turns of text up to where the answer starts. Joined it is what the template makes of them; in
  /// pieces, so that what a turn says is never taken for a mark. Without a system turn that of opening() goes
  /// first. The last turn is the user's.
  std::vector<ChatPiece> chat(const std::vector<ChatTurn>& turns) const;
  /// What follows a complete answer.
  std::string end_of_answer() const { return "<|im_end|>"; }

 private:
  std::optional<std::string> system_ = "You are a helpful assistant.";
};

}  // namespace drf::text
