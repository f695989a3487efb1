#pragma once

#include <string>
#include <utility>
#include <vector>

#include "evidence/base/byte_writer.h"
#include "tests/support/builders/event_log_builder.h"
#include "tests/support/builders/payload_builder.h"
#include "tests/support/certificates/certificate_builder.h"

namespace assay::test {

/// DER of a certificate that signs itself, with this common name.
inline Bytes boot_certificate(const std::string& name, const std::string& issuer = {}) {
    auto spec = CertificateSpec::ca(name, issuer.empty() ? name : issuer);
    return make_certificate(spec, shared_key(Key::p256), shared_key(Key::p256), nullptr);
}

/// An image that a boot loads, and what lets it in.
struct LoadedImage {
    std::string path;
    Bytes authority;           ///< certificate or hash of db; empty: no event names one
    std::string image = path;  ///< what its digest is of
    std::uint32_t pcr = 4;
    std::string variable = "db";
};

/// A boot under Secure Boot, event by event as EDK2 and shim measure it.
struct SecureBootLog {
    bool enabled = true;
    std::vector<Bytes> db, kek;  ///< certificates, DER
    std::vector<Bytes> revoked;  ///< SHA-256 hashes
    std::vector<LoadedImage> loaded;
    bool with_separator = true;

    static Bytes authority_event(const LoadedImage& image) {
        const auto entry = ByteWriter().bytes(guid(kOwnerGuid)).bytes(image.authority).take();
        const bool shims = image.variable != "db";
        return efi_variable_of(shims ? kShimLockGuid : kImageDatabaseGuid, image.variable,
                               shims ? image.authority : entry);
    }

    [[nodiscard]] EventLogBuilder log() const {
        using namespace assay::tcg;
        const auto lists = [](std::string_view type, const std::vector<Bytes>& entries) {
            ByteWriter out;  // one list for each, as certificates differ in size
            for (const auto& entry : entries) out.bytes(signature_list(type, {entry}));
            return out.take();
        };
        EventLogBuilder out;
        out.startup_locality(3);
        out.add(0, EV_S_CRTM_VERSION, utf16le("1.0"));
        out.secure_boot(enabled);
        out.add(7, EV_EFI_VARIABLE_DRIVER_CONFIG, efi_variable("PK", lists(kX509Guid, kek)));
        out.add(7, EV_EFI_VARIABLE_DRIVER_CONFIG, efi_variable("KEK", lists(kX509Guid, kek)));
        out.add(7, EV_EFI_VARIABLE_DRIVER_CONFIG,
                efi_variable_of(kImageDatabaseGuid, "db", lists(kX509Guid, db)));
        out.add(7, EV_EFI_VARIABLE_DRIVER_CONFIG,
                efi_variable_of(kImageDatabaseGuid, "dbx",
                                revoked.empty() ? Bytes() : signature_list(kSha256Guid, revoked)));
        out.add(4, EV_EFI_ACTION, to_bytes("Calling EFI Application from Boot Option"sv));
        for (std::uint32_t pcr = 0; pcr < 8; ++pcr) {
            if (pcr != 7 || with_separator) out.add(pcr, EV_SEPARATOR, Bytes(4));
        }
        for (const auto& image : loaded) {
            if (!image.authority.empty()) out.add(7, EV_EFI_VARIABLE_AUTHORITY, authority_event(image));
            out.add(image.pcr,
                    image.pcr == 4 ? EV_EFI_BOOT_SERVICES_APPLICATION : EV_EFI_BOOT_SERVICES_DRIVER,
                    image_load_event(image.path), to_bytes(image.image));
        }
        out.add(5, EV_EFI_ACTION, to_bytes("Exit Boot Services Invocation"sv));
        out.add(5, EV_EFI_ACTION, to_bytes("Exit Boot Services Returned with Success"sv));
        return out;
    }
};

}  // namespace assay::test
