#include "evidence/certificate/pem.h"

#include <memory>
#include <span>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "evidence/base/c_handle.h"

namespace assay::tcg {
namespace {

struct FreeOpenSsl {
    template <typename T>
    void operator()(T* octets) const {
        OPENSSL_free(octets);
    }
};

}  // namespace

Result<std::vector<Bytes>> pem_or_der(ByteView content, std::string_view type) {
    if (as_text(content).find("-----BEGIN ") == std::string_view::npos)
        return std::vector<Bytes>{to_bytes(content)};
    if (content.size() > kPemFile)
        return fail(ErrorCode::limit, "a PEM file of " + std::to_string(content.size()) + " bytes");
    const CHandle<BIO, BIO_free> in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
    std::vector<Bytes> found;
    for (;;) {
        char* name = nullptr;
        char* header = nullptr;
        unsigned char* data = nullptr;
        long size = 0;
        if (!in || PEM_read_bio(in.get(), &name, &header, &data, &size) != 1) break;
        const std::unique_ptr<char, FreeOpenSsl> owned_name(name), owned_header(header);
        const std::unique_ptr<unsigned char, FreeOpenSsl> owned(data);
        if (type != name) continue;
        if (found.size() == kPemBlocks)
            return fail(ErrorCode::limit,
                        "more than " + std::to_string(kPemBlocks) + " PEM blocks: split the file");
        found.push_back(to_bytes(std::as_bytes(std::span(data, static_cast<std::size_t>(size)))));
    }
    const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!ended) return fail(ErrorCode::malformed, "a PEM block that is cut or not base64");
    if (found.empty()) return fail(ErrorCode::malformed, "no PEM block of type " + std::string(type));
    return found;
}

}  // namespace assay::tcg
