#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "evidence/base/result.h"

/// Why something outside of Assay failed, in words of one table: causes.inc.
namespace assay {

/// One enumerator a line of the table.
enum class Cause : std::uint8_t {
#define CAUSE(name, id, code, what, known, remedy) name,
#include "evidence/base/causes.inc"
#undef CAUSE
};

struct CauseRow {
    std::string_view id;  ///< stable: "connection.refused"
    ErrorCode code;
    std::string_view what;    ///< what happened, a main clause
    std::string_view known;   ///< how that is known
    std::string_view remedy;  ///< what to do
};

/// In the order of the table, which is that of the enumerators.
std::span<const CauseRow> cause_rows();
const CauseRow& cause_row(Cause cause);

/// "subject: what happened (detail); what to do". `detail` may be empty; both must be printable.
Error error_of(Cause cause, std::string_view subject, std::string_view detail = "");

/// The row that says what this errno means for a file; nothing for one that is no matter of the disk or of
/// permission.
std::optional<Cause> cause_of_errno(int number);

/// The error of a system call: by that row where there is one, else "subject: the system's words". `subject`
/// must be printable: "writing /var/lib/assay/assay.db".
Error error_of_errno(int number, std::string_view subject);

}  // namespace assay
