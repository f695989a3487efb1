#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace assay {

/// Why something could not be processed. A *judgement* about evidence is never an Error: it is a Finding.
enum class ErrorCode : std::uint8_t {
    malformed,    ///< the bytes are not what their format says
    truncated,    ///< the bytes end before the format does
    limit,        ///< a size, count or depth is above the limit that stands before the allocation
    unsupported,  ///< well formed, and of a kind that this version does not process
    not_found,    ///< no such file, host, key, table entry
    refused,      ///< no permission, or the other side said no
    conflict,     ///< contradicts what is stored and must not change
    io,           ///< the operating system or the network failed
    tpm,          ///< the TPM answered with an error
    crypto,       ///< a key or signature could not be used (a signature that does not verify is a judgement)
    usage,        ///< the caller's arguments or configuration are wrong
    internal,     ///< a defect in Assay itself
};

/// The stable name of a code as it appears in JSON: "malformed", "truncated", ...
std::string_view to_string(ErrorCode code);

/// What went wrong, for a person: `context` names the file or field, the place and the remedy.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string context;
    std::optional<std::size_t>
        offset;  ///< bytes from the start of the input, where the error is a place in bytes

    bool operator==(const Error&) const = default;
};

/// "context (malformed at byte 12)": one line, without a newline.
std::string describe(const Error& error);

template <typename T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string context,
                                   std::optional<std::size_t> offset = {}) {
    return std::unexpected(Error{code, std::move(context), offset});
}

/// Puts `outer` before what is already said: "reading boot-event-log: event 3: digest count".
template <typename T>
Result<T> with_context(Result<T> result, std::string_view outer) {
    if (!result) result.error().context = std::string(outer) + ": " + result.error().context;
    return result;
}

}  // namespace assay

/// The value of a Result, or returns its error. Never within braces of an initialiser: lint try_in_braces.
#define TRY(expression)                                                           \
    __extension__({                                                               \
        auto&& try_result_ = (expression);                                        \
        if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
        std::move(try_result_).value();                                           \
    })

/// For a Result<void>, or a Result whose value is not wanted.
#define TRY_VOID(expression)                                                      \
    do {                                                                          \
        auto&& try_result_ = (expression);                                        \
        if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
    } while (false)
