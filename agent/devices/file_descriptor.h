#pragma once

#include "files/file_descriptor.h"

/// What `files/` has for system calls, in the agent's words.
namespace assay::agent {

using files::fail_errno;
using files::FileDescriptor;

}  // namespace assay::agent
