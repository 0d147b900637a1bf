// What a build without libcurl says (its source file is compiled into this test).
#include <gtest/gtest.h>

#include "drf/writer/endpoint.h"
#include "tests/support/expect_error.h"

namespace drf::testing {
namespace {

TEST(EndpointAbsent, NamesThePackage) {
  EXPECT_FALSE(writer::have_endpoint());
  writer::EndpointOptions options;
  options.url = "http://host/v1";
  const std::string message = error_of(ErrorKind::kConfig, [&] { writer::open_endpoint(options); });
  EXPECT_TRUE(says(message, "http://host/v1"));
  EXPECT_TRUE(says(message, "libcurl4-openssl-dev"));
  for (const char* url : {"https://me:hush@host/v1", "me:hush@host/v1", "https://host/v1?key=hush"}) {
    options.url = url;
    const std::string refusal = error_of(ErrorKind::kConfig, [&] { writer::open_endpoint(options); });
    EXPECT_TRUE(says(refusal, "writer.url"));
    EXPECT_EQ(refusal.find("hush"), std::string::npos) << refusal;
  }
}

}  // namespace
}  // namespace drf::testing
