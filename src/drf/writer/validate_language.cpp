#include "drf/writer/validate_language.h"

#include "drf/writer/language.h"

namespace drf::writer {

Tongue tongue_of(const std::string& question, questions::Kind kind, const std::string& prompt) {
  const bool english =
      kind == questions::Kind::kYesNo ? is_english_yes_no(question) : may_be_english(question);
  if (english) return Tongue::kEnglish;
  const bool of_prompt = script_of(question) == script_of(prompt) && !may_be_english(prompt);
  return of_prompt ? Tongue::kOfPrompt : Tongue::kAnother;
}

int64_t check_language(std::vector<Draft>& drafts, const std::vector<std::string>& prompts, Ledger& ledger) {
  int64_t of_prompt = 0;
  drop_where(drafts, ledger, "language", [&](const Draft& draft) -> std::optional<Verdict> {
    const questions::Question& q = draft.question;
    const std::string& prompt = prompts.at(static_cast<size_t>(q.prompt));
    const auto tongue = [&](const std::string& text) { return tongue_of(text, q.kind, prompt); };
    if (tongue(q.text) == Tongue::kAnother) return Verdict{"another language", script_of(q.text)};
    if (!draft.twin.empty() && tongue(draft.twin) == Tongue::kAnother)
      return Verdict{"the twin is in another language", script_of(draft.twin)};
    of_prompt += tongue(q.text) == Tongue::kOfPrompt;
    if (draft.paraphrase.empty() || tongue(draft.paraphrase) != Tongue::kAnother) return std::nullopt;
    return Verdict{
        "the paraphrase is in another language", script_of(draft.paraphrase), {}, Verdict::Part::kParaphrase};
  });
  return of_prompt;
}

}  // namespace drf::writer
