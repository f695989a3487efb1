#include <chrono>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/devices/private_file.h"
#include "agent/usb/gate/gate.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

// The file by which a person on the host holds the gate open.
namespace assay::agent {
namespace {

constexpr std::string_view kName = "grace";
constexpr std::size_t kMaxFile = 4096;
constexpr std::size_t kReason = 256;

Result<Grace> grace_in(std::string_view text) {
    JsonReader in(text, {.open = true});
    Grace grace{static_cast<std::int64_t>(in.count("until", INT64_MAX)), {}};
    grace.reason = shortened(printable(in.peek("reason")), kReason);
    return in.finish(std::move(grace));
}

}  // namespace

std::optional<Grace> grace_of(const std::filesystem::path& folder, std::int64_t now_s, std::string* why) {
    const auto file = folder / kName;
    std::string ignored;
    auto& said = why == nullptr ? ignored : *why;
    const auto text = read_small_file(file, kMaxFile);
    if (!text) {
        if (text.error().code != ErrorCode::not_found) said = describe(text.error());
        return {};
    }
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error);
    if (error) return {};
    const auto at = std::chrono::duration_cast<std::chrono::seconds>(
                        std::chrono::file_clock::to_sys(written).time_since_epoch())
                        .count();
    Grace grace{at + Gate::kTouched_s, "an empty grace file"};
    if (!trimmed(*text).empty()) {
        auto read = grace_in(*text);
        if (!read) {
            said = fmt::format("{}: {}; 'assay-agent gate open' writes one", printable(file.string()),
                               describe(read.error()));
            return {};
        }
        grace = std::move(*read);
    }
    // However far it reaches: one that was forgotten ends. And one from the future says nothing.
    grace.until_s = std::min(grace.until_s, at + Gate::kLongestGrace_s);
    if (at > now_s + Gate::kTouched_s || grace.until_s <= now_s) return {};
    return grace;
}

Result<> write_grace(const std::filesystem::path& folder, const Grace& grace) {
    const Json json{{"until", grace.until_s}, {"reason", grace.reason}};
    return write_private_file(folder / kName, as_view(json.dump() + "\n"));
}

Result<> remove_grace(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::remove(folder / kName, error);
    if (error) return fail_errno(error.value(), printable((folder / kName).string()));
    return {};
}

}  // namespace assay::agent
