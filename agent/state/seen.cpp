#include "agent/state/seen.h"

#include <algorithm>
#include <ctime>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "agent/devices/private_file.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMostOfSeen = 64U << 10U;
constexpr std::ptrdiff_t kWitnesses = 16;  // then the first of them say enough

std::filesystem::path seen_file(const std::filesystem::path& state) {
    return state / "seen.jwt";
}

bool is_witness(const std::filesystem::directory_entry& entry) {
    return entry.path().filename().string().starts_with("seen-");
}

void keep_witness(const std::filesystem::path& state) {
    std::error_code problem;
    const std::filesystem::directory_iterator files(state, problem);
    if (problem || std::count_if(begin(files), end(files), is_witness) >= kWitnesses) return;
    std::filesystem::rename(seen_file(state), state / fmt::format("seen-{}.jwt", std::time(nullptr)),
                            problem);
    if (problem) spdlog::warn("{}: {}", printable(seen_file(state).string()), printable(problem.message()));
}

}  // namespace

std::optional<Seen> seen_of(std::string_view token) {
    if (token.size() > kMostOfSeen) return std::nullopt;
    const auto claims = client::unverified_ear_claims(token);
    if (!claims || !claims->acts || claims->names.id.empty()) return std::nullopt;
    return Seen{std::string(token), *claims->acts, claims->names.id};
}

std::optional<Seen> load_seen(const std::filesystem::path& state) {
    const auto text = read_small_file(seen_file(state), kMostOfSeen);
    if (text) return seen_of(*text);
    if (text.error().code != ErrorCode::not_found)
        spdlog::warn("{}: {}", printable(seen_file(state).string()), printable(describe(text.error())));
    return std::nullopt;
}

bool went_back(const Seen& before, const std::optional<Seen>& now) {
    return !now || now->acts.number < before.acts.number ||
           (now->acts.number == before.acts.number && now->acts.head != before.acts.head);
}

void remember_seen(const std::filesystem::path& state, const std::optional<Seen>& before,
                   std::string_view token) {
    const auto now = seen_of(token);
    if (before && went_back(*before, now)) {
        spdlog::error(
            "verifier.rolled_back: expected act {} with head {}, as this host was shown, got {}; the token "
            "that shows it stays as seen-TIME.jwt in {}",
            before->acts.number, before->acts.head.hex(),
            now ? fmt::format("act {} with head {}", now->acts.number, now->acts.head.hex())
                : "a token that says no acts",
            printable(state.string()));
        keep_witness(state);
    }
    if (!now) return;
    if (const auto saved = write_private_file(seen_file(state), as_view(now->token)); !saved)
        spdlog::warn("not remembered: {}", printable(describe(saved.error())));
}

}  // namespace assay::agent
