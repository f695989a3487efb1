#include "agent/commands/doctor_tpm.h"

#include <fmt/core.h>

#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "evidence/tpm/key/credential.h"
#include "evidence/tpm/quote.h"

namespace assay::agent {
namespace {

using TpmState = Ailment::State;

constexpr std::string_view kTrial = "assay-agent doctor: a trial, no";
static_assert(kTrial.size() < kNonceSize);

Bytes trial_data() {
    Bytes data(kNonceSize);
    std::ranges::copy(as_view(kTrial), data.begin());
    return data;
}

// Which banks have a PCR 0 that can be read.
std::string banks_of(Tpm& tpm) {
    std::string out;
    for (const auto* bank : {"sha1", "sha256", "sha384", "sha512", "sm3_256"}) {
        const auto pcrs = tpm.read_pcrs(fmt::format("{}:0", bank));
        if (pcrs && !pcrs->empty()) out += (out.empty() ? "" : ", ") + std::string(bank);
    }
    return out.empty() ? "no bank at all" : out + " alone";
}

// The TPM leaves out of a quote what it does not keep, and says nothing.
Result<> try_quote(Tpm& tpm) {
    const auto data = trial_data();
    const auto signed_quote = TRY(tpm.quote(kDefaultSelection, data));
    const auto quote = TRY(tcg::parse_quote(signed_quote.quote));
    const auto wanted = TRY(tcg::pcr_selection_from_text(kDefaultSelection));
    if (quote.selection.covers(wanted)) return {};
    return std::unexpected(
        error_of(Cause::tpm_no_bank, fmt::format("quote over {}", kDefaultSelection), banks_of(tpm)));
}

// What the verifier does at enrolment: a secret that only the TPM with both keys can give back.
Result<> try_activation(Tpm& tpm, const TpmIdentity& identity) {
    const auto ek = TRY(tcg::parse_tpm_public(identity.ek_public));
    const auto ak_name = TRY(tcg::compute_name(identity.ak_public));
    const auto secret = trial_data();
    const auto credential = TRY(tcg::make_credential(ek, ak_name, secret));
    const auto answer = TRY(tpm.activate(credential.id_object, credential.encrypted_secret));
    if (answer != secret) return fail(ErrorCode::tpm, "the TPM gave back another secret than the one sent");
    return {};
}

// Without its indices there is nothing to certify, which the verifier reports by itself.
Result<bool> try_journal(Tpm& tpm) {
    const auto indices = TRY(tpm.journal_indices());
    if (!indices.counter_defined || !indices.value_defined) return false;
    TRY_VOID(tpm.certify_journal(trial_data(), std::nullopt));
    return true;
}

Ailment broken_tpm(const Error& error) {
    return {"tpm", TpmState::broken, error.context, remedy_for(section::kTpm, error.code)};
}

// Most machines have none, which is nothing amiss.
void add_device_identity(Tpm& tpm, std::vector<Ailment>& out) {
    const auto found = tpm.device_keys();
    if (!found) {
        out.push_back({"device identity", TpmState::partial, found.error().context, ""});
        return;
    }
    for (const auto& key : found->keys) {
        const auto name = fmt::format("{} certificate", to_string(key.role));
        if (const auto certified = tpm.certify(key.role, {}); !certified) {
            out.push_back({name, TpmState::partial,
                           fmt::format("in NV, and the key cannot certify: {}", certified.error().context),
                           ""});
            continue;
        }
        out.push_back(
            {name, TpmState::good,
             fmt::format("in NV, and the TPM has its key, which certifies; {} certificates above it",
                         key.certificates.size() - 1),
             ""});
    }
    if (!found->trouble.empty())
        out.push_back({"device identity", TpmState::partial, found->trouble,
                       "the host enrols without it; ask its maker"});
}

void add_trials(Tpm& tpm, const std::string& what_it_is, bool enrolled, std::vector<Ailment>& out) {
    const auto identity = tpm.identity();
    if (!identity) {
        out.push_back(broken_tpm(identity.error()));
        return;
    }
    const auto quoted = try_quote(tpm);
    if (!quoted) {
        out.push_back(broken_tpm(quoted.error()));
        return;
    }
    out.push_back({"tpm", TpmState::good, what_it_is + "; EK and AK are there, and it quotes", ""});
    if (const auto activated = try_activation(tpm, *identity); activated) {
        out.push_back({"tpm enrolment", TpmState::good, "it proves that EK and AK are its own", ""});
    } else {
        out.push_back({"tpm enrolment", enrolled ? TpmState::partial : TpmState::broken,
                       activated.error().context,
                       enrolled ? "this host attests, and could not be enrolled again" : ""});
    }
    const auto journal = try_journal(tpm);
    if (!journal)
        out.push_back(
            {"tpm journal", TpmState::partial, journal.error().context, "assay-agent journal status"});
    else if (*journal)
        out.push_back({"tpm journal", TpmState::good, "it certifies the journal", ""});
    else
        out.push_back(
            {"tpm journal", TpmState::partial,
             "its indices are not set up: the TPM does not vouch for the journal",
             "the service sets them up; where the TPM's owner has a password: assay-agent journal init"});
}

}  // namespace

Result<std::vector<Ailment>> examine_tpm(OpenedMachine& opened, const Settings& settings, bool enrolled) {
    std::vector<Ailment> out;
    if (!opened.tpm) {
        out.push_back(broken_tpm(opened.no_tpm));
        return out;
    }
    const auto properties = opened.tpm->properties();
    if (!properties) {
        out.push_back(broken_tpm(properties.error()));
        return out;
    }
    const auto what_it_is = printable(fmt::format("{} {}, firmware {:x}.{:x}", properties->manufacturer,
                                                  properties->vendor_string, properties->firmware_version_1,
                                                  properties->firmware_version_2));
    if (!settings.recorded.empty() && settings.tcti.empty()) {
        out.push_back({"tpm", TpmState::good, what_it_is + "; recorded, so that nothing can be tried", ""});
        add_device_identity(*opened.tpm, out);
        return out;
    }
    auto access = TRY(access_to_tpm(settings));
    access.keeps_keys = false;
    opened.tpm.reset();  // some ways to a TPM take one connection at a time
    opened.tpm = std::make_unique<Tpm>(way_to_tpm(settings), std::move(access));
    add_trials(*opened.tpm, what_it_is, enrolled, out);
    add_device_identity(*opened.tpm, out);
    return out;
}

}  // namespace assay::agent
