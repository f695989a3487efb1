#include "agent/state/acknowledged.h"

#include <spdlog/spdlog.h>

#include "agent/devices/private_file.h"
#include "agent/verifier_api.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMostOfAcknowledged = 64U << 10U;

std::filesystem::path acknowledged_file(const std::filesystem::path& state) {
    return state / "acknowledged.json";
}

}  // namespace

std::string encode_acknowledged(const Acknowledged& acknowledged) {
    Json json{{"journal_sequence", acknowledged.journal_sequence}, {"sections", Json::object()}};
    if (acknowledged.journal_counter) json["journal_counter"] = *acknowledged.journal_counter;
    if (const auto& ima = acknowledged.ima) {
        json["ima"] = {{"boot_id", ima->boot_id},
                       {"entries", ima->entries},
                       {"offset", ima->offset},
                       {"state", ima->state.hex()}};
    }
    for (const auto& [name, digest] : acknowledged.sections) json["sections"][name] = digest;
    return json.dump(2) + "\n";
}

Result<Acknowledged> decode_acknowledged(std::string_view text) {
    JsonReader in(text, {.open = true});
    Acknowledged out;
    out.journal_sequence = in.count("journal_sequence");
    if (in.has("journal_counter")) out.journal_counter = in.count("journal_counter");
    in.object("ima", [&](JsonReader& ima) { out.ima = verifier_api::ima_start_in(ima); });
    in.need("sections");
    in.members(
        "sections",
        [&](const std::string& name, JsonReader& digest) {
            out.sections.emplace(name, digest.text("", kSha256Digits, kSha256Digits));
        },
        limits::kSections);
    return in.finish(std::move(out));
}

Acknowledged load_acknowledged(const std::filesystem::path& state) {
    const auto text = read_small_file(acknowledged_file(state), kMostOfAcknowledged);
    if (!text) {
        if (text.error().code != ErrorCode::not_found)
            spdlog::warn("{}: {}", printable(acknowledged_file(state).string()),
                         printable(describe(text.error())));
        return {};
    }
    auto known = decode_acknowledged(*text);
    if (known) return *std::move(known);
    spdlog::warn("{}: {}; everything is sent again", printable(acknowledged_file(state).string()),
                 printable(describe(known.error())));
    return {};
}

Result<void> save_acknowledged(const std::filesystem::path& state, const Acknowledged& acknowledged) {
    return write_private_file(acknowledged_file(state), as_view(encode_acknowledged(acknowledged)));
}

}  // namespace assay::agent
