#pragma once

#include <atomic>
#include <expected>
#include <filesystem>
#include <string>

#include "agent/devices/tpm/tpm.h"
#include "agent/enrol/enrol.h"
#include "agent/settings.h"
#include "agent/state/waiting.h"
#include "client/https_client.h"

/// A host that nobody sits at enrols by itself, or says what keeps it from that.
namespace assay::agent {

/// The machine's own name, cut to what a host's name may have; "unnamed" where it has none.
std::string machine_name();

/// The name under which this host enrols: of an enrolment that was cut off, of the settings, or the machine's
/// own. Waits ("name") where that is none that would tell one host from another, such as "localhost".
std::expected<std::string, Waiting> name_to_enrol(const Settings& settings);

/// What the settings lack before the verifier can be asked: "configuration" or "ca". `file` is the
/// configuration's, for the text. `cancelled` as in client::ClientConfig.
std::expected<client::HttpsClient, Waiting> client_of(const Settings& settings,
                                                      const std::filesystem::path& file,
                                                      const std::atomic<bool>* cancelled);

/// Enrols with the token that lies in the state folder or in `enrol_token_file`; where there is none, or the
/// verifier does not take it, without one, which it allows where a purchase list names this TPM. A token that
/// is not needed any more is removed. At most two requests are refused by the verifier.
std::expected<Enrolled, Waiting> enrol_by_itself(client::HttpsClient& client, Tpm& tpm,
                                                 const Settings& settings);

/// "expected this TPM's digest ... in a purchase list, or a token in FILE", for a host of that name.
std::string expected_to_admit(const TpmIdentity& keys, const Settings& settings);
/// What an operator runs for that.
std::string remedy_to_admit(const std::string& name);

}  // namespace assay::agent
