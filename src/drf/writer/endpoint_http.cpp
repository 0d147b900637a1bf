#include "drf/writer/endpoint_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>

#include "drf/base/error.h"
#include "drf/writer/endpoint_address.h"

namespace drf::writer {
namespace {

struct EasyFree {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiFree {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

[[noreturn]] void no_memory() { fail(ErrorKind::kResources, "libcurl has no memory for another request"); }

void check(CURLcode code) {
  if (code == CURLE_OUT_OF_MEMORY) no_memory();
  DRF_CHECK(code == CURLE_OK, curl_easy_strerror(code));
}

void check(CURLMcode code) {
  if (code == CURLM_OUT_OF_MEMORY) no_memory();
  DRF_CHECK(code == CURLM_OK, curl_multi_strerror(code));
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Bytes that went either way so far.
int64_t bytes_moved(CURL* easy) {
  curl_off_t up = 0, down = 0;
  long headers = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &headers);
  return up + down + headers;
}

// What libcurl says of a failure. What quotes an address of the environment may quote its password.
std::string words_of(CURLcode code, const std::string& text) {
  const bool quotes =
      text.find('@') != std::string::npos || text.find("nsupported proxy") != std::string::npos;
  if (code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY || quotes)
    return concat(curl_easy_strerror(code),
                  " (is the proxy right that http_proxy, https_proxy or all_proxy names?)");
  return text.empty() ? curl_easy_strerror(code) : text;
}

HttpReply::Failure failure_of(CURLcode code, CURL* easy) {
  using Failure = HttpReply::Failure;
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Failure::kUnreachable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Failure::kInsecure;
    case CURLE_OPERATION_TIMEDOUT: {
      double connected_s = 0;
      curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME, &connected_s);
      // A connection that is used again was connected before.
      return connected_s > 0 || bytes_moved(easy) > 0 ? Failure::kTimeout : Failure::kUnreachable;
    }
    default:
      return Failure::kCut;
  }
}

}  // namespace

// Lives at one place while libcurl holds pointers into it.
struct HttpPool::Transfer {
  std::unique_ptr<CURL, EasyFree> easy;
  size_t tag = 0;
  std::string body;
  HttpReply reply;
  uint64_t most = 0;
  bool no_memory = false;
  int64_t moved = 0;
  double moved_at = now_s();
  char problem[CURL_ERROR_SIZE] = "";

  static size_t take(char* bytes, size_t size, size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const size_t n = size * count;
    if (transfer.reply.body.size() + n > transfer.most) {
      transfer.reply.failure = HttpReply::Failure::kTooLarge;
      return 0;  // ends the transfer
    }
    try {
      transfer.reply.body.append(bytes, n);
    } catch (const std::bad_alloc&) {
      transfer.no_memory = true;
      return 0;  // no exception may pass through libcurl
    }
    return n;
  }
};

struct HttpPool::State {
  std::string url;
  HttpLimits limits;
  std::unique_ptr<curl_slist, ListFree> headers;
  // Destroyed from the last to the first: the handles leave the multi handle before it goes.
  std::unique_ptr<CURLM, MultiFree> multi;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;

  ~State() {
    for (const auto& [easy, transfer] : transfers) curl_multi_remove_handle(multi.get(), easy);
  }

  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) no_memory();
    static_cast<void>(headers.release());
    headers.reset(longer);
  }

  // Whether nothing moved for too long. (libcurl's own limit of speed takes a mean over five seconds.)
  bool is_idle(Transfer& transfer) const {
    const double now = now_s();
    if (const int64_t moved = bytes_moved(transfer.easy.get()); moved != transfer.moved) {
      transfer.moved = moved;
      transfer.moved_at = now;
    }
    return now - transfer.moved_at > limits.idle_s;
  }

  HttpReply reply_of(Transfer& transfer, CURLcode code) const {
    HttpReply reply = std::move(transfer.reply);
    if (transfer.no_memory)
      fail(ErrorKind::kResources, "no memory for a reply of more than ", reply.body.size(),
           " bytes; ask less at once (writer.parallel)");
    if (reply.failure == HttpReply::Failure::kTooLarge) {
      reply.problem = concat("more than ", limits.reply_bytes, " bytes");
    } else if (code != CURLE_OK) {
      reply.failure = failure_of(code, transfer.easy.get());
      reply.problem = words_of(code, transfer.problem);
    }
    if (reply.failure != HttpReply::Failure::kNone) {
      reply.body.clear();
      return reply;
    }
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &reply.status);
    curl_off_t seconds = 0;
    if (curl_easy_getinfo(transfer.easy.get(), CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK)
      reply.retry_after_s = static_cast<double>(seconds);
    return reply;
  }
};

