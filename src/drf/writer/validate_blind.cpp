#include "drf/writer/validate_blind.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/writer/ask_critic.h"

namespace drf::writer {
namespace {

constexpr int64_t kGraySide = 112;

double blind_weight(double p) {
  if (!(p > kBlindSure)) return 1;
  return std::max(kBlindLeastWeight, std::round(100 * (1 - p) / (1 - kBlindSure)) / 100);
}

bool is_asked(const Draft& draft) {
  return draft.question.kind == questions::Kind::kYesNo && draft.question.reference.empty();
}

}  // namespace

at::Tensor gray_clip(int64_t frames, at::ScalarType dtype, at::Device device) {
  return at::full({frames, 3, kGraySide, kGraySide}, 0.5, at::TensorOptions(dtype).device(device));
}

void check_blind(std::vector<Draft>& drafts, critic::Critic& critic, const at::Tensor& gray_F3HW, double fps,
                 Ledger& ledger) {
  std::vector<const Draft*> asked;
  for (const Draft& draft : drafts)
    if (is_asked(draft)) asked.push_back(&draft);
  const std::vector<Answered> answers =
      ask_critic(critic, gray_F3HW, fps, asked, "asking before a gray clip");
  size_t i = 0;
  std::vector<Draft> kept;
  for (Draft& draft : drafts) {
    if (!is_asked(draft)) {
      kept.push_back(std::move(draft));
      continue;
    }
    const Answered p = answers[i++];
    const bool stated = draft.question.aspect == questions::Aspect::kTA;
    std::map<std::string, double> numbers = {{"p_blind", p.question}};
    if (!draft.twin.empty()) numbers["p_blind_twin"] = p.twin;
    // A yes of a stated fact, be it the question's or that of the twin of a denied one.
    const double stated_yes = draft.question.answer == "Yes" ? p.question : p.twin;
    if (stated && stated_yes >= kBlindCertain) {
      ledger.add(draft, "blind", {"certain without the clip", "", numbers});
      continue;
    }
    // A twin that is not asked may be, once who asks it has fallen.
    const double own = blind_weight(p.question), other = draft.twin.empty() ? 1 : blind_weight(p.twin);
    draft.question.weight *= own;
    draft.twin_weight *= other;
    if (own < 1 || (other < 1 && draft.asks_twin()))
      ledger.add(draft, "blind", {"nearly certain without the clip", "", numbers}, /*kept=*/true);
    kept.push_back(std::move(draft));
  }
  drafts = std::move(kept);
}

}  // namespace drf::writer
