#include "client/lazy_library.h"

#include <stdexcept>

#include <dlfcn.h>

namespace assay::client {

void* library_function(const char* library, const char* name) {
    void* loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    void* found = loaded != nullptr ? dlsym(loaded, name) : nullptr;
    if (found == nullptr) throw std::runtime_error(dlerror());
    return found;
}

}  // namespace assay::client
