#include "drf/writer/endpoint_address.h"

#include <arpa/inet.h>

#include <string_view>

#include "drf/base/error.h"
#include "drf/base/letters.h"

namespace drf::writer {
namespace {

// Without its port and the brackets of IPv6; "" where there is none.
std::string host_of(const std::string& url) {
  const size_t begin = url.find("://") + 3;
  const std::string host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  if (!host.starts_with('[')) return host.substr(0, host.find(':'));
  const size_t end = host.find(']');
  const bool whole = end != std::string::npos && (end + 1 == host.size() || host[end + 1] == ':');
  return whole ? host.substr(1, end - 1) : host;
}

}  // namespace

void check_address(const std::string& url) {
  constexpr std::string_view kWanted = "wanted http://HOST[:PORT]/v1 or https://...";
  if (url.find('@') != std::string::npos)
    fail(ErrorKind::kConfig,
         "writer.url holds an @ (what stands before it may be a password, so it is not shown), ", kWanted,
         "; name the environment variable with the key in writer.key_env instead");
  const size_t behind = url.find_first_of("?#");
  const std::string shown = behind == std::string::npos ? url : url.substr(0, behind + 1) + "...";
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    fail(ErrorKind::kConfig, "writer.url is \"", shown, "\", ", kWanted);
  if (host_of(url).empty() || url.find_first_of("?# \t\r\n") != std::string::npos)
    fail(ErrorKind::kConfig, "writer.url is \"", shown, "\", ", kWanted, " and nothing behind");
}

bool is_this_machine(const std::string& url) {
  const std::string host = lower(host_of(url));
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1)
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
  return host == "localhost";
}

}  // namespace drf::writer
