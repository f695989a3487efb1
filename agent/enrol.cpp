#include "agent/enrol.h"

#include <fmt/core.h>

#include "agent/host_identity.h"
#include "agent/verifier_api.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

Error explained(Error error) {
    if (error.code == ErrorCode::conflict) {
        error.context +=
            "; an identity is never changed: enrol under the name that it has, or have an operator look into "
            "it";
    }
    if (error.code == ErrorCode::refused) error.context += "; a token is for one host name and one enrolment";
    return error;
}

// Whether the verifier still knows what host.json says.
Result<bool> is_known(HttpsClient& client, const std::string& host) {
    const auto challenge = verifier_api::challenge(client, host);
    if (challenge) return true;
    if (challenge.error().code == ErrorCode::not_found) return false;
    return std::unexpected(challenge.error());
}

Result<Enrolled> finish(HttpsClient& client, const Settings& settings, HostIdentity identity) {
    TRY_VOID(verifier_api::finish_enrolment(client, identity.enrolment, identity.secret));
    identity.enrolment.clear();
    identity.secret.clear();
    TRY_VOID(save_host_identity(settings.state, identity));
    return Enrolled{identity.host, false};
}

Result<Enrolled> begin(HttpsClient& client, Tpm& tpm, const Settings& settings, const std::string& token,
                       const std::string& name, const TpmIdentity& keys) {
    const auto credential = verifier_api::begin_enrolment(client, token, name, keys);
    if (!credential) return std::unexpected(explained(credential.error()));
    const auto secret = TRY(tpm.activate(credential->id_object, credential->encrypted_secret));
    const HostIdentity identity{name, sha256(keys.ak_public).hex(), credential->enrolment,
                                to_base64url(secret)};
    // Written before the answer is sent: where the connection breaks now, the next run ends this enrolment.
    TRY_VOID(save_host_identity(settings.state, identity));
    return finish(client, settings, identity);
}

}  // namespace

Result<Enrolled> enrol(HttpsClient& client, Tpm& tpm, const Settings& settings, const std::string& token,
                       const std::string& name) {
    const auto keys = TRY(tpm.identity());
    const auto before = TRY(load_host_identity(settings.state));
    if (!before) return begin(client, tpm, settings, token, name, keys);
    const bool same_tpm = before->ak_digest == sha256(keys.ak_public).hex();
    if (before->host != name || !same_tpm) {
        return fail(ErrorCode::conflict,
                    fmt::format("this host is enrolled as '{}'{}: to enrol it anew, remove {} first",
                                printable(before->host), same_tpm ? "" : " with another TPM",
                                printable((settings.state / "host.json").string())));
    }
    if (!before->enrolment.empty()) {
        auto finished = finish(client, settings, *before);
        if (finished ||
            (finished.error().code != ErrorCode::not_found && finished.error().code != ErrorCode::refused))
            return finished;
    } else if (TRY(is_known(client, name))) {
        return Enrolled{name, true};
    }
    return begin(client, tpm, settings, token, name, keys);
}

}  // namespace assay
