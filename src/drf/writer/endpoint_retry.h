#pragma once
// What becomes of a request after a reply: taken, asked again, given up, or reason to stop asking this server
// at all.

#include <string>

#include "drf/writer/endpoint_http.h"

namespace drf::writer {

enum class Fate {
  kTake,       ///< 2xx, but for those whose error no request can be spared
  kOtherForm,  ///< the server does not take the request's form, or the request is bad: 400, 422, 501
  kAgain,      ///< 408, 425, 429, 5xx, timeouts, connections that are cut
  kGiveUp,     ///< this request alone
  kRefused,  ///< 403: this request (its text is moderated), or all of them (the key may not); not known which
  kStop,     ///< no request can succeed: the key, the address, the model, the certificate, a quota
};

/// `code` is the error code in the reply's body ("insufficient_quota"), "" = none. `reached` says whether the
/// server answered anything before: one that cannot be reached and never could be is not waited for.
Fate fate_of(const HttpReply& reply, const std::string& code, bool reached);

/// What a person reads of a kStop, a kGiveUp or the last kAgain: one line without an end, with the remedy.
/// `says` is the server's own message, "" = none; `key_env` the name of the key's variable, "" = no key.
std::string describe(const HttpReply& reply, const std::string& code, const std::string& says,
                     const std::string& key_env);

}  // namespace drf::writer
