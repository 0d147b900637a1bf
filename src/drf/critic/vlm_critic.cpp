#include "drf/critic/vlm_critic.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/log.h"
#include "drf/text/chat_template.h"
#include "drf/text/tokenizer.h"

namespace drf::critic {
namespace {

constexpr size_t kMaxQuestionTokens = 65'536;  // docs/security.md; all are asked in one pass

at::Tensor index_tensor(const std::vector<int64_t>& values, at::Device device) {
  return at::tensor(values, at::kLong).to(device);
}

void require_few_tokens(size_t tokens, const questions::QuestionList& questions,
                        const questions::Question& at, const std::string& where) {
  if (tokens <= kMaxQuestionTokens) return;
  fail(ErrorKind::kInput, where, "the ", questions.size(), " questions about one clip have more than ",
       kMaxQuestionTokens, " tokens (at question ", at.id, "); ask fewer at a time");
}

}  // namespace

VlmCritic::VlmCritic(std::unique_ptr<models::VisionLanguage> model, const std::filesystem::path& folder,
                     const CriticOptions& options)
    : options_(options),
      model_(std::move(model)),
      spellings_(yes_no_spellings(model_->tokenizer(), folder.string())) {}

// Clips with fewer frames than are asked for.
void VlmCritic::warn_of_short_clips(int64_t frames) {
  if (options_.frames <= frames || warned_ || options_.device.is_meta()) return;
  warned_ = true;
  log_warning("critic", options_.frames, " frames are asked for, the clip has ", frames,
              ": some are shown more than once");
}

// A <|video_pad|> in a question would be one token more than there are features, an <|im_end|> would end the
// turn: transformers stops at the first and scores something else at the second.
void VlmCritic::check_texts(const questions::QuestionList& questions, const std::string& where) const {
  std::vector<std::string> media;  // whatever the tokenizer calls special
  for (const int64_t id : model_->media_ids()) {
    if (id >= 0 && id < model_->tokenizer().size()) media.push_back(model_->tokenizer().token_of(id));
  }
  for (const questions::Question& question : questions) {
    if (!question.reference.empty() && !is_there(question.reference)) {
      fail(ErrorKind::kInput, where, ": question ", question.id, ": its reference ", question.reference,
           " is not there");
    }
    for (const auto& [what, text] : {std::pair("text", &question.text), {"answer", &question.answer}}) {
      std::string token = model_->tokenizer().special_in(*text);
      for (const std::string& name : media) {
        if (token.empty() && text->find(name) != std::string::npos) token = name;
      }
      if (token.empty()) continue;
      fail(ErrorKind::kInput, where, ": question ", question.id, ": its ", what, " holds '", token,
           "', a special token of the critic, which cannot be asked about; remove it");
    }
  }
  // Said now, not when the clip's turn comes. A token has a byte at least: few bytes need no count.
  size_t bytes = 0, tokens = 0;
  for (const questions::Question& question : questions)
    bytes += model_->chat().suffix(question.text).size() + question.answer.size();
  if (bytes <= kMaxQuestionTokens) return;
  for (const questions::Question& question : questions) {
    tokens += encode(question).suffix.ids.size();
    require_few_tokens(tokens, questions, question, concat(where, ": "));
  }
}

VlmCritic::Encoded VlmCritic::encode(const questions::Question& question) const {
  Encoded encoded;
  encoded.suffix.ids = model_->tokenizer().encode(model_->chat().suffix(question.text));
  const int64_t last = static_cast<int64_t>(encoded.suffix.ids.size()) - 1;
  if (question.kind == questions::Kind::kYesNo) {
    encoded.suffix.wanted = {last};
    return encoded;
  }
  encoded.answer = model_->tokenizer().encode(question.answer);
  if (options_.count_end_token) {
    for (int64_t id : model_->tokenizer().encode(model_->chat().end_of_answer()))
      encoded.answer.push_back(id);
  }
  if (encoded.answer.empty()) fail(ErrorKind::kInput, "question ", question.id, ": its answer has no token");
  // Teacher forcing: the token before each answer token predicts it.
  for (size_t i = 0; i < encoded.answer.size(); ++i) {
    encoded.suffix.wanted.push_back(last + static_cast<int64_t>(i));
    if (i + 1 < encoded.answer.size()) encoded.suffix.ids.push_back(encoded.answer[i]);
  }
  return encoded;
}

/// All questions of a batch by their references, and where each one's answer stands among the rows of logits:
/// those of the first group, then those of the second, ...
struct VlmCritic::Asked {
  std::vector<Group> groups;
  std::vector<int64_t> yes_no_rows, yes_no_target_is_yes, dense_rows, dense_tokens, dense_owner;
  std::vector<double> dense_weight;
  std::vector<std::vector<int64_t>>
      slots;  ///< of each clip's questions: into [yes/no answers, dense answers]
};

VlmCritic::Asked VlmCritic::group(const std::vector<questions::QuestionList>& questions) const {
  Asked out;
  std::vector<std::string> references;  // in the order in which they are first named
  for (const questions::QuestionList& list : questions) {
    out.slots.emplace_back(list.size());
    for (const questions::Question& q : list) {
      if (std::find(references.begin(), references.end(), q.reference) == references.end())
        references.push_back(q.reference);
    }
  }
  int64_t row = 0, dense = 0;
  for (const std::string& reference : references) {
    Group& group = out.groups.emplace_back();
    group.reference = reference;
    for (size_t clip = 0; clip < questions.size(); ++clip) {
      std::vector<models::Suffix> suffixes;
      size_t tokens = 0;
      for (size_t i = 0; i < questions[clip].size(); ++i) {
        const questions::Question& question = questions[clip][i];
        if (question.reference != reference) continue;
        const Encoded encoded = encode(question);
        tokens += encoded.suffix.ids.size();
        require_few_tokens(tokens, questions[clip], question, "");
        suffixes.push_back(encoded.suffix);
        if (question.kind == questions::Kind::kYesNo) {
          out.slots[clip][i] = static_cast<int64_t>(out.yes_no_rows.size());
          out.yes_no_rows.push_back(row++);
          out.yes_no_target_is_yes.push_back(question.answer == "Yes");
          continue;
        }
        out.slots[clip][i] = -1 - dense;
        for (const int64_t token : encoded.answer) {
          out.dense_rows.push_back(row++);
          out.dense_tokens.push_back(token);
          out.dense_owner.push_back(dense);
          out.dense_weight.push_back(1.0 / static_cast<double>(encoded.answer.size()));
        }
        ++dense;
      }
      if (suffixes.empty()) continue;
      group.clips.push_back(static_cast<int64_t>(clip));
      group.asked.push_back(std::move(suffixes));
    }
  }
  // The dense answers stand behind the others.
  const auto first_dense = static_cast<int64_t>(out.yes_no_rows.size());
  for (auto& slots : out.slots) {
    for (int64_t& slot : slots) slot = slot >= 0 ? slot : first_dense - 1 - slot;
  }
  return out;
}

models::Answered VlmCritic::answer(const models::Video& video, const Group& group) {
  std::vector<models::Video> shown;
  if (!group.reference.empty()) shown.push_back(references_.of(group.reference, *model_, options_));
  shown.push_back(video);
  const int64_t clips = video.features_BVD.front().size(0);
  if (static_cast<int64_t>(group.clips.size()) < clips) {
    const at::Tensor rows = index_tensor(group.clips, options_.device);
    for (at::Tensor& feature_BVD : shown.back().features_BVD) feature_BVD = feature_BVD.index_select(0, rows);
  }
  return model_->answer(shown, group.asked);
}

Answers VlmCritic::ask(const at::Tensor& frames_BF3HW, double fps,
                       const std::vector<questions::QuestionList>& questions) {
  DRF_CHECK(frames_BF3HW.size(0) == static_cast<int64_t>(questions.size()));
  warn_of_short_clips(frames_BF3HW.size(1));
  const models::Video video = model_->look(frames_BF3HW, fps);
  const Asked asked = group(questions);
  Answers answers;
  answers.flops = video.flops;
  std::vector<at::Tensor> parts;
  for (const Group& group : asked.groups) {
    const models::Answered answered = answer(video, group);
    parts.push_back(answered.logits_RV);
    answers.flops = answers.flops + answered.flops;
  }
  const at::Tensor logits_RV = parts.size() == 1 ? parts[0] : at::cat(parts);

  const auto pick = [&](const std::vector<int64_t>& v) { return index_tensor(v, frames_BF3HW.device()); };
  std::vector<at::Tensor> values, p_yes;  // the yes/no answers, then the dense ones
  if (!asked.yes_no_rows.empty()) {
    const at::Tensor rows = logits_RV.index_select(0, pick(asked.yes_no_rows));
    const at::Tensor yes = at::logsumexp(rows.index_select(1, pick(spellings_.yes)), 1);
    const at::Tensor no = at::logsumexp(rows.index_select(1, pick(spellings_.no)), 1);
    const at::Tensor target = at::where(pick(asked.yes_no_target_is_yes).to(at::kBool), yes, no);
    values.push_back(target - at::logaddexp(yes, no));
    p_yes.push_back(at::sigmoid(yes - no).detach());
  }
  if (!asked.dense_rows.empty()) {
    const at::Tensor log_p = at::log_softmax(logits_RV.index_select(0, pick(asked.dense_rows)), 1)
                                 .gather(1, pick(asked.dense_tokens).unsqueeze(1))
                                 .squeeze(1);
    const at::Tensor weights = at::tensor(asked.dense_weight, at::kDouble).to(log_p.options());
    const int64_t dense = asked.dense_owner.back() + 1;
    values.push_back(
        at::zeros({dense}, log_p.options()).index_add(0, pick(asked.dense_owner), log_p * weights));
    p_yes.push_back(at::full({dense}, std::numeric_limits<double>::quiet_NaN(), log_p.options()));
  }
  const at::Tensor all = at::cat(values), all_p_yes = at::cat(p_yes);
  for (const std::vector<int64_t>& slots : asked.slots) {
    answers.logprobs.push_back(all.index_select(0, pick(slots)));
    answers.p_yes.push_back(all_p_yes.index_select(0, pick(slots)));
  }
  return answers;
}

}  // namespace drf::critic
