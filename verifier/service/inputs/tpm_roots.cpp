#include "verifier/service/inputs/tpm_roots.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/pem.h"
#include "verifier/service/inputs/certificate_files.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::inputs {
namespace {

namespace fs = std::filesystem;

// Why a certificate that can be read is not taken; empty if it is.
std::string objection(const tcg::Certificate& certificate, const std::vector<vendors::TpmRootPin>& pins,
                      const vendors::TpmRootPin* pin) {
    if (pin != nullptr) {
        if (pin->subject == certificate.subject() && pin->not_before == certificate.not_before() &&
            pin->not_after == certificate.not_after())
            return "";
        return fmt::format(
            "its digest is pinned at {}, which says another subject or validity: correct the pin",
            pin->where);
    }
    const auto namesake = std::ranges::find(pins, certificate.subject(), &vendors::TpmRootPin::subject);
    if (namesake != pins.end())
        return fmt::format(
            "not pinned: it has the name of {}'s root pinned at {}, and is another certificate",
            printable(namesake->vendor), namesake->where);
    if (certificate.subject() != certificate.issuer())
        return "not pinned, and no root: another one issued it";
    return "not pinned: nobody decided to trust it";
}

}  // namespace

Result<PinnedRootFiles> read_pinned_roots(const fs::path& file_or_folder) {
    PinnedRootFiles out;
    std::error_code error;
    if (!fs::is_directory(file_or_folder, error)) {
        out.certificates = TRY(read_certificates(file_or_folder));
        return out;
    }
    for (const auto& path : TRY(files_of(file_or_folder, {".pem", ".crt", ".der", ".cer"})))
        std::ranges::move(TRY(read_certificates(path)), std::back_inserter(out.certificates));
    if (fs::exists(file_or_folder / kPinsFile, error)) {
        for (auto& pin : TRY(read_tpm_root_pins(file_or_folder)))
            out.makers.push_back({pin.sha256, std::move(pin.manufacturers)});
    }
    return out;
}

Result<judge::TpmTrust> load_tpm_trust(const fs::path& folder) {
    std::vector<tcg::RevocationList> lists;
    for (const auto& path : TRY(files_of(folder, {".crl"}))) {
        std::ranges::move(TRY(read_revocation_lists(path)), std::back_inserter(lists));
        if (lists.size() > tcg::kRevocationLists) {
            return fail(
                ErrorCode::limit,
                fmt::format("{}: more than {} revocation lists in this folder; take out those of makers "
                            "whose TPMs you do not have",
                            printable(path.string()), tcg::kRevocationLists));
        }
    }
    auto pinned = TRY(read_pinned_roots(folder));
    return judge::TpmTrust(std::move(pinned.certificates), std::move(lists), std::move(pinned.makers));
}

Result<std::vector<vendors::TpmRootPin>> read_tpm_root_pins(const fs::path& file_or_folder) {
    std::error_code error;
    const auto file = fs::is_directory(file_or_folder, error) ? file_or_folder / kPinsFile : file_or_folder;
    const auto text = TRY(read_file(file, limits::kTextFile));
    return vendors::parse_tpm_root_pins(printable(file.string()), as_text(text));
}

Result<std::vector<RootImport>> judge_roots(const fs::path& file,
                                            const std::vector<vendors::TpmRootPin>& pins) {
    const auto content = TRY(read_file(file, tcg::kPemFile));
    std::vector<RootImport> out;
    const auto blocks = tcg::pem_or_der(content, "CERTIFICATE");
    if (!blocks) {
        out.emplace_back().file = file.string();
        out.back().why_not = describe(blocks.error());
        return out;
    }
    for (const auto& block : *blocks) {
        RootImport import;
        import.file = file.string();
        const auto certificate = tcg::Certificate::parse(block);
        if (!certificate) {
            import.why_not = describe(certificate.error());
            out.push_back(std::move(import));
            continue;
        }
        import.subject = certificate->subject();
        import.sha256 = certificate->sha256();
        const auto pin = std::ranges::find(pins, *import.sha256, &vendors::TpmRootPin::sha256);
        import.why_not = objection(*certificate, pins, pin == pins.end() ? nullptr : &*pin);
        if (import.why_not.empty()) {
            import.pin = *pin;
            import.der = certificate->der();
        }
        out.push_back(std::move(import));
    }
    return out;
}

}  // namespace assay::inputs
