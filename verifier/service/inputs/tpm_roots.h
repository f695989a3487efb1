#pragma once

#include <filesystem>
#include <vector>

#include "evidence/certificate/ek_certificate.h"
#include "vendor-db/load/tpm_roots.h"
#include "verifier/judge/appraisal/facts/standing/tpm_trust.h"

/// Roots of TPM makers: which are pinned, and which are there.
namespace assay::inputs {

/// The name of the pins' file in a folder of roots.
inline constexpr std::string_view kPinsFile = "pins.toml";

struct PinnedRootFiles {
    std::vector<tcg::Certificate> certificates;  ///< what is trusted: every certificate there
    std::vector<tcg::RootMakers> makers;         ///< by the pins.toml beside them, where there is one
};
/// A folder of *.pem, *.crt, *.der and *.cer, or one such file. Errors name the file.
Result<PinnedRootFiles> read_pinned_roots(const std::filesystem::path& file_or_folder);

/// What the owner believes of the makers of TPMs: a folder of roots, with the pins.toml beside them, and
/// revocation lists in *.crl, PEM or DER, of any of the makers. Errors name the file.
Result<judge::TpmTrust> load_tpm_trust(const std::filesystem::path& folder);

/// A file of pins, or the pins.toml in a folder.
Result<std::vector<vendors::TpmRootPin>> read_tpm_root_pins(const std::filesystem::path& file_or_folder);

/// What became of one certificate that was to be imported.
struct RootImport {
    std::string file;     ///< where it was read
    std::string subject;  ///< empty where it could not be read
    std::optional<Digest> sha256;
    std::optional<vendors::TpmRootPin> pin;  ///< accepted by it
    std::string why_not;                     ///< empty if accepted
    Bytes der;                               ///< of an accepted one
};
/// Each certificate in a PEM or DER file: accepted if its digest is pinned, else with the reason. Not for a
/// file that cannot be read, which is an error.
Result<std::vector<RootImport>> judge_roots(const std::filesystem::path& file,
                                            const std::vector<vendors::TpmRootPin>& pins);

}  // namespace assay::inputs
