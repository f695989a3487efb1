#include "agent/state/activation.h"

#include <spdlog/spdlog.h>

#include "agent/devices/private_file.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

std::filesystem::path activation_file(const std::filesystem::path& state) {
    return state / "activation.jwt";
}

}  // namespace

Result<std::optional<KeptActivation>> load_activation(const std::filesystem::path& state) {
    const auto file = activation_file(state);
    auto text = read_small_file(file, kMaxActivation);
    if (!text && text.error().code == ErrorCode::not_found) return std::nullopt;
    if (!text) return std::unexpected(text.error());
    auto statement = TRY(with_context(unverified_activation(*text), printable(file.string())));
    return KeptActivation{*std::move(text), std::move(statement)};
}

std::optional<KeptActivation> activation_for(const std::filesystem::path& state, const std::string& host,
                                             const TpmIdentity& keys) {
    auto kept = load_activation(state);
    if (!kept) {
        spdlog::warn("{}", printable(describe(kept.error())));
        return std::nullopt;
    }
    if (!*kept || !is_about((*kept)->statement, host, keys.ak_public, keys.ek_public)) return std::nullopt;
    return *std::move(kept);
}

bool wants_activation(const std::filesystem::path& state, const std::string& host, const TpmIdentity& keys,
                      std::int64_t now) {
    const auto kept = activation_for(state, host, keys);
    if (!kept) return true;
    const auto& said = kept->statement;
    return now >= said.issued_at + (said.expires_at - said.issued_at) / 2;
}

void remember_activation(const std::filesystem::path& state, const std::string& token,
                         const std::string& host, const TpmIdentity& keys) {
    if (token.empty()) return;
    const auto statement = unverified_activation(token);
    if (!statement || !is_about(*statement, host, keys.ak_public, keys.ek_public)) {
        spdlog::warn("activation: expected a statement about this host's keys, got {}",
                     statement ? "one about others" : printable(describe(statement.error())));
        return;
    }
    if (const auto saved = write_private_file(activation_file(state), as_view(token)); !saved)
        spdlog::warn("not remembered: {}", printable(describe(saved.error())));
}

}  // namespace assay::agent
