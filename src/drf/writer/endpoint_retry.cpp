#include "drf/writer/endpoint_retry.h"

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/printable.h"

namespace drf::writer {
namespace {

using Failure = HttpReply::Failure;

constexpr size_t kShownBytes = 200;  // of what the server says

bool is_out_of_quota(const std::string& code) {
  return code == "insufficient_quota" || code == "billing_hard_limit_reached";
}

// Servers that moderate say so of the one request: "content_filter", "content_policy_violation",
// "moderation".
bool is_about_the_text(const std::string& code) {
  return code.find("content_filter") != std::string::npos ||
         code.find("content_policy") != std::string::npos || code.find("moderation") != std::string::npos;
}

std::string remedy(long status, const std::string& code, const std::string& key_env) {
  if (is_out_of_quota(code)) return "; the account has no credit left: add some, or ask another server";
  if (code == "model_not_found") return "; correct writer.model";
  switch (status) {
    case 401:
      return key_env.empty()
                 ? "; it wants a key: name the environment variable that holds it in writer.key_env"
                 : "; it does not take the key in " + key_env + ": set the right one";
    case 402:
      return "; the account has no credit left: add some, or ask another server";
    case 403:
      return key_env.empty() ? "; it may want a key (writer.key_env), or serve this machine not at all"
                             : "; the key in " + key_env + " may not use this model: correct one of them";
    case 404:
      return "; correct writer.url (it mostly ends in /v1) or writer.model";
    case 405:
      return "; nothing there takes chat completions: correct writer.url (it mostly ends in /v1)";
    case 407:
      return "; the proxy wants a password: set it in https_proxy";
    default:
      return status / 100 == 3
                 ? "; it sends us elsewhere, where the key is not taken along: set writer.url to "
                   "the address that it means"
                 : "";
  }
}

}  // namespace

Fate fate_of(const HttpReply& reply, const std::string& code, bool reached) {
  switch (reply.failure) {
    case Failure::kNone:
      break;
    case Failure::kUnreachable:
    case Failure::kInsecure:
      return reached ? Fate::kAgain : Fate::kStop;
    case Failure::kTooLarge:
      return Fate::kGiveUp;
    case Failure::kTimeout:
    case Failure::kCut:
      return Fate::kAgain;
  }
  if (is_out_of_quota(code) || code == "model_not_found") return Fate::kStop;
  if (is_about_the_text(code)) return Fate::kGiveUp;
  if (reply.status / 100 == 2) return Fate::kTake;
  switch (reply.status) {
    case 400:
    case 422:
    case 501:
      return Fate::kOtherForm;
    case 401:
    case 402:
    case 404:
    case 405:
    case 407:
      return Fate::kStop;
    case 403:
      return Fate::kRefused;
    case 408:
    case 425:
    case 429:
      return Fate::kAgain;
    default:
      if (reply.status >= 500) return Fate::kAgain;
      return reply.status / 100 == 3 ? Fate::kStop : Fate::kGiveUp;
  }
}

std::string describe(const HttpReply& reply, const std::string& code, const std::string& says,
                     const std::string& key_env) {
  switch (reply.failure) {
    case Failure::kNone:
      return concat("answers ", reply.status,
                    says.empty() ? "" : " (" + printable(trimmed(says), kShownBytes) + ")",
                    remedy(reply.status, code, key_env));
    case Failure::kUnreachable:
      return concat("cannot be reached: ", reply.problem, "; start the server, or correct writer.url");
    case Failure::kInsecure:
      return concat("cannot be trusted: ", reply.problem,
                    "; correct writer.url (http or https?), or install the server's certificate authority");
    case Failure::kTimeout:
      return concat("does not answer in time: ", reply.problem, "; ask less of it at once (writer.parallel)");
    case Failure::kCut:
      return concat("breaks off: ", reply.problem);
    case Failure::kTooLarge:
      return concat("answers with ", reply.problem);
  }
  return "";
}

}  // namespace drf::writer
