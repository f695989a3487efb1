#pragma once

namespace assay::client {

/// The function `name` of a shared library, which is loaded now if it was not before, for the rest of the
/// process. What most commands do not need costs them milliseconds at their start where it is linked.
/// Throws std::runtime_error where the library is not installed. (docs/adr/0020)
void* library_function(const char* library, const char* name);

}  // namespace assay::client
