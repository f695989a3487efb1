#include "verifier/service/casework/fleet_secure_boot.h"

#include <utility>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "verifier/judge/appraisal/facts/boot/known_certificates.h"
#include "verifier/judge/appraisal/facts/standing/silence.h"
#include "verifier/service/store/attestations/secure_boot.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {
namespace {

using Facts = std::map<std::string, judge::SecureBootFacts>;

const judge::BootCertificate* shown_certificate(const Facts& all, const Digest& sha256) {
    for (const auto& [digest, facts] : all) {
        if (const auto* found = facts.certificate(sha256)) return found;
    }
    return nullptr;
}

Result<AskedRevocation> asked_revocation(const std::string& asked, const Facts& all) {
    constexpr std::size_t kSize = 32;
    AskedRevocation out;
    const auto* known = judge::known_certificate_named(asked);
    const auto bytes = from_hex(known != nullptr ? std::string(known->sha256) : lower(asked), kSize);
    const auto digest = bytes ? Digest::from_bytes(HashAlgorithm::sha256, *bytes)
                              : Result<Digest>(std::unexpected(bytes.error()));
    if (!digest) {
        std::string names;
        for (const auto& each : judge::known_certificates())
            names += fmt::format("{}'{}'", names.empty() ? "" : ", ", each.name);
        return fail(ErrorCode::usage,
                    fmt::format("if_revoked: expected 64 hex digits (the SHA-256 of a certificate or of an "
                                "image) or one of {}, got '{}'",
                                names, printable(asked)));
    }
    out.revocation.sha256 = *digest;
    known = judge::known_certificate(*digest);
    const auto* shown = shown_certificate(all, *digest);
    out.revocation.certificate = known != nullptr || shown != nullptr;
    if (known != nullptr) {
        out.name = known->name;
        out.revocation.issuer = known->issuer;
    } else if (shown != nullptr) {
        out.name = shown->subject;
        out.revocation.issuer = shown->issuer;
    }
    return out;
}

HostKnown known_of(const judge::SecureBootFacts& facts) {
    switch (facts.known) {
        case judge::BootKnown::quoted:
            return HostKnown::quoted;
        case judge::BootKnown::no_log:
            return HostKnown::no_log;
        case judge::BootKnown::not_vouched:
            break;
    }
    return HostKnown::not_vouched;
}

}  // namespace

std::string_view to_string(HostKnown known) {
    switch (known) {
        case HostKnown::quoted:
            return "quoted";
        case HostKnown::no_log:
            return "no-log";
        case HostKnown::not_vouched:
            return "not-vouched";
        case HostKnown::never_attested:
            return "never-attested";
        case HostKnown::not_kept:
            break;
    }
    return "not-kept";
}

Result<FleetSecureBoot> fleet_secure_boot(Service& service, const std::optional<std::string>& model,
                                          const std::optional<std::string>& if_revoked) {
    FleetSecureBoot out;
    store::SecureBoot secure_boot(service.store);
    // The hosts before the documents: what a report adds meanwhile is then there, too.
    const auto rows = TRY(secure_boot.hosts());
    std::map<std::string_view, const store::HostSecureBoot*> by_host;
    for (const auto& row : rows) by_host.emplace(row.host, &row);
    const auto facts = TRY(secure_boot.facts());
    std::map<std::string, judge::RevokedEntries> revoked;
    if (if_revoked) {
        out.asked = TRY(asked_revocation(*if_revoked, facts));
        revoked = TRY(secure_boot.revoked());
    }
    const auto models = TRY(secure_boot.models());
    const auto standing = [&](const store::HostSecureBoot& row) -> const BootStanding* {
        const std::pair key(row.facts, if_revoked ? row.revoked : std::string());
        if (const auto known = out.boots.find(key); known != out.boots.end()) return &known->second;
        const auto found = facts.find(row.facts);
        if (found == facts.end()) return nullptr;
        const auto& of = found->second;
        BootStanding boot{.number = out.boots.size(),
                          .facts = of,
                          .db = key_years(of, of.db),
                          .kek = key_years(of, of.kek),
                          .missing = missing_successors(of)};
        if (out.asked) {
            const auto entries = revoked.find(row.revoked);
            boot.after = after_revocation(of, entries == revoked.end() ? nullptr : &entries->second,
                                          out.asked->revocation);
        }
        return &out.boots.emplace(key, std::move(boot)).first->second;
    };
    const auto now = service.now();
    for (const auto& contact : TRY(store::Hosts(service.store).contacts())) {
        FleetHost host{.host = contact.host, .model = {}, .attested_at = contact.attested_at};
        if (const auto found = models.find(contact.host); found != models.end()) host.model = found->second;
        if (model && host.model != *model) continue;
        // What it showed with another TPM before says nothing of what it is now.
        if (contact.attested_at != 0 && contact.attested_at >= contact.enrolled_at) {
            host.known = HostKnown::not_kept;
            host.silent = judge::is_silence(service.policies.of(contact.labels), contact.attested_at, now);
            const auto row = by_host.find(contact.host);
            if (row != by_host.end()) host.boot = standing(*row->second);
            if (host.boot != nullptr) {
                host.known = known_of(host.boot->facts);
                host.since = row->second->since;
            }
        }
        out.hosts.push_back(std::move(host));
    }
    return out;
}

}  // namespace assay::api
