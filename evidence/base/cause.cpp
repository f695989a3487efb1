#include "evidence/base/cause.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/core.h>

namespace assay {
namespace {

constexpr std::array kCauses{
#define CAUSE(name, id, code, what, known, remedy) CauseRow{id, ErrorCode::code, what, known, remedy},
#include "evidence/base/causes.inc"
#undef CAUSE
};

ErrorCode code_of_errno(int number) {
    switch (number) {
        case ENOENT:
        case ENODEV:
        case ENXIO:
        case ENOTDIR:
        case EOPNOTSUPP:
            return ErrorCode::not_found;
        default:
            return ErrorCode::io;
    }
}

}  // namespace

std::span<const CauseRow> cause_rows() {
    return kCauses;
}

const CauseRow& cause_row(Cause cause) {
    return kCauses.at(static_cast<std::size_t>(cause));
}

Error error_of(Cause cause, std::string_view subject, std::string_view detail) {
    const auto& row = cause_row(cause);
    const auto in_brackets = detail.empty() ? "" : fmt::format(" ({})", detail);
    return {row.code, fmt::format("{}: {}{}; {}", subject, row.what, in_brackets, row.remedy), {}};
}

std::optional<Cause> cause_of_errno(int number) {
    switch (number) {
        case ENOSPC:
            return Cause::disk_full;
        case EDQUOT:
            return Cause::disk_quota;
        case EROFS:
            return Cause::disk_read_only;
        case EIO:
            return Cause::disk_failed;
        case EFBIG:
            return Cause::disk_too_large;
        case EMFILE:
        case ENFILE:
            return Cause::disk_too_many_files;
        case EACCES:
            return Cause::permission_denied;
        case EPERM:
            return Cause::permission_not_allowed;
        default:
            return std::nullopt;
    }
}

Error error_of_errno(int number, std::string_view subject) {
    const auto words = std::generic_category().message(number);
    if (const auto cause = cause_of_errno(number)) return error_of(*cause, subject, words);
    return {code_of_errno(number), fmt::format("{}: {}", subject, words), {}};
}

}  // namespace assay
