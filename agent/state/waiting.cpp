#include "agent/state/waiting.h"

#include <system_error>

#include "agent/devices/private_file.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay::agent {
namespace {

constexpr std::size_t kMostOfWaiting = 16U << 10U;

std::filesystem::path waiting_file(const std::filesystem::path& state) {
    return state / "waiting.json";
}

// Without the numbers that are another each time.
std::string without_measures(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool measured = out.ends_with(" after ") || out.ends_with(" with ") || out.ends_with(" of ");
        if (!measured || text[i] < '0' || text[i] > '9') out += text[i];
    }
    return out;
}

}  // namespace

bool Waiting::same_as(const Waiting& other) const {
    return kind == other.kind && remedy == other.remedy &&
           without_measures(what) == without_measures(other.what);
}

std::string text_of(const Waiting& waiting) {
    return kept_printable(waiting.what + (waiting.remedy.empty() ? "" : "; " + waiting.remedy));
}

std::string encode_waiting(const Waiting& waiting) {
    return Json{{"kind", waiting.kind},
                {"what", waiting.what},
                {"remedy", waiting.remedy},
                {"since", waiting.since}}
               .dump(2) +
           "\n";
}

Result<Waiting> decode_waiting(std::string_view text) {
    JsonReader in(text, {.open = true});
    Waiting out;
    out.kind = in.text("kind", kMostOfWaiting);
    out.what = in.text("what", kMostOfWaiting);
    out.remedy = in.text_or("remedy", {}, kMostOfWaiting);
    out.since = in.text("since", kMostOfWaiting);
    return in.finish(std::move(out));
}

std::optional<Waiting> load_waiting(const std::filesystem::path& state) {
    const auto text = read_small_file(waiting_file(state), kMostOfWaiting);
    if (!text) return std::nullopt;
    auto waiting = decode_waiting(*text);
    return waiting ? std::optional(*std::move(waiting)) : std::nullopt;
}

void WaitTeller::tell(Waiting waiting, const std::filesystem::path& state) {
    if (told_ && told_->same_as(waiting)) return;
    const auto text = "waiting: " + text_of(waiting);
    voice_.log(text);
    voice_.status(text);
    waiting.since = rfc3339_text(voice_.now());
    if (!state.empty()) {
        // A disk that is full keeps the doctor from showing it, and nobody from being told.
        static_cast<void>(write_private_file(waiting_file(state), as_view(encode_waiting(waiting)), false));
    }
    told_ = std::move(waiting);
}

void WaitTeller::end(const std::filesystem::path& state) {
    told_.reset();
    std::error_code problem;
    std::filesystem::remove(waiting_file(state), problem);
}

}  // namespace assay::agent
