#include "evidence/base/fault.h"

#include <utility>

namespace assay::fault {
namespace {

#ifdef ASSAY_FAULTS
struct Armed {
    bool on = false;
    std::uint64_t n = 0;
    std::string_view kind;
    Passed passed;
    void (*when_due)(std::string_view) = nullptr;
};
thread_local Armed armed;  // of a test's own thread: what runs beside it is not disturbed
#endif

}  // namespace

#ifdef ASSAY_FAULTS

void arm(std::uint64_t n, std::string_view kind, void (*when_due)(std::string_view)) {
    armed = {.on = true, .n = n, .kind = kind, .passed = {}, .when_due = when_due};
}

Passed disarm() {
    armed.on = false;
    return armed.passed;
}

bool built_in() {
    return true;
}

bool is_due(std::string_view kind) {
    if (!armed.on || !kind.starts_with(armed.kind)) return false;
    const bool due = armed.passed.points++ == armed.n;
    armed.passed.failed |= due;
    if (due && armed.when_due != nullptr) armed.when_due(kind);
    return due;
}

LookAhead::LookAhead() : was_armed_(std::exchange(armed.on, false)) {}

LookAhead::~LookAhead() {
    armed.on = was_armed_;
}

#else

void arm(std::uint64_t /*n*/, std::string_view /*kind*/, void (* /*when_due*/)(std::string_view)) {}

Passed disarm() {
    return {};
}

bool built_in() {
    return false;
}

bool is_due(std::string_view /*kind*/) {
    return false;
}

LookAhead::LookAhead() : was_armed_(false) {}

LookAhead::~LookAhead() = default;

#endif

}  // namespace assay::fault
