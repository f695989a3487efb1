#include "verifier/service/inputs/certificate_files.h"

#include "evidence/base/text.h"
#include "evidence/certificate/pem.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::inputs {
namespace {

template <typename Parsed, auto Parse>
Result<std::vector<Parsed>> read_all(const std::filesystem::path& file, std::string_view type) {
    const auto content = TRY(read_file(file, tcg::kPemFile));
    const auto name = printable(file.string());
    std::vector<Parsed> out;
    for (const auto& der : TRY(with_context(tcg::pem_or_der(content, type), name)))
        out.push_back(TRY(with_context(Parse(der), name)));
    return out;
}

}  // namespace

Result<std::vector<tcg::Certificate>> read_certificates(const std::filesystem::path& file) {
    return read_all<tcg::Certificate, tcg::Certificate::parse>(file, "CERTIFICATE");
}

Result<std::vector<tcg::RevocationList>> read_revocation_lists(const std::filesystem::path& file) {
    return read_all<tcg::RevocationList, tcg::RevocationList::parse>(file, "X509 CRL");
}

}  // namespace assay::inputs
