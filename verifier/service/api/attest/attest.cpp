#include "verifier/service/api/attest/attest.h"

#include <algorithm>
#include <iterator>

#include "evidence/base/fault.h"
#include "verifier/judge/appraisal/facts/ima/ima_progress.h"
#include "verifier/judge/appraisal/policy/effective_policy.h"
#include "verifier/service/api/attest/attestation_answer.h"
#include "verifier/service/api/purchase_site.h"
#include "verifier/service/casework/device_grants.h"
#include "verifier/service/casework/device_update.h"
#include "verifier/service/casework/host_news.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/hosts/known_hosts.h"

namespace assay::api {
namespace {

// Only where a decision excepts parts that were there before: else they would be kept for nothing.
Result<> add_seen_components(Service& service, KnownHost& known) {
    const auto excepts = [](const vendors::Ruling& ruling) { return ruling.grandfather.has_value(); };
    if (std::ranges::none_of(service.vendors.rulings(), excepts)) return {};
    known.seen = TRY(store::Parts(service.store).seen_components(known.name));
    // What is not all, or what a bundle cannot hold, excepts nothing.
    constexpr std::size_t kAllThatWereAskedFor = 1000;
    if (known.seen->size() >= kAllThatWereAskedFor || !decode_known_host(encode_known_host(known)))
        known.seen.reset();
    return {};
}

Result<std::vector<WorkSession>> sessions_of(Service& service, const store::Host& host) {
    if (host.none.sessions) return std::vector<WorkSession>();
    auto sessions = TRY(store::WorkSessions(service.store).list({.host = host.known.name}));
    std::ranges::sort(sessions, {}, [](const WorkSession& s) { return std::pair(s.opened_at, s.id); });
    return sessions;
}

/// What was proven stands no more by what is known now: the answer is that to a proof that fails.
std::unexpected<Error> not_proven() {
    return fail(ErrorCode::refused, "the evidence is not proven");
}

/// What it showed of Secure Boot: read only where it is not what the host is remembered with.
store::SeenSecureBoot secure_boot_of(const judge::OpenedEvidence& opened,
                                     const store::RememberedHost* known) {
    const fault::LookAhead decides_no_verdict;
    store::SeenSecureBoot out{.mark = judge::secure_boot_mark(opened)};
    if (known == nullptr || known->secure_boot != out.mark) out.documents = judge::secure_boot_seen(opened);
    return out;
}

/// One appraisal against what is known of the host. `out.attestation` has evidence and challenge, and gets
/// the rest.
store::Written<> attest_once(Service& service, const store::Host& host,
                             const std::optional<ShownBefore>& shown, Attested& out) {
    auto& attestation = out.attestation;
    const auto& evidence = attestation.evidence;
    const auto challenged_at = attestation.challenge.issued_at;
    // Another copy of the verifier, whose clock is ahead, may have issued the challenge.
    const auto now = std::max(service.now(), challenged_at);
    const judge::EffectivePolicy policy(service.policies.of(host.labels), service.vendors, now);
    // The labels that its proof was checked by may have been older ones.
    attestation.challenge.expires_at = challenged_at + policy.get().challenge_lifetime_s;
    if (now >= attestation.challenge.expires_at) return not_proven();
    auto& known = attestation.known_before;
    known = host.known;
    attestation.revision_before = host.revision;
    attestation.told_before = host.told;
    attestation.attested_before = host.attested_at;
    attestation.watched_before_ms = host.watched_until_ms;
    attestation.conclusion_before = host.conclusion;
    const auto* remembered = attestation.remembered.get();
    keep_purchase_site_that_chooses(service, host.labels, known);
    TRY_VOID(add_seen_components(service, known));
    known.unproven = TRY(unproven_of(service.store, service.unproven, host, now));
    attestation.sessions = TRY(sessions_of(service, host));
    known.rolled_back = TRY(rolled_back(service, host, shown));
    // Of no fewer acts than another verifier may have told it a moment ago.
    attestation.told_acts = TRY(store::Acts(service.store).recent(shown ? shown->acts.number : 0));
    const judge::Context context{.challenge = attestation.challenge,
                                 .known_host = known,
                                 .sessions = attestation.sessions,
                                 .vendors = service.vendors,
                                 .tpm_trust = service.tpm_trust,
                                 .policy = policy.get(),
                                 .now = now};
    const auto opened = open_evidence(evidence, context, attestation.held);

    auto devices = TRY(devices_of(service, opened, host, challenged_at, now));
    attestation.devices = std::move(devices.update);
    known.elsewhere = std::move(devices.elsewhere);
    known.present = std::move(devices.present);
    attestation.events = site::events_of(opened, host, service.vendors, challenged_at, now);
    std::ranges::move(TRY(site::statements_of(service, opened, host, challenged_at, now)),
                      std::back_inserter(attestation.events));
    auto judged = TRY(site::judged_now(service, host, attestation.events));
    known.judged = std::move(judged.events);
    attestation.settled = std::move(judged.settled);

    auto compared = TRY(compared_with_before(service, opened, host, remembered, policy.get(), now));
    known.news = std::move(compared.news);
    attestation.boot_of = std::move(compared.boot_of);
    attestation.inventory = std::move(compared.inventory);

    auto appraisal = service.judge(opened, context);
    attestation.result = std::move(appraisal.result);
    attestation.next = std::move(appraisal.next);
    attestation.components = std::move(appraisal.components);
    attestation.quoted = appraisal.quoted;
    if (attestation.next.authentic) attestation.secure_boot = secure_boot_of(opened, remembered);
    const auto names = result_names(attestation.result);
    attestation.result_id = names.id;
    attestation.conclusion = names.conclusion;
    // Signed before the commit, so that what cannot be signed is not stored; it leaves only after the commit.
    attestation.jwt = TRY(signed_ear(service, attestation.result, names, attestation.told_acts));
    out.grants.clear();
    if (attestation.next.authentic)
        out.grants = TRY(device_grants(service, host, attestation.result.boot_id, evidence.nonce));
    out.journal_acknowledged =
        attestation.next.authentic ? attestation.next.journal_sequence : known.journal_sequence;
    out.ima = ima_start(attestation.next.authentic ? attestation.next.ima : known.ima, policy.get());
    return store::Attestations(service.store).add(attestation);
}

}  // namespace

store::Written<Attested> attest(Service& service, ProvenEvidence proven, store::Host host,
                                std::shared_ptr<const store::RememberedHost> remembered,
                                const std::optional<ShownBefore>& shown) {
    Attested out;
    out.attestation.nonce_expires_at = proven.challenge.issued_at + longest_challenge(service.policies);
    out.attestation.evidence = std::move(proven.evidence);
    out.attestation.held = std::move(proven.held);
    out.attestation.challenge = std::move(proven.challenge);
    bool again = false;
    TRY_VOID(site::made_anew([&]() -> store::Written<> {
        if (std::exchange(again, true)) {
            host = TRY(store::Hosts(service.store).find(host.known.name));
            remembered = nullptr;
        }
        if (remembered == nullptr)
            remembered = service.store.known_hosts().find(host.known.name, host.revision, host.told);
        out.attestation.remembered = remembered;
        // Its TPM was exchanged meanwhile: the key that answered for this is nobody's.
        if (host.identity.ak_public != proven.ak_public) return not_proven();
        return attest_once(service, host, shown, out);
    }));
    // What the host delivered before, and is settled, may stand under a session that came only now.
    if (out.attestation.next.authentic)
        TRY_VOID(site::rejudge_under(service, host.known.name, out.attestation.events));
    return out;
}

}  // namespace assay::api
