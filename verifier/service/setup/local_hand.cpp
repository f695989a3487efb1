#include "verifier/service/setup/local_hand.h"

#include <fstream>
#include <limits>

#include <pwd.h>
#include <unistd.h>

namespace assay::setup {

std::string local_hand() {
    constexpr auto kNone = std::numeric_limits<uid_t>::max();
    uid_t login = kNone;
    if (std::ifstream kept("/proc/self/loginuid"); !(kept >> login) || login == kNone) login = ::getuid();
    const auto* entry = ::getpwuid(login);  // NOLINT(concurrency-mt-unsafe): before there are threads
    return "local:" + (entry != nullptr ? std::string(entry->pw_name) : std::to_string(login));
}

}  // namespace assay::setup
