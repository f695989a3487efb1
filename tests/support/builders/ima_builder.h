#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/byte_writer.h"
#include "evidence/base/digest.h"

namespace assay::test {

/// Writes a binary IMA list entry by entry, and extends a PCR 10 per bank as the kernel does.
class ImaBuilder {
  public:
    Digest pcr10_sha1 = Digest::filled(HashAlgorithm::sha1, std::byte{0});
    Digest pcr10_sha256 = Digest::filled(HashAlgorithm::sha256, std::byte{0});

    static Bytes field(ByteView data) {
        return ByteWriter().u32le(static_cast<std::uint32_t>(data.size())).bytes(data).take();
    }
    static Bytes digest_field(ByteView digest, std::string_view algorithm = "sha256:") {
        return field(ByteWriter().text(algorithm).u8(0).bytes(digest).take());
    }
    static Bytes path_field(std::string_view path) { return field(ByteWriter().text(path).u8(0).take()); }

    /// `pcr` other than 10 does not extend the two values.
    ImaBuilder& entry(std::string_view name, ByteView data, std::uint32_t pcr = 10) {
        return written(name, data, hash(HashAlgorithm::sha1, {data}), hash(HashAlgorithm::sha256, {data}),
                       pcr);
    }
    ImaBuilder& file(std::string_view path, std::string_view content) {
        const auto data =
            ByteWriter().bytes(digest_field(sha256(as_view(content)).view())).bytes(path_field(path)).take();
        return entry("ima-ng", data);
    }
    ImaBuilder& violation(std::string_view path) {
        const auto data = ByteWriter().bytes(digest_field(Bytes(32))).bytes(path_field(path)).take();
        extend_with(Digest::filled(HashAlgorithm::sha1, std::byte{0xff}),
                    Digest::filled(HashAlgorithm::sha256, std::byte{0xff}));
        append("ima-ng", data, Digest::filled(HashAlgorithm::sha1, std::byte{0}), 10);
        return *this;
    }
    /// Its own SHA-1 digest is not that of its data; the SHA-256 bank was extended with the data.
    ImaBuilder& edited(std::string_view path) {
        const auto data =
            ByteWriter().bytes(digest_field(sha256(as_view(path)).view())).bytes(path_field(path)).take();
        return written("ima-ng", data, hash(HashAlgorithm::sha1, {as_view("other data")}),
                       hash(HashAlgorithm::sha256, {data}), 10);
    }
    [[nodiscard]] const Bytes& bytes() const { return out_.view(); }

  private:
    ImaBuilder& written(std::string_view name, ByteView data, const Digest& sha1, const Digest& sha256,
                        std::uint32_t pcr) {
        if (pcr == 10) extend_with(sha1, sha256);
        append(name, data, sha1, pcr);
        return *this;
    }
    void extend_with(const Digest& sha1, const Digest& sha256) {
        pcr10_sha1 = extend(pcr10_sha1, sha1);
        pcr10_sha256 = extend(pcr10_sha256, sha256);
    }
    void append(std::string_view name, ByteView data, const Digest& sha1, std::uint32_t pcr) {
        out_.u32le(pcr).bytes(sha1.view()).bytes(field(as_view(name))).bytes(field(data));
    }
    ByteWriter out_;
};

}  // namespace assay::test
