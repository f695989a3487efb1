#include "verifier/judge/appraisal/facts/boot/known_certificates.h"

#include <algorithm>
#include <array>

#include "evidence/base/text.h"

namespace assay::judge {
namespace {

constexpr std::string_view kMarketplaceRoot = "Microsoft Corporation Third Party Marketplace Root";
constexpr std::string_view kRoot2010 = "Microsoft Root Certificate Authority 2010";
constexpr std::string_view kDevicesRoot2021 = "Microsoft RSA Devices Root CA 2021";

// Microsoft, "Windows Secure Boot Key Creation and Management Guidance" and "Windows Secure Boot certificate
// expiration and CA updates".
constexpr std::array kAll{
    KnownCertificate{"Microsoft Corporation KEK CA 2011", "KEK", 2011,
                     "a1117f516a32cefcba3f2d1ace10a87972fd6bbe8fe0d0b996e09e65d802a503", kMarketplaceRoot,
                     ""},
    KnownCertificate{"Microsoft Windows Production PCA 2011", "db", 2011,
                     "e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961", kRoot2010, ""},
    KnownCertificate{"Microsoft Corporation UEFI CA 2011", "db", 2011,
                     "48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507", kMarketplaceRoot,
                     ""},
    KnownCertificate{"Microsoft Corporation KEK 2K CA 2023", "KEK", 2023,
                     "3cd3f0309edae228767a976dd40d9f4affc4fbd5218f2e8cc3c9dd97e8ac6f9d", kDevicesRoot2021,
                     "Microsoft Corporation KEK CA 2011"},
    KnownCertificate{"Windows UEFI CA 2023", "db", 2023,
                     "076f1fea90ac29155ebf77c17682f75f1fdd1be196da302dc8461e350a9ae330", kRoot2010,
                     "Microsoft Windows Production PCA 2011"},
    KnownCertificate{"Microsoft UEFI CA 2023", "db", 2023,
                     "f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901", kDevicesRoot2021,
                     "Microsoft Corporation UEFI CA 2011"},
    KnownCertificate{"Microsoft Option ROM UEFI CA 2023", "db", 2023,
                     "e5be3e64c6e66a281457ecdece0d6d0787577aad2a3a0144262c10c14ba8d8f1", kDevicesRoot2021,
                     "Microsoft Corporation UEFI CA 2011"},
};

}  // namespace

std::span<const KnownCertificate> known_certificates() {
    return kAll;
}

const KnownCertificate* known_certificate(const Digest& sha256) {
    const auto found = std::ranges::find(kAll, sha256.hex(), &KnownCertificate::sha256);
    return found == kAll.end() ? nullptr : &*found;
}

const KnownCertificate* known_certificate_named(std::string_view name) {
    const auto wanted = lower(name);
    const auto found =
        std::ranges::find_if(kAll, [&](const auto& each) { return lower(each.name) == wanted; });
    return found == kAll.end() ? nullptr : &*found;
}

}  // namespace assay::judge
