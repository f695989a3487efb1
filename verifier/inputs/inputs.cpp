#include "verifier/inputs/inputs.h"

#include <algorithm>
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
constexpr std::size_t kFilesOfAFolder = 10'000;

Result<std::vector<std::filesystem::path>> files_of(const std::filesystem::path& folder,
                                                    std::initializer_list<std::string_view> endings) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto ending = entry->path().extension().string();
        if (std::ranges::find(endings, ending) == endings.end()) continue;
        if (files.size() == kFilesOfAFolder)
            return fail(ErrorCode::limit, "too many files in " + printable(folder.string()));
        files.push_back(entry->path());
    }
    if (error) {
        return fail(ErrorCode::not_found,
                    fmt::format("reading the folder {}: {}", printable(folder.string()), error.message()));
    }
    std::ranges::sort(files);
    return files;
}

Result<std::vector<vendors::SourceFile>> sources_of(const std::filesystem::path& folder) {
    std::vector<vendors::SourceFile> sources;
    for (const auto& path : TRY(files_of(folder, {".toml"}))) {
        const auto text = TRY(read_file(path, limits::kTextFile));
        sources.push_back({(folder.filename() / path.filename()).string(), std::string(as_text(text))});
    }
    return sources;
}

/// Of a folder that an owner need not have.
Result<std::vector<vendors::SourceFile>> sources_if_any(const std::filesystem::path& folder) {
    std::error_code error;
    if (!std::filesystem::exists(folder, error) && !error) return std::vector<vendors::SourceFile>();
    return sources_of(folder);
}

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

Result<Policy> load_policy(const std::filesystem::path& file) {
    const auto text = TRY(read_file(file, limits::kTextFile));
    return Policy::from_toml(file.filename().string(), as_text(text));
}

Result<vendors::VendorDb> load_vendors(const std::filesystem::path& folder) {
    return vendors::load({TRY(sources_of(folder / "vendors")), TRY(sources_if_any(folder / "lists")),
                          TRY(sources_of(folder / "decisions")), TRY(sources_if_any(folder / "firmware"))});
}

Result<std::vector<Bytes>> load_tpm_roots(const std::filesystem::path& folder) {
    std::vector<Bytes> roots;
    for (const auto& path : TRY(files_of(folder, {".pem", ".crt", ".der", ".cer"}))) {
        for (auto& root : TRY(certificates_in(path))) roots.push_back(std::move(root));
    }
    return roots;
}

}  // namespace assay::inputs
