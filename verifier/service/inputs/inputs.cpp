#include "verifier/service/inputs/inputs.h"

#include <memory>

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::inputs {
namespace {

constexpr std::size_t kBundleFile = 2 * limits::kEvidenceBody;

Result<Bytes> der_of(X509* certificate) {
    const int size = i2d_X509(certificate, nullptr);
    if (size <= 0) return fail(ErrorCode::crypto, "a certificate that cannot be encoded");
    Bytes der(static_cast<std::size_t>(size));
    auto* out = as_writable_uchar(der);
    i2d_X509(certificate, &out);
    return der;
}

Result<std::vector<Bytes>> certificates_in(const std::filesystem::path& path) {
    const auto content = TRY(read_file(path, limits::kTextFile));
    std::vector<Bytes> found;
    if (as_text(content).find("-----BEGIN") == std::string_view::npos) {
        const auto* in = as_uchar(content);
        const CHandle<X509, X509_free> one(d2i_X509(nullptr, &in, static_cast<long>(content.size())));
        if (one) found.push_back(TRY(der_of(one.get())));
    } else {
        const CHandle<BIO, BIO_free> bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
        while (const CHandle<X509, X509_free> one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
            found.push_back(TRY(der_of(one.get())));
        }
    }
    if (found.empty())
        return fail(ErrorCode::malformed,
                    printable(path.string()) + " holds no certificate, neither PEM nor DER");
    return found;
}

}  // namespace

Result<SavedBundle> load_bundle(const std::filesystem::path& file_or_folder) {
    std::error_code error;
    const auto file = std::filesystem::is_directory(file_or_folder, error) ? file_or_folder / "bundle.cbor"
                                                                           : file_or_folder;
    return with_context(decode_saved_bundle(TRY(read_file(file, kBundleFile))), printable(file.string()));
}

Result<std::vector<std::pair<std::string, std::string>>> read_policies(
    const std::filesystem::path& file_or_folder) {
    std::error_code error;
    std::vector<std::filesystem::path> paths{file_or_folder};
    if (std::filesystem::is_directory(file_or_folder, error))
        paths = TRY(files_of(file_or_folder, {".toml"}));
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& path : paths) {
        const auto text = TRY(read_file(path, limits::kTextFile));
        files.emplace_back(path.filename().string(), std::string(as_text(text)));
    }
    return files;
}

Result<judge::PolicySet> load_policies(const std::filesystem::path& file_or_folder) {
    return judge::PolicySet::from_toml(TRY(read_policies(file_or_folder)));
}

Result<std::vector<Bytes>> load_tpm_roots(const std::filesystem::path& folder) {
    std::vector<Bytes> roots;
    for (const auto& path : TRY(files_of(folder, {".pem", ".crt", ".der", ".cer"}))) {
        for (auto& root : TRY(certificates_in(path))) roots.push_back(std::move(root));
    }
    return roots;
}

}  // namespace assay::inputs
