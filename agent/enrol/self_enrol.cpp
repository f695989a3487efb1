#include "agent/enrol/self_enrol.h"

#include <array>
#include <optional>
#include <vector>

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent/enrol/token_file.h"
#include "agent/state/host_identity.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/tpm/key/key_digest.h"

namespace assay::agent {
namespace {

std::unexpected<Waiting> wait(std::string kind, std::string what, std::string remedy = "") {
    return std::unexpected(Waiting{std::move(kind), std::move(what), std::move(remedy), {}});
}

// The token of the first file that has one, and why another could not be taken.
struct FoundToken {
    std::string token;
    std::filesystem::path file;
    std::string trouble;
};

FoundToken find_token(const Settings& settings) {
    FoundToken out;
    for (const auto& file : {taken_token_file(settings.state), settings.enrol_token_file}) {
        auto token = read_token_file(file, settings.state);
        if (!token) {
            out.trouble += "; " + token.error().context;
        } else if (*token) {
            out.token = **std::move(token);
            out.file = file;
            return out;
        }
    }
    return out;
}

// Once the host is enrolled a token is good for nothing, or for somebody else.
void remove_token(const FoundToken& found) {
    if (found.file.empty() || ::unlink(found.file.c_str()) == 0 || errno == ENOENT) return;
    spdlog::warn("the token in {0} is not needed any more, and this user may not remove it; rm {0}",
                 printable(found.file.string()));
}

std::unexpected<Waiting> not_admitted(const TpmIdentity& keys, const Settings& settings,
                                      const std::string& name, const FoundToken& found) {
    auto what = fmt::format("{} does not admit this host as '{}'", settings.server, name);
    if (!found.token.empty())
        what += fmt::format(", the token in {} was not taken (it may be spent, expired, or for another name)",
                            found.file.string());
    what += ": " + expected_to_admit(keys, settings) + found.trouble;
    return wait("admission", std::move(what), remedy_to_admit(name));
}

}  // namespace

std::string machine_name() {
    utsname names{};
    return uname(&names) == 0 && names.nodename[0] != '\0' ? shortened(names.nodename, limits::kHostName)
                                                           : "unnamed";
}

std::string expected_to_admit(const TpmIdentity& keys, const Settings& settings) {
    const auto ek = tcg::parse_tpm_public(keys.ek_public);
    return fmt::format("expected this TPM's digest {} in a purchase list, or a token in {}",
                       ek ? tcg::key_digest(*ek) : "(its EK cannot be read)",
                       settings.enrol_token_file.string());
}

std::string remedy_to_admit(const std::string& name) {
    return fmt::format(
        "run `assay hosts register --purchase FILE` with that digest, or `assay token {0}`; "
        "why it was refused: `assay hosts refusals --host {0}`",
        printable(name));
}

std::expected<std::string, Waiting> name_to_enrol(const Settings& settings) {
    const auto before = load_host_identity(settings.state);
    if (!before) return wait("enrolment", describe(before.error()));
    if (*before && !(*before)->enrolment.empty()) return (*before)->host;
    if (!settings.name.empty()) return settings.name;
    auto name = machine_name();
    constexpr std::array kOfMany{"localhost", "localhost.localdomain", "(none)", "unnamed"};
    for (const auto* each : kOfMany) {
        if (name == each)
            return wait("name",
                        fmt::format("expected a name of this host's own to enrol under, got '{}'", name),
                        "set `name` in agent.toml, or the machine's name (hostnamectl hostname NAME)");
    }
    return name;
}

std::expected<client::HttpsClient, Waiting> client_of(const Settings& settings,
                                                      const std::filesystem::path& file,
                                                      const std::atomic<bool>* cancelled) {
    if (settings.server.empty())
        return wait("configuration",
                    fmt::format("no verifier is named: expected `server` in {}", file.string()),
                    "write server = \"https://HOST:8443\" and ca = \"/etc/assay/ca.pem\" there; it is read "
                    "again when it changes");
    if (settings.ca_file.empty())
        return wait(
            "ca",
            fmt::format("no CA file is named to know the verifier by: expected `ca` in {}", file.string()),
            "write ca = \"/etc/assay/ca.pem\" there, and put the verifier's ca/ca.pem in that place");
    if (::access(settings.ca_file.c_str(), F_OK) != 0)
        return wait("ca", fmt::format("the CA file {} is not there", settings.ca_file.string()),
                    "copy ca/ca.pem of the verifier's state folder to it");
    auto config = settings.client();
    config.cancelled = cancelled;
    auto client = client::HttpsClient::make(std::move(config));
    if (!client) return wait("ca", describe(client.error()));
    return *std::move(client);
}

std::expected<Enrolled, Waiting> enrol_by_itself(client::HttpsClient& client, Tpm& tpm,
                                                 const Settings& settings) {
    const auto name = name_to_enrol(settings);
    if (!name) return std::unexpected(name.error());
    const auto keys = tpm.identity();
    if (!keys) return wait("tpm", describe(keys.error()));
    const auto found = find_token(settings);
    bool turned_away = false;
    auto enrolled = enrol(client, tpm, settings, found.token, *name, &turned_away);
    if (!enrolled && turned_away && !found.token.empty()) {
        // A purchase list admits without the token; with one that is no good, the verifier does not ask it.
        turned_away = false;
        enrolled = enrol(client, tpm, settings, "", *name, &turned_away);
    }
    if (!enrolled && turned_away) return not_admitted(*keys, settings, *name, found);
    if (!enrolled)
        return wait(enrolled.error().code == ErrorCode::io ? "verifier" : "enrolment",
                    describe(enrolled.error()));
    remove_token(found);
    return *std::move(enrolled);
}

}  // namespace assay::agent
