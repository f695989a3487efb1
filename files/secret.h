#pragma once

#include <string>
#include <string_view>

#include "evidence/base/result.h"

/// Passwords and tokens. What stands on a command line every user of the machine can read in the list of
/// processes, and the shell keeps it; so each secret option has a sibling that names a file.
namespace assay::files {

/// The name that stands for standard input.
inline constexpr std::string_view kStdin = "-";

/// Where a secret may come from, in this order.
struct SecretSources {
    std::string_view option;  ///< "--token", for errors
    std::string_view given;   ///< the option's value; empty: not given
    std::string_view file;    ///< the value of `option`-file: a file's name, or "-"; empty: not given
    std::string_view
        credential;  ///< its name below $CREDENTIALS_DIRECTORY (systemd.exec(5)), where that is set
};

/// The secret; empty where no source has one. `usage` where option and file are both given.
Result<std::string> secret_of(const SecretSources& sources);

/// The first line of a file or of standard input, without its end; a terminal does not show it. `usage` where
/// it is empty or has a NUL, `limit` above 4096 bytes.
Result<std::string> read_secret(std::string_view file_or_stdin);

}  // namespace assay::files
