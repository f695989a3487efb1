#include "agent/enrol/enrol.h"

#include <filesystem>
#include <system_error>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "agent/attest/attest.h"
#include "agent/enrol/ek_certificate_file.h"
#include "agent/state/activation.h"
#include "agent/state/host_identity.h"
#include "agent/verifier_api.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/certificate/certification.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMaxSecret = 1024;

/// Before the TPM has answered the credential the verifier says no more than that: we may be anybody.
Error refused_unsaid(Error error, const std::string& name) {
    if (error.code == ErrorCode::refused)
        error.context +=
            fmt::format("; its operator can read why: assay hosts refusals --host {}", printable(name));
    return error;
}

Error explained(Error error) {
    if (error.code == ErrorCode::conflict) {
        error.context +=
            "; an identity is never changed: enrol under the name that it has, or have an operator look into "
            "it";
    }
    return error;
}

using Role = tcg::TpmKeyRole;

/// Each of the keys that were shown certifies the AK; the credential's secret is the challenge.
Result<std::vector<verifier_api::Certified>> certify(Tpm& tpm, const HostIdentity& identity) {
    std::vector<verifier_api::Certified> out;
    const auto challenge = TRY(from_base64url(identity.secret, kMaxSecret));
    for (const auto role : {Role::iak, Role::idevid}) {
        if (identity.certifies.find(verifier_api::field_of(role)) == std::string::npos) continue;
        const auto data = tcg::certify_qualifying_data(role, challenge);
        auto attestation = tpm.certify(role, data.view());
        // The enrolment cannot be ended then: another one is begun.
        if (!attestation) return fail(ErrorCode::refused, attestation.error().context);
        out.push_back({role, *std::move(attestation)});
    }
    return out;
}

Result<Enrolled> finish(client::HttpsClient& client, Tpm& tpm, const Settings& settings,
                        const TpmIdentity& keys, HostIdentity identity) {
    const auto certified = TRY(certify(tpm, identity));
    const auto finished =
        verifier_api::finish_enrolment(client, identity.enrolment, identity.secret, certified);
    if (!finished) return std::unexpected(explained(finished.error()));
    identity.enrolment.clear();
    identity.secret.clear();
    identity.certifies.clear();
    TRY_VOID(save_host_identity(settings.state, identity));
    remember_activation(settings.state, *finished, identity.host, keys);
    return Enrolled{identity.host, false};
}

/// IAK and IDevID, as far as they can be used: the maker may have set an authorisation. One that cannot is
/// not shown, and the host enrols as one that has none.
std::vector<DeviceKey> usable_device_keys(Tpm& tpm) {
    auto found = tpm.device_keys();
    if (!found) {
        spdlog::warn("no device identity: {}", describe(found.error()));
        return {};
    }
    if (!found->trouble.empty()) spdlog::warn("device identity: {}", printable(found->trouble));
    std::erase_if(found->keys, [&](const DeviceKey& key) {
        const auto trial = tpm.certify(key.role, {});
        if (!trial) spdlog::warn("the {} cannot be used: {}", to_string(key.role), describe(trial.error()));
        return !trial;
    });
    return std::move(found->keys);
}

/// The verifier knows nothing of the journal that the old TPM stood for, so a new one begins with record 1.
Result<> set_journal_aside(const Settings& settings, const std::string& old_ak) {
    const auto journal = settings.journal_folder();
    const auto aside = settings.state / ("journal.of-" + old_ak.substr(0, 16));
    std::error_code problem;
    if (!std::filesystem::exists(journal, problem)) return {};
    std::filesystem::rename(journal, aside, problem);
    if (problem) {
        return fail(ErrorCode::io,
                    fmt::format("the old TPM's journal {} cannot be moved away: {}; stop the agent, move it, "
                                "and enrol again",
                                printable(journal.string()), printable(problem.message())));
    }
    return {};
}

Result<Enrolled> begin(client::HttpsClient& client, Tpm& tpm, const Settings& settings,
                       const std::string& token, const std::string& name, const TpmIdentity& keys,
                       bool* turned_away, const std::string& old_ak = "") {
    auto further_eks = TRY(tpm.further_eks());
    const verifier_api::Shown shown{
        keys, std::move(further_eks),
        settings.device_identity ? usable_device_keys(tpm) : std::vector<DeviceKey>{}};
    const auto credential = verifier_api::begin_enrolment(client, token, name, shown);
    if (!credential && turned_away != nullptr) *turned_away = credential.error().code == ErrorCode::refused;
    if (!credential) return std::unexpected(refused_unsaid(credential.error(), name));
    auto secret = TRY(tpm.activate(credential->id_object, credential->encrypted_secret));
    for (std::size_t i = 0; i < credential->others.size(); ++i) {
        const auto& other = credential->others[i];
        const auto part = TRY(tpm.activate_further(i, other.id_object, other.encrypted_secret));
        secret.insert(secret.end(), part.begin(), part.end());
    }
    HostIdentity identity{name, sha256(keys.ak_public).hex(), credential->enrolment, to_base64url(secret),
                          ""};
    for (const auto& key : shown.device_keys)
        identity.certifies += (identity.certifies.empty() ? "" : " ") + verifier_api::field_of(key.role);
    if (!old_ak.empty()) TRY_VOID(set_journal_aside(settings, old_ak));
    // Written before the answer is sent: where the connection breaks now, the next run ends this enrolment.
    TRY_VOID(save_host_identity(settings.state, identity));
    return finish(client, tpm, settings, keys, identity);
}

}  // namespace

Result<Enrolled> enrol(client::HttpsClient& client, Tpm& tpm, const Settings& settings,
                       const std::string& token, const std::string& name, bool* turned_away) {
    auto keys = TRY(tpm.identity());
    if (!settings.ek_certificate.empty())
        keys.ek_certificates = TRY(read_ek_certificates(settings.ek_certificate, keys.ek_public));
    const auto before = TRY(load_host_identity(settings.state));
    if (!before) return begin(client, tpm, settings, token, name, keys, turned_away);
    if (before->host != name) {
        return fail(
            ErrorCode::conflict,
            fmt::format("this host is enrolled as '{0}', not as '{1}': expected --name {0}. For another "
                        "name keep what is there and begin beside it: mv {2} {2}.of-{0}; the verifier "
                        "still has the host under the old name",
                        printable(before->host), printable(name),
                        printable((settings.state / "host.json").string())));
    }
    // Another TPM under the old name: the mainboard was exchanged. Whether that was ordered is for the
    // verifier to say; what is here is changed only once it has agreed.
    if (before->ak_digest != sha256(keys.ak_public).hex()) {
        return begin(client, tpm, settings, token, name, keys, turned_away, before->ak_digest);
    }
    if (!before->enrolment.empty()) {
        if (!before->certifies.empty()) TRY_VOID(tpm.device_keys());
        auto finished = finish(client, tpm, settings, keys, *before);
        if (finished ||
            (finished.error().code != ErrorCode::not_found && finished.error().code != ErrorCode::refused))
            return finished;
    } else if (TRY(is_enrolled(client, tpm, name))) {
        return Enrolled{name, true};
    }
    return begin(client, tpm, settings, token, name, keys, turned_away);
}

}  // namespace assay::agent
