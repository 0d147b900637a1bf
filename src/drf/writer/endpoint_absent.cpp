// Stands in for endpoint.cpp and endpoint_http.cpp in a build without libcurl.
#include "drf/base/error.h"
#include "drf/writer/endpoint.h"
#include "drf/writer/endpoint_address.h"

namespace drf::writer {

bool have_endpoint() { return false; }

std::unique_ptr<TextModel> open_endpoint(const EndpointOptions& options) {
  check_address(options.url);
  fail(ErrorKind::kConfig, "writer.url is ", options.url,
       ", but this build cannot ask servers; install libcurl4-openssl-dev and build again, or let the critic "
       "write");
}

}  // namespace drf::writer
