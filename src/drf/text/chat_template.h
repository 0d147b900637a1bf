#pragma once
// TEMPORARY stand-in by the lead until the text helper's version lands.
#include <filesystem>
#include <string>
namespace drf::text {
struct ChatTemplate {
  static ChatTemplate open(const std::filesystem::path&) { return {}; }
  std::string prefix() const { return "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n<|vision_start|><|video_pad|><|vision_end|>"; }
  std::string suffix(const std::string& q) const { return q + "<|im_end|>\n<|im_start|>assistant\n"; }
  std::string end_of_answer() const { return "<|im_end|>"; }
};
}
