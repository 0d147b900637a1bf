#include "drf/base/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "drf/base/error.h"

namespace drf {
namespace {

std::atomic<int> received = 0;  // lock-free, so a handler may touch it
static_assert(std::atomic<int>::is_always_lock_free);
bool exists = false;
struct sigaction old_int, old_term;

extern "C" void on_signal(int number) {
  if (received.exchange(number) != 0) ::_exit(128 + number);
  const char text[] = "\nstopping at the next good moment; once more stops at once\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, sizeof(text) - 1);
}

}  // namespace

Interrupt::Interrupt() {
  DRF_CHECK(!exists, "two Interrupts");
  exists = true;
  received = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // a write in progress is not cut short
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &old_int);
  ::sigaction(SIGTERM, &action, &old_term);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &old_int, nullptr);
  ::sigaction(SIGTERM, &old_term, nullptr);
  received = 0;
  exists = false;
}

int Interrupt::exit_code() const { return received == 0 ? 0 : 128 + received; }

bool interrupted() { return received != 0; }

void stop_if_interrupted() {
  if (const int number = received; number != 0) throw Interrupted(128 + number);
}

}  // namespace drf
