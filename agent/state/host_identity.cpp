#include "agent/state/host_identity.h"

#include <array>

#include <fmt/core.h>

#include "agent/devices/private_file.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMostOfIdentity = 16U << 10U;

std::filesystem::path identity_file(const std::filesystem::path& state) {
    return state / "host.json";
}

struct Member {
    const char* name;
    std::string HostIdentity::* member;
};
constexpr std::array<Member, 5> kMembers{{{"host", &HostIdentity::host},
                                          {"ak_digest", &HostIdentity::ak_digest},
                                          {"enrolment", &HostIdentity::enrolment},
                                          {"secret", &HostIdentity::secret},
                                          {"certifies", &HostIdentity::certifies}}};

}  // namespace

std::string encode_host_identity(const HostIdentity& identity) {
    Json json;
    for (const auto& [name, member] : kMembers) {
        if (!(identity.*member).empty()) json[name] = identity.*member;
    }
    return json.dump(2) + "\n";
}

Result<HostIdentity> decode_host_identity(std::string_view text) {
    JsonReader in(text, {.open = true, .secret = true});
    HostIdentity identity;
    for (const auto& [name, member] : kMembers) identity.*member = in.text_or(name, {}, kMostOfIdentity);
    in.text("host", limits::kHostName);
    return in.finish(std::move(identity));
}

Result<std::optional<HostIdentity>> load_host_identity(const std::filesystem::path& state) {
    const auto text = read_small_file(identity_file(state), kMostOfIdentity);
    if (!text && text.error().code == ErrorCode::not_found) return std::nullopt;
    if (!text) return std::unexpected(text.error());
    return TRY(with_context(decode_host_identity(*text), printable(identity_file(state).string())));
}

Result<void> save_host_identity(const std::filesystem::path& state, const HostIdentity& identity) {
    return write_private_file(identity_file(state), as_view(encode_host_identity(identity)));
}

Result<std::string> enrolled_name(const std::filesystem::path& state) {
    const auto identity = TRY(load_host_identity(state));
    if (identity && identity->enrolment.empty()) return identity->host;
    return fail(ErrorCode::usage, fmt::format("this host is not enrolled ({} says nothing of it): have an "
                                              "operator run 'assay token HOST', then "
                                              "run 'assay-agent enrol --token-file - --name HOST' here",
                                              printable(identity_file(state).string())));
}

}  // namespace assay::agent
