#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "evidence/eventlog/payload/efi_structures.h"
#include "evidence/eventlog/replay/secure_boot_keys.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

using tcg::SignatureKind;

constexpr std::size_t kDigestSize = 32;

std::optional<Digest> sha256_in(ByteView data) {
    if (data.size() < kDigestSize) return std::nullopt;
    const auto digest = Digest::from_bytes(HashAlgorithm::sha256, data.first(kDigestSize));
    return digest ? std::optional(*digest) : std::nullopt;
}

// "certificate CN=... (sha256 ...)", for people.
std::string entry_text(SignatureKind kind, const tcg::EfiSignature& signature) {
    const auto subject = tcg::certificate_subject(signature.data);
    return fmt::format("{} {}, owner {}", kind == SignatureKind::x509 ? "certificate" : tcg::to_string(kind),
                       subject ? fmt::format("{} (sha256 {})", *subject, sha256(signature.data).hex())
                       : kind == SignatureKind::sha256 ? sha256_in(signature.data).value_or(Digest()).hex()
                                                       : "sha256 " + sha256(signature.data).hex(),
                       tcg::guid_text(signature.owner));
}

class Keys {
  public:
    Keys(const Examined& examined, Judge& judge)
        : logs_(examined.logs),
          policy_(examined.inputs.policy),
          found_(tcg::secure_boot_keys(*logs_.boot, policy_.boot.secure_boot.has_value())),
          judge_(judge) {}

    void judge() {
        judge_modes();
        if (!found_.broken.empty()) judge_.require();  // it may be the one that says setup mode
        for (const auto event : found_.broken)
            unknown("variables of PCR 7 that can be read", "one that is none", place(event));
        const auto& table = policy_.boot.secure_boot;
        if (!table) return judge_.no_answer(NoAnswer::not_asked, "the policy has no table [secure_boot]");
        judge_.require();
        judge_.covered(logs_.basis, found_.keys.size(),
                       fmt::format("{} measured key variables looked at", found_.keys.size()));
        for (const auto event : found_.unreadable)
            unknown("variables of PCR 7 that can be read", "one that cannot be", place(event));
        if (table->names_keys()) judge_keys(*table);
        if (table->dbx_at_least != 0 || !table->revoked.empty()) judge_revocations(*table);
        if (!table->sbat_level_at_least.empty()) judge_sbat(table->sbat_level_at_least);
    }

  private:
    [[nodiscard]] std::string place(std::uint32_t event) const {
        return event_place(logs_.boot->log(), event);
    }
    static std::string pcr_place() { return fmt::format("{}: PCR 7", section::kBootEventLog); }
    [[nodiscard]] About about(std::string subject, std::string evidence) {
        return judge_.about(logs_.basis, std::move(subject), std::move(evidence));
    }
    void unknown(std::string expected, std::string actual, std::string evidence) {
        about("Secure Boot keys", std::move(evidence))
            .report(findings::secure_boot_keys_unknown, Tier::none, std::move(expected), std::move(actual));
    }

    // UEFI 2.10, 32.3: without a PK the machine is in setup mode.
    void judge_modes() {
        const auto tier = policy_.secure_boot_required ? Tier::contraindicated : Tier::warning;
        for (const auto& mode : found_.modes) {
            if (!mode.on || mode.name == "DeployedMode") continue;
            about("Secure Boot", place(mode.event))
                .report(findings::secure_boot_setup_mode, tier, "neither setup nor audit mode",
                        mode.name + " = 1");
        }
        for (const auto& keys : found_.keys) {
            const bool no_key =
                keys.absent || (keys.read && std::ranges::all_of(keys.lists, [](const auto& list) {
                                    return list.signatures.empty();
                                }));
            if (keys.name != "PK" || !no_key) continue;
            about("Secure Boot", place(keys.event))
                .report(findings::secure_boot_setup_mode, tier, "a platform key", "PK is empty");
        }
    }

    void judge_keys(const SecureBootPolicy& table) {
        for (const auto* name : {"PK", "KEK", "db"}) {
            if (!found_.has(name))
                unknown(fmt::format("{} under PCR 7, verified", name), "none", pcr_place());
        }
        for (const auto& keys : found_.keys) {
            if (keys.name == "dbx") continue;
            for (const auto& list : keys.lists) {
                for (const auto& signature : list.signatures) judge_entry(table, keys, list.kind, signature);
            }
        }
    }

    void judge_entry(const SecureBootPolicy& table, const tcg::MeasuredKeys& keys, SignatureKind kind,
                     const tcg::EfiSignature& signature) {
        // Whoever writes a variable names its owner: an owner is only as good as the keys above it.
        if (table.owners.contains(tcg::guid_text(signature.owner))) return;
        if (kind == SignatureKind::x509 && table.certificates.contains(sha256(signature.data))) return;
        const auto image = kind == SignatureKind::sha256 ? sha256_in(signature.data) : std::nullopt;
        if (image && table.images.contains(*image)) return;
        about(keys.name, place(keys.event))
            .report(findings::secure_boot_key_unapproved, Tier::contraindicated,
                    "owners, certificates and images of the policy", entry_text(kind, signature));
    }

    void judge_revocations(const SecureBootPolicy& table) {
        if (!found_.has("dbx")) return unknown("dbx under PCR 7, verified", "none", pcr_place());
        std::set<Digest> revoked;
        std::size_t entries = 0;
        std::uint32_t event = 0;
        for (const auto& keys : found_.keys) {
            if (keys.name != "dbx") continue;
            event = keys.event;
            for (const auto& list : keys.lists) {
                entries += list.signatures.size();
                if (list.kind != SignatureKind::sha256 && list.kind != SignatureKind::x509_sha256) continue;
                for (const auto& signature : list.signatures) {
                    if (const auto digest = sha256_in(signature.data)) revoked.insert(*digest);
                }
            }
        }
        if (entries < table.dbx_at_least) {
            outdated("dbx", fmt::format("at least {} entries", table.dbx_at_least),
                     fmt::format("{} entries", entries), event);
        }
        for (const auto& wanted : table.revoked) {
            if (!revoked.contains(wanted)) outdated("dbx", wanted.hex() + " revoked", "not revoked", event);
        }
    }

    // Of several levels the lowest counts: who wants to be believed shows one.
    void judge_sbat(const std::string& wanted) {
        if (found_.sbat_levels.empty())
            return unknown("SbatLevel under PCR 7, verified", "none", pcr_place());
        const auto lowest = std::ranges::min_element(
            found_.sbat_levels, {}, [](const auto& each) -> const auto& { return each.level.date; });
        if (lowest->level.date >= wanted) return;
        outdated("SBAT level", wanted + " or later",
                 lowest->level.date.empty() ? "the original level" : lowest->level.date, lowest->event);
    }

    void outdated(std::string subject, std::string expected, std::string actual, std::uint32_t event) {
        about(std::move(subject), place(event))
            .report(findings::secure_boot_revocations_outdated, Tier::contraindicated, std::move(expected),
                    std::move(actual));
    }

    const ReplayedLogs& logs_;
    const Policy& policy_;
    tcg::SecureBootKeys found_;
    Judge& judge_;
};

void judge_secure_boot_keys(const Examined& examined, Judge& judge) {
    if (!examined.logs.boot) {
        if (examined.inputs.policy.boot.secure_boot) judge.require();
        return judge.report_absent(examined, section::kBootEventLog);
    }
    Keys(examined, judge).judge();
}

}  // namespace

const Check checks::secure_boot_keys_are_approved{
    .claim = TrustClaim::configuration, .required = false, .judge = judge_secure_boot_keys};

}  // namespace assay::judge
