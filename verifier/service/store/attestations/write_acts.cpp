#include "verifier/service/store/attestations/write_acts.h"

#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"

namespace assay::store {

bool is_seal_due(const std::string& host, std::int64_t before, std::int64_t now) {
    constexpr std::int64_t kDay_s = 24LL * 3600;
    constexpr std::int64_t kByte = 256;
    const auto digest = sha256(as_view(host));
    const auto byte = [&](std::size_t at) { return static_cast<std::int64_t>(digest.view()[at]); };
    const auto offset = (byte(0) * kByte * kByte + byte(1) * kByte + byte(2)) % kDay_s;
    return (before + offset) / kDay_s != (now + offset) / kDay_s;
}

void write_acts(soci::session& sql, const Attestation& attestation,
                const std::vector<WrittenDocument>& written) {
    constexpr std::int64_t kSecond_ms = 1000;
    const auto& known = attestation.known_before;
    const auto at = attestation.result.appraised_at;
    const auto act = [&](ActKind kind, const std::string& hand, const std::string& object, const Json& says) {
        return write_act(sql,
                         {.kind = kind,
                          .hand = hand,
                          .subject = "host:" + known.name,
                          .object = object,
                          .document = says.dump()},
                         at * kSecond_ms);
    };
    if (!written.empty()) {
        const auto place =
            act(ActKind::journal_taken, "host:" + known.name, digest_of_written(written),
                {{"documents", written.size()}, {"journal", attestation.next.journal_sequence}});
        mark_site(sql, written, place.number);
    }
    if (const auto& back = known.rolled_back)
        act(ActKind::chain_contradicted, "verifier", back->head.hex(),
            {{"act", back->number}, {"acts", back->size}, {"ours", back->ours ? back->ours->hex() : ""}});
    const bool changed = attestation.conclusion != attestation.conclusion_before;
    if (changed || is_seal_due(known.name, attestation.attested_before, at))
        act(changed ? ActKind::results_changed : ActKind::results_sealed, "verifier", attestation.result_id,
            {{"conclusion", attestation.conclusion},
             {"revision", attestation.revision_before + 1},
             {"tier", to_string(attestation.result.tier)}});
}

}  // namespace assay::store
