#pragma once
// The address of a server, before anybody is asked: what is refused, and who is on this machine.

#include <string>

namespace drf::writer {

/// Throws Error(kConfig) for what is no http(s)://HOST[:PORT][/PATH]. No message shows what may be a secret:
/// an address with an '@' (a name or password before its host), or what stands behind a '?' or '#'.
void check_address(const std::string& url);

/// Whether the host of a checked `url` is this machine, by name or by a loopback address as it is usually
/// written. What goes there crosses no wire.
bool is_this_machine(const std::string& url);

}  // namespace drf::writer