HttpPool::HttpPool(std::string url, const std::string& key, const HttpLimits& limits)
    : state_(std::make_unique<State>()) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  check(ready);
  state_->url = std::move(url);
  state_->limits = limits;
  state_->multi.reset(curl_multi_init());
  if (!state_->multi) no_memory();
  state_->add_header("Content-Type: application/json");
  state_->add_header("Accept: application/json");
  state_->add_header("Expect:");  // no "100 Continue", which some servers never send
  if (!key.empty()) state_->add_header("Authorization: Bearer " + key);
}

HttpPool::~HttpPool() = default;

size_t HttpPool::in_flight() const { return state_->transfers.size(); }

void HttpPool::post(size_t tag, std::string body) {
  auto transfer = std::make_unique<Transfer>();
  transfer->easy.reset(curl_easy_init());
  if (!transfer->easy) no_memory();
  transfer->tag = tag;
  transfer->body = std::move(body);
  transfer->most = state_->limits.reply_bytes;

  CURL* easy = transfer->easy.get();
  const auto milliseconds = [](double s) { return std::max(1L, std::lround(s * 1000)); };
  check(curl_easy_setopt(easy, CURLOPT_URL, state_->url.c_str()));
  // Else the key would go to a proxy elsewhere that knows another "this machine".
  if (is_this_machine(state_->url)) check(curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"));
  check(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"));
  check(curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L));
  check(curl_easy_setopt(easy, CURLOPT_HTTPHEADER, state_->headers.get()));
  check(curl_easy_setopt(easy, CURLOPT_USERAGENT, "drf"));
  check(curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L));  // a signal waits for no name to be looked up
  check(curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)));
  check(curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer->body.size())));
  check(curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body.data()));
  check(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(state_->limits.connect_s)));
  check(curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(state_->limits.total_s)));
  check(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->problem));
  check(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::take));
  check(curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get()));
  state_->transfers.emplace(easy, std::move(transfer));
  if (const CURLMcode code = curl_multi_add_handle(state_->multi.get(), easy); code != CURLM_OK) {
    state_->transfers.erase(easy);
    check(code);
  }
}

std::vector<HttpPool::Finished> HttpPool::wait(double seconds) {
  CURLM* multi = state_->multi.get();
  const int before = static_cast<int>(in_flight());
  int running = 0;
  check(curl_multi_perform(multi, &running));
  if (running == before) {  // nothing finished just now
    check(curl_multi_poll(multi, nullptr, 0, static_cast<int>(std::lround(seconds * 1000)), nullptr));
    check(curl_multi_perform(multi, &running));
  }
  std::vector<Finished> finished;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    curl_multi_remove_handle(multi, easy);  // `message` ends here
    const auto at = state_->transfers.find(easy);
    finished.push_back({at->second->tag, state_->reply_of(*at->second, code)});
    state_->transfers.erase(at);
  }
  for (auto at = state_->transfers.begin(); at != state_->transfers.end();) {
    if (!state_->is_idle(*at->second)) {
      ++at;
      continue;
    }
    std::snprintf(at->second->problem, CURL_ERROR_SIZE, "no byte for %g seconds", state_->limits.idle_s);
    curl_multi_remove_handle(multi, at->first);
    finished.push_back({at->second->tag, state_->reply_of(*at->second, CURLE_OPERATION_TIMEDOUT)});
    at = state_->transfers.erase(at);
  }
  return finished;
}

}  // namespace drf::writer
