#pragma once

#include <string>

namespace assay::setup {

/// Who acts on the machine itself, as acts name them: "local:" and the login, which stays through `sudo`
/// where the system keeps it.
std::string local_hand();

}  // namespace assay::setup
