#include "verifier/judge/appraisal/facts/boot/secure_boot_facts.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/ek_certificate.h"
#include "evidence/eventlog/payload/efi_variable_content.h"
#include "evidence/eventlog/replay/event_log_facts.h"
#include "evidence/eventlog/replay/secure_boot_keys.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"

namespace assay::judge {
namespace {

using namespace secure_boot_bounds;
using tcg::SignatureKind;

constexpr std::uint32_t kDriversPcr = 2, kApplicationsPcr = 4;  // PFP 1.06, 3.3.4.3 and 3.3.4.5
constexpr std::size_t kSeparatorSize = 4;
constexpr std::size_t kMarkDigits = 32;

std::string stored_text(std::string_view text) {
    return shortened(printable(text), kText);
}

BootCertificate certificate_of(ByteView der) {
    BootCertificate out{.sha256 = sha256(der), .subject = {}, .issuer = {}, .not_after = 0};
    if (der.size() > limits::kCertificate) return out;
    if (const auto parsed = tcg::Certificate::parse(der)) {
        out.subject = stored_text(parsed->subject());
        out.issuer = stored_text(parsed->issuer());
        out.not_after = parsed->not_after();
    }
    return out;
}

std::optional<Digest> sha256_in(ByteView data) {
    constexpr std::size_t kSize = 32;
    if (data.size() < kSize) return std::nullopt;
    const auto digest = Digest::from_bytes(HashAlgorithm::sha256, data.first(kSize));
    return digest ? std::optional(*digest) : std::nullopt;
}

/// One boot's facts, event by event.
class Reading {
  public:
    explicit Reading(const tcg::ReplayedEventLog& log) : log_(log) {}

    SecureBootSeen take() {
        auto& facts = seen_.facts;
        const auto agreement = log_.comparison(tcg::kSecureBootPcr).agreement;
        facts.bank = to_string(log_.bank());
        if (agreement != tcg::PcrAgreement::match) {
            facts.known = BootKnown::not_vouched;
            facts.why =
                fmt::format("PCR 7: expected a boot event log that replays to its quoted value, got: {}",
                            to_string(agreement));
            return std::move(seen_);
        }
        facts.known = BootKnown::quoted;
        facts.enabled = tcg::secure_boot_state(log_).enabled;
        take_keys(tcg::secure_boot_keys(log_));
        for (const auto& event : log_.verified()) take_event(event);
        facts.authorities_whole = separated_ && all_read_ && facts.authorities.size() < kCertificates;
        facts.applications_whole = is_whole(kApplicationsPcr);
        facts.drivers_whole = is_whole(kDriversPcr);
        for (auto& [digest, certificate] : certificates_)
            facts.certificates.push_back(std::move(certificate));
        facts.dbx = sha256(encode_revoked_entries(seen_.revoked));
        return std::move(seen_);
    }

  private:
    [[nodiscard]] bool is_whole(std::uint32_t pcr) const {
        return log_.comparison(pcr).agreement == tcg::PcrAgreement::match &&
               seen_.facts.images.size() < kImages;
    }

    Digest add_certificate(ByteView der) {
        auto digest = sha256(der);
        if (!certificates_.contains(digest)) certificates_.emplace(digest, certificate_of(der));
        return digest;
    }

    void take_keys(const tcg::SecureBootKeys& found) {
        auto& facts = seen_.facts;
        for (const auto& keys : found.keys) {
            if (keys.name == "db") take_list(keys, facts.db);
            if (keys.name == "KEK") take_list(keys, facts.kek);
            if (keys.name == "dbx") take_revoked(keys);
        }
        // What cannot be read may be any of them.
        if (!found.unreadable.empty() || !found.broken.empty())
            facts.db.whole = facts.kek.whole = seen_.revoked.whole = false;
        for (auto* list : {&seen_.revoked.images, &seen_.revoked.certificates}) std::ranges::sort(*list);
    }

    void take_list(const tcg::MeasuredKeys& keys, BootKeys& out) {
        if (out.measured) out.whole = false;  // which of both holds is not known
        out.measured = true;
        for (const auto& list : keys.lists) {
            for (const auto& signature : list.signatures) {
                if (list.kind == SignatureKind::sha1 || list.kind == SignatureKind::sha256 ||
                    list.kind == SignatureKind::sha384 || list.kind == SignatureKind::sha512) {
                    ++out.hashes;
                } else if (list.kind != SignatureKind::x509) {
                    ++out.others;
                } else if (out.certificates.size() == kCertificates) {
                    out.whole = false;
                } else {
                    out.certificates.push_back(add_certificate(signature.data));
                }
            }
        }
    }

    void take_revoked(const tcg::MeasuredKeys& keys) {
        auto& facts = seen_.facts;
        auto& revoked = seen_.revoked;
        if (facts.dbx_measured) revoked.whole = false;
        facts.dbx_measured = true;
        for (const auto& list : keys.lists) {
            facts.dbx_entries += list.signatures.size();
            for (const auto& signature : list.signatures) {
                const bool image = list.kind == SignatureKind::sha256;
                auto& out = image ? revoked.images : revoked.certificates;
                if ((!image && list.kind != SignatureKind::x509) || out.size() == kRevoked) {
                    revoked.whole = false;
                } else if (const auto digest =
                               image ? sha256_in(signature.data) : std::optional(sha256(signature.data))) {
                    out.push_back(*digest);
                }
            }
        }
    }

    void take_event(const tcg::VerifiedEvent& each) {
        if (each.event.pcr == tcg::kSecureBootPcr) return take_authority(each);
        if (each.event.pcr == kDriversPcr || each.event.pcr == kApplicationsPcr) take_image(each);
    }

