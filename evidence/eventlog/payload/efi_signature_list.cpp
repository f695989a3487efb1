#include "evidence/eventlog/payload/efi_signature_list.h"

#include <array>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/certificate_key.h"
#include "evidence/eventlog/payload/efi_structures.h"

namespace assay::tcg {
namespace {

constexpr std::size_t kGuidSize = 16;
constexpr std::size_t kListHeaderSize = 28;
constexpr std::size_t kMaxSignatures = 65'536;
constexpr std::size_t kTimeSize = 16;  // EFI_TIME of a revoked certificate

struct KindRow {
    std::string_view guid;
    SignatureKind kind;
    std::string_view name;
    std::size_t data_size;  // 0: any
};
// UEFI 2.10, 32.4.1
constexpr std::array kKinds{
    KindRow{"a5c059a1-94e4-4aa7-87b5-ab155c2bf072", SignatureKind::x509, "x509", 0},
    KindRow{"826ca512-cf10-4ac9-b187-be01496631bd", SignatureKind::sha1, "sha1", 20},
    KindRow{"c1c41626-504c-4092-aca9-41f936934328", SignatureKind::sha256, "sha256", 32},
    KindRow{"ff3e5307-9fd0-48c9-85f1-8ad56c701e01", SignatureKind::sha384, "sha384", 48},
    KindRow{"093e0fae-a6c4-4f50-9f1b-d41e2b89c19a", SignatureKind::sha512, "sha512", 64},
    KindRow{"3bd2a492-96c0-4079-b420-fcf98ef103ed", SignatureKind::x509_sha256, "x509-sha256",
            32 + kTimeSize},
    KindRow{"7076876e-80c2-4ee6-aad2-28b349a6865b", SignatureKind::x509_sha384, "x509-sha384",
            48 + kTimeSize},
    KindRow{"446dbf63-2502-4cda-bcfa-2465d2b0fe9d", SignatureKind::x509_sha512, "x509-sha512",
            64 + kTimeSize},
    KindRow{"3c5766e8-269c-4e34-aa14-ed776e85b3b6", SignatureKind::rsa2048, "rsa2048", 256},
};

const KindRow* row_of(ByteView guid) {
    const auto text = guid_text(guid);
    for (const auto& row : kKinds) {
        if (row.guid == text) return &row;
    }
    return nullptr;
}

EfiSignatureList one_list(ByteReader& in, std::size_t& signatures_left) {
    EfiSignatureList list;
    const auto start = in.offset();
    list.type = in.bytes(kGuidSize, "SignatureType");
    const std::size_t list_size = in.u32le("SignatureListSize");
    const std::size_t header_size = in.u32le("SignatureHeaderSize");
    const auto size_offset = in.offset();
    const std::size_t size = in.u32le("SignatureSize");
    if (!in.ok()) return list;
    if (list_size < kListHeaderSize || list_size - kListHeaderSize < header_size) {
        in.fail_at(start + kGuidSize, ErrorCode::malformed,
                   fmt::format("SignatureListSize: {} with a header of {}", list_size, header_size));
        return list;
    }
    const auto* row = row_of(list.type);
    if (row != nullptr) list.kind = row->kind;
    const bool fits =
        row != nullptr && row->data_size != 0 ? size == kGuidSize + row->data_size : size > kGuidSize;
    if (!fits) {
        in.fail_at(size_offset, ErrorCode::malformed,
                   fmt::format("SignatureSize: {} for {}", size, to_string(list.kind)));
        return list;
    }
    const auto body = list_size - kListHeaderSize - header_size;
    if (body % size != 0) {
        in.fail_at(start + kGuidSize, ErrorCode::malformed,
                   fmt::format("SignatureListSize: {} bytes of entries of {}", body, size));
        return list;
    }
    in.bytes(header_size, "SignatureHeader");
    const auto count = body / size;
    if (!in.check_count(count, size, signatures_left, "signatures")) return list;
    signatures_left -= count;
    list.signatures.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto owner = in.bytes(kGuidSize, "SignatureOwner");
        list.signatures.push_back({owner, in.bytes(size - kGuidSize, "SignatureData")});
    }
    return list;
}

}  // namespace

std::string_view to_string(SignatureKind kind) {
    for (const auto& row : kKinds) {
        if (row.kind == kind) return row.name;
    }
    return "other";
}

Result<std::vector<EfiSignatureList>> parse_signature_lists(ByteView data) {
    return parse_exact(data, "signature lists", [](ByteReader& in) {
        std::vector<EfiSignatureList> lists;
        auto left = kMaxSignatures;
        while (in.ok() && !in.empty()) lists.push_back(one_list(in, left));
        return lists;
    });
}

bool has_certificate_form(ByteView data) {
    return data.size() > 4 && data[0] == std::byte{0x30} && data[1] == std::byte{0x82} &&
           (std::to_integer<std::size_t>(data[2]) << 8U | std::to_integer<std::size_t>(data[3])) + 4 ==
               data.size();
}

Result<EfiSignature> parse_authority(ByteView data) {
    if (has_certificate_form(data)) return EfiSignature{{}, data};
    return parse_exact(data, "signature", [](ByteReader& in) {
        EfiSignature signature;
        signature.owner = in.bytes(kGuidSize, "SignatureOwner");
        if (in.ok() && in.empty()) in.fail_here(ErrorCode::truncated, "SignatureData: 0 bytes");
        signature.data = in.rest();
        return signature;
    });
}

std::optional<std::string> certificate_subject(ByteView data) {
    if (!has_certificate_form(data) || data.size() > limits::kCertificate) return std::nullopt;
    const auto subject = certificate_subject_name(data);
    if (!subject) return std::nullopt;
    return shortened(printable(*subject), 200);
}

}  // namespace assay::tcg
