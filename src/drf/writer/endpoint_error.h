#pragma once
// What a server says went wrong, in the shapes that servers have for it. No network here.

#include <optional>
#include <string>

namespace drf::writer {

struct ChatError {
  std::string says;   ///< as the server wrote it; "" = nothing
  std::string code;   ///< "insufficient_quota"
  std::string param;  ///< the part of the request that it is about: "temperature"; "" where it does not say
  long status = 0;    ///< what the code means in HTTP, for errors that come with 200; 0 = unknown
};
/// The message in an error's body; its beginning where it is none that we know.
ChatError read_chat_error(const std::string& body);

/// Why the body of a 2xx is no chat completion: an error that some servers send with 200 (routers, of limits
/// and of what they do not have), a page of something else. Nothing if it is one, whatever its answer.
std::optional<ChatError> why_no_completion(const std::string& body);

}  // namespace drf::writer
