#include "verifier/judge/appraisal/facts/standing/journal_standing.h"

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/tpm/journal_index.h"
#include "evidence/tpm/key/signature.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"
#include "verifier/judge/appraisal/steps/bind.h"

namespace assay::judge {
namespace {

using State = JournalStanding::State;

// A submission is full where another record might not have found room: agents stop below limits::kSection.
constexpr std::size_t kFullBytes = 11U << 20U;

Result<tcg::NvCertification> certified(const Context& in, const Digest& binding, ByteView attest,
                                       ByteView signature, const tcg::NvPublic& index,
                                       std::string_view what) {
    const auto key = TRY(attestation_key(in.known_host.ak_public));
    const auto parsed_signature = TRY(with_context(tcg::parse_signature(signature), what));
    const auto verdict = key->verify.verify(attest, parsed_signature);
    if (verdict != tcg::SignatureVerdict::valid) {
        return fail(ErrorCode::refused,
                    fmt::format("{}: its signature is {}", what, tcg::to_string(verdict)));
    }
    auto out = TRY(with_context(tcg::parse_nv_certification(attest), what));
    if (!equal(binding.view(), out.extra_data))
        return fail(ErrorCode::refused, fmt::format("{}: made for another challenge or manifest", what));
    if (out.index_name != tcg::written_name(index))
        return fail(ErrorCode::refused, fmt::format("{}: of an index of another kind", what));
    if (out.offset != 0 || out.contents.size() != index.size)
        return fail(ErrorCode::refused, fmt::format("{}: not of the whole index", what));
    return out;
}

Result<JournalAnchor> shown_anchor(const Context& in, const Digest& binding, const JournalProof& proof) {
    const auto counter = TRY(certified(in, binding, proof.counter_attest, proof.counter_signature,
                                       tcg::kJournalCounterIndex, "the certified counter"));
    ByteReader number(counter.contents);
    const auto count = number.u64be("counter");
    if (proof.value_attest.empty()) {
        // A counter that did not move says that nothing was extended since: the value is what it was.
        const auto& known = in.known_host.journal_anchor;
        if (known && known->counter == count) return *known;
        return fail(ErrorCode::refused,
                    fmt::format("the value is not certified, and the counter stands at {}{}", count,
                                known ? fmt::format(", not at {} as before", known->counter) : ""));
    }
    const auto value = TRY(certified(in, binding, proof.value_attest, proof.value_signature,
                                     tcg::kJournalValueIndex, "the certified value"));
    const auto digest = TRY(Digest::from_bytes(HashAlgorithm::sha256, value.contents));
    return JournalAnchor{digest, count};
}

std::string text(const JournalAnchor& anchor) {
    return fmt::format("value {}, counter {}", anchor.value.hex(), anchor.counter);
}

class Standing {
  public:
    Standing(const Evidence& evidence, const Context& in, const Digest& binding, const BoundClaims& claims)
        : evidence_(evidence), in_(in), binding_(binding), claims_(claims) {
        const auto& known = in.known_host;
        start_ = {known.journal_sequence,
                  Digest::from_bytes(HashAlgorithm::sha256, known.journal_head).value_or(Digest{})};
        out_.through = start_;
        out_.anchor = known.journal_anchor;
    }

    JournalStanding run() {
        if (!claims_.journal) return ends(State::none);
        const auto renewal = newest_anchor_record();
        if (!evidence_.journal_proof) return without_proof(renewal);
        const auto shown = shown_anchor(in_, binding_, *evidence_.journal_proof);
        if (!shown) {
            out_.expected = "both indices, certified by this host's attestation key for this challenge";
            out_.actual = describe(shown.error());
            return ends(State::invalid);
        }
        if (in_.known_host.journal_anchor && fits(0, *in_.known_host.journal_anchor, *shown))
            return std::move(out_);
        if (renewal) {
            const auto& [at, anchor] = *renewal;
            if (fits(at, anchor, *shown)) {
                if (!in_.known_host.journal_anchor) return std::move(out_);
                out_.expected = "the indices that vouched before";
                out_.actual = fmt::format("indices set up anew before record {}", start_.sequence + at + 1);
                return ends(State::renewed);
            }
        }
        out_.actual = text(*shown);
        if (out_.expected.empty()) out_.expected = "a record that says from where on the TPM vouches";
        return ends(State::rewritten);
    }