    // PFP 1.06, 3.3.4.8: an entry of a database is measured when it has let the first image in. Shim does the
    // same with what it let an image in by. Neither the type nor the order among PCRs is under the quote, so
    // what is hidden by a changed type has no data under its digest, and is counted as not read.
    void take_authority(const tcg::VerifiedEvent& each) {
        const auto& [event, digest, data] = each;
        const auto rule = log_.coverage(event).rule;
        const bool slack = rule == tcg::CoverageRule::without_last_byte;
        if (!data || (!is_whole_structure(rule) && !slack)) {
            all_read_ = false;
            return;
        }
        if (data->size() == kSeparatorSize) {
            separated_ = true;
            return;
        }
        const bool claimed = event.unverified_type == tcg::EV_EFI_VARIABLE_AUTHORITY;
        const auto variable =
            slack ? tcg::parse_efi_variable_with_slack(*data) : tcg::parse_efi_variable(*data);
        if (!separated_ && !claimed) {
            // The whole database stands there; one entry of it, under that name, is an authority in disguise.
            if (variable && is_variable(*variable, "db", tcg::kImageSecurityDatabase) &&
                std::holds_alternative<tcg::UnreadContent>(tcg::read_variable_content(*variable, false)))
                all_read_ = false;
            return;
        }
        if (!variable) {
            if (claimed) all_read_ = false;
            return;
        }
        const auto content = tcg::read_variable_content(*variable, true);
        if (const auto* authority = std::get_if<tcg::AuthorityContent>(&content))
            add_authority(variable->name, authority->signature);
        else if (claimed && std::holds_alternative<tcg::UnreadContent>(content))
            all_read_ = false;
    }

    void add_authority(const std::string& variable, const tcg::EfiSignature& signature) {
        auto& all = seen_.facts.authorities;
        if (all.size() == kCertificates) return;
        BootAuthority out{
            .variable = stored_text(variable), .kind = "other", .sha256 = sha256(signature.data)};
        if (tcg::has_certificate_form(signature.data)) {
            out.kind = "certificate";
            out.sha256 = add_certificate(signature.data);
        } else if (const auto image = sha256_in(signature.data); image && signature.data.size() == 32) {
            out.kind = "image";
            out.sha256 = *image;
        }
        all.push_back(std::move(out));
    }

    // Text that is measured explains its digest; what is left is the digest of something that was loaded,
    // whatever type the log gives it.
    void take_image(const tcg::VerifiedEvent& each) {
        const auto& [event, digest, data] = each;
        if (log_.coverage(event).coverage == tcg::DataCoverage::covered) return;
        auto& images = seen_.facts.images;
        if (images.size() == kImages) return;
        const auto& authorities = seen_.facts.authorities;
        BootImage out{.pcr = event.pcr, .digest = to_bytes(digest.view()), .what = {}, .authority = {}};
        const auto load = tcg::parse_image_load_event(event.unverified_data);
        out.what = stored_text(load && !load->file_path.empty() ? load->file_path
                                                                : tcg::describe_unverified_data(event));
        if (authorities.size() > named_ || authorities.size() == 1) out.authority = authorities.size() - 1;
        named_ = authorities.size();
        images.push_back(std::move(out));
    }

    const tcg::ReplayedEventLog& log_;
    SecureBootSeen seen_;
    std::map<Digest, BootCertificate> certificates_;
    bool separated_ = false;
    bool all_read_ = true;
    std::size_t named_ = 0;  // authorities that an image before has
};

}  // namespace

const BootCertificate* SecureBootFacts::certificate(const Digest& sha256) const {
    const auto found = std::ranges::lower_bound(certificates, sha256, {}, &BootCertificate::sha256);
    return found == certificates.end() || found->sha256 != sha256 ? nullptr : &*found;
}

SecureBootSeen secure_boot_seen(const tcg::ReplayedEventLog& log) {
    return Reading(log).take();
}

SecureBootSeen secure_boot_seen(const OpenedEvidence& opened) {
    SecureBootSeen out;
    out.facts.dbx = sha256(encode_revoked_entries(out.revoked));
    const auto& logs = opened.logs();
    out.facts.bank = to_string(logs.bank);
    if (!opened.failure().empty()) {
        out.facts.known = BootKnown::not_vouched;
        out.facts.why = shown(opened.failure());
    } else if (!logs.boot) {
        out.facts.why =
            stored_text("no boot event log: " + opened.sections().why_absent(section::kBootEventLog));
    } else if (logs.basis != Basis::quoted) {
        out.facts.known = BootKnown::not_vouched;
        out.facts.why = "the quote does not vouch for the PCR values that came with it";
    } else {
        return secure_boot_seen(*logs.boot);
    }
    return out;
}

std::string secure_boot_mark(const OpenedEvidence& opened) {
    const auto& logs = opened.logs();
    const auto& manifest = opened.authentication().manifest;
    const auto* entry = manifest ? manifest->find(section::kBootEventLog) : nullptr;
    Hasher hasher(HashAlgorithm::sha256);
    // A new reading of the same evidence has another number here.
    hasher.update(fmt::format("1 {} {} {} {}", to_string(logs.basis), to_string(logs.bank),
                              logs.boot.has_value(), entry != nullptr ? entry->digest.hex() : "-"));
    for (const auto pcr : {kDriversPcr, kApplicationsPcr, tcg::kSecureBootPcr}) {
        const auto& value = logs.values.at(pcr);
        hasher.update(fmt::format(" {}:{}", pcr, value ? value->hex() : "-"));
    }
    return hasher.finish().hex().substr(0, kMarkDigits);
}

}  // namespace assay::judge
