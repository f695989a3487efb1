// Input: a mapping of a badge system, a line "---", and its export. Whatever pieces the export comes in, the
// same rows come out, and each is one that the verifier takes.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/fuzz/round_trip.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/service/inputs/feed_reader.h"

using namespace assay;

namespace {

constexpr std::string_view kBetween = "\n---\n";

struct Read {
    std::vector<std::string> rows;
    std::vector<std::size_t> rejected;
    bool whole = true;
    bool operator==(const Read&) const = default;
};

Read read(const inputs::FeedMapping& mapping, std::string_view text, std::size_t piece) {
    Read out;
    inputs::FeedReader reader(
        mapping,
        [&](const Json& row) -> Result<> {
            if (!accompaniment::read_badge_row(row.dump(), "", accompaniment::Source::import)) std::abort();
            out.rows.push_back(row.dump());
            return {};
        },
        [&](inputs::RejectedFeedRow row) -> Result<> {
            if (row.reason.empty() || row.content.size() > inputs::FeedReader::kContent + 3) std::abort();
            out.rejected.push_back(row.line);
            return {};
        });
    Result<> done;
    while (!text.empty() && done) {
        const auto part = text.substr(0, piece);
        done = reader.take(part);
        text.remove_prefix(part.size());
    }
    if (done) done = reader.finish();
    out.whole = done.has_value();
    if (out.rows.size() != reader.rows() || out.rejected.size() != reader.rejected()) std::abort();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = as_text(fuzz::view_of(data, size));
    const auto end = std::min(input.find(kBetween), input.size());
    const auto mapping = inputs::read_feed_mapping("mapping.toml", input.substr(0, end));
    if (!mapping) {
        if (mapping.error().context.empty()) std::abort();
        return 0;
    }
    const auto text = input.substr(std::min(end + kBetween.size(), input.size()));
    if (read(*mapping, text, 7) != read(*mapping, text, text.size() + 1)) std::abort();
    return 0;
}