  private:
    struct Renewal {
        std::size_t at;  // index of the record
        JournalAnchor anchor;
    };

    JournalStanding ends(State state) {
        if (state != State::anchored && state != State::behind && state != State::incomplete &&
            state != State::unanchored) {
            out_.through = start_;
            out_.anchor = in_.known_host.journal_anchor;
        }
        out_.state = state;
        return std::move(out_);
    }

    [[nodiscard]] std::optional<Renewal> newest_anchor_record() const {
        const auto& records = claims_.journal_records;
        for (std::size_t i = records.size(); i-- > 0;) {
            const auto& record = records[i].record;
            if (record && record->kind == DeviceEventKind::anchor)
                return Renewal{i, {.value = Digest{}, .counter = *record->counter}};
        }
        return std::nullopt;
    }

    JournalStanding without_proof(const std::optional<Renewal>& renewal) {
        if (in_.known_host.journal_anchor) {
            out_.expected = "both indices, certified";
            out_.actual = "nothing";
            return ends(State::missing);
        }
        // From the anchor's record on only the TPM's word counts: it waits for it.
        const auto count = renewal ? renewal->at : claims_.journal_records.size();
        out_.through = place(count);
        if (!renewal) out_.through = {claims_.journal->head_sequence, claims_.journal->head};
        return ends(State::unanchored);
    }

    // The place after the first `count` records.
    [[nodiscard]] JournalPlace place(std::size_t count) const {
        if (count == 0) return start_;
        return {start_.sequence + count, claims_.journal_records[count - 1].digest};
    }

    [[nodiscard]] bool is_full() const {
        std::size_t bytes = 0;
        for (const auto& record : claims_.journal->records) bytes += record.size();
        return claims_.journal->records.size() == limits::kJournalRecords || bytes > kFullBytes;
    }

    // Whether the TPM held `anchor` before record `from`, and some records later holds what it shows. The
    // newest such place is taken.
    bool fits(std::size_t from, JournalAnchor anchor, const JournalAnchor& shown) {
        const auto& records = claims_.journal_records;
        bool found = false;
        for (auto i = from;; ++i) {
            if (anchor == shown) {
                found = true;
                out_.through = place(i);
                out_.anchor = anchor;
                out_.state = i == records.size() ? State::anchored : State::behind;
                out_.expected = fmt::format("record {} in the TPM", start_.sequence + records.size());
                out_.actual = fmt::format("records up to {} in the TPM", out_.through.sequence);
            }
            if (i == records.size()) break;
            anchor = {tcg::extended(anchor.value, records[i].digest), anchor.counter + 1};
        }
        if (found) return true;
        out_.expected = text(anchor);
        if (shown.counter <= anchor.counter || !is_full()) return false;
        out_.expected =
            fmt::format("{} records", start_.sequence + records.size() + shown.counter - anchor.counter);
        out_.actual = fmt::format("{} records", start_.sequence + records.size());
        out_.through = place(records.size());
        out_.anchor = anchor;
        out_.state = State::incomplete;
        return true;
    }

    const Evidence& evidence_;
    const Context& in_;
    const Digest& binding_;
    const BoundClaims& claims_;
    JournalPlace start_;
    JournalStanding out_;
};

}  // namespace

JournalStanding standing_of(const Evidence& evidence, const Context& context, const Digest& binding,
                            const BoundClaims& claims) {
    return Standing(evidence, context, binding, claims).run();
}

}  // namespace assay::judge
