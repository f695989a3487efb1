#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tests/support/appraisal/evidence_builder.h"

namespace assay::test {

/// A host that reports every five minutes while nothing happens on it: each report has a nonce, times, a TPM
/// clock and signatures of its own, and the sections that move with them.
class SteadyHost {
  public:
    static constexpr std::int64_t kInterval_s = 300;

    explicit SteadyHost(EvidenceBuilder builder = {}) : builder_(std::move(builder)) {}

    EvidenceBuilder& builder() { return builder_; }
    bool unchanging = false;  ///< all other sections are those of the first report

    /// The next report, to a verifier that knows this of the host; keys and name are the builder's.
    AppraisalCase report(const KnownHost& known) {
        ++number_;
        const auto at = kNow + (kInterval_s * number_);
        const auto uptime_ms = static_cast<std::uint64_t>(kInterval_s * number_) * 1000;
        builder_.clock.clock_ms = 5'000'000 + uptime_ms;
        builder_.known = known;
        if (!made_ || !unchanging) made_ = builder_.build();
        auto made = *made_;
        auto& sections = made.bundle.evidence.sections;
        sections[std::string(section::kClock)] = encode_clock_section(
            {.wall_ms = at * 1000, .boottime_ms = uptime_ms + 17, .watch = builder_.heartbeat});
        if (known.journal_sequence != 0) {
            sections[std::string(section::kJournal)] =
                encode_journal_section({known.journal_sequence,
                                        Digest::from_bytes(HashAlgorithm::sha256, known.journal_head).value(),
                                        {}});
        }
        made.bundle.evidence.manifest = manifest_of(builder_.host, builder_.boot_id, sections);
        made.bundle.known_host = known;
        const auto& keys = TestIdentity::get(builder_.ak);
        made.bundle.known_host.ak_public = keys.ak_public;
        made.bundle.known_host.ek_public = keys.ek_public;
        made.bundle.known_host.ek_certificates = {keys.ek_certificate};
        made.bundle.known_host.ak_activated = true;
        made.bundle.known_host.enrolled_at = kNow - 86'400;
        auto& bundle = made.bundle;
        bundle.known_host.name = builder_.host;
        bundle.challenge.nonce = to_bytes(sha256(as_view(builder_.host + std::to_string(number_))).view());
        bundle.challenge.issued_at = at - 5;
        bundle.challenge.expires_at = at + 115;
        bundle.evidence.nonce = bundle.challenge.nonce;
        made.now = at;
        builder_.seal(made);
        return made;
    }

  private:
    EvidenceBuilder builder_;
    std::optional<AppraisalCase> made_;
    std::int64_t number_ = 0;
};

/// What is known of a host after a report, as the store keeps it.
inline KnownHost known_after(KnownHost known, const judge::Appraisal& appraisal) {
    const auto& next = appraisal.next;
    known.last_clock_ms = next.clock_ms;
    known.last_reset_count = next.reset_count;
    known.last_restart_count = next.restart_count;
    known.journal_sequence = next.journal_sequence;
    known.journal_head = next.journal_head;
    known.boot_clock = next.boot_clock;
    known.journal_anchor = next.journal_anchor;
    known.ima = next.ima;
    known.watch = next.watch;
    known.open.reset();
    if (!next.open.empty()) known.open = next.open;
    known.open_more.reset();
    if (next.open_more != 0) known.open_more = next.open_more;
    known.previous = sha256(as_view(encode_occasion(appraisal.result, conclusion_digest(appraisal.result))));
    return known;
}

}  // namespace assay::test
