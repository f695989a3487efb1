#include "cli/site/accompaniment_case.h"

#include <filesystem>

#include "cli/context.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/reading/case.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostAccompanimentCase = 64U << 20U;

template <typename Read>
auto read(const std::string& folder, const std::string& base, const char* name, Read&& parse)
    -> decltype(parse(std::string_view())) {
    auto path = fs::path(folder) / name;
    std::error_code ignored;
    if (!fs::exists(path, ignored) && !base.empty()) path = fs::path(base) / name;
    const auto bytes = TRY(read_file(path.string(), kMostAccompanimentCase));
    return with_context(parse(as_text(bytes)), printable(path.string()));
}

}  // namespace

Result<AccompanimentCase> read_accompaniment_case(const std::string& folder, const std::string& base) {
    using namespace accompaniment;
    const auto of_case = [](auto reader) {
        return [reader](std::string_view json) { return reader(json, Source::case_file); };
    };
    Facts facts;
    auto events = TRY(read(folder, base, "events.json", read_events));
    auto orders = TRY(read(folder, base, "orders.json", of_case(read_orders)));
    facts.orders = std::move(orders.orders);
    facts.exports = std::move(orders.exports);
    facts.orders_watermark = orders.watermark;
    facts.badges = TRY(read(folder, base, "badges.json", of_case(read_badges)));
    facts.sessions = TRY(read(folder, base, "sessions.json", read_sessions));
    facts.directory = TRY(read(folder, base, "directory.json", of_case(read_directory)));
    facts.policy = TRY(read(folder, base, "policy.json", of_case(read_policy)));
    AccompanimentCase out;
    out.now = TRY(read(folder, base, "now.json", read_now));
    out.occurrences = occurrences_of(std::move(events), facts.policy);
    out.knowledge = TRY(with_context(Knowledge::of(std::move(facts)), "directory.json"));
    return out;
}

}  // namespace assay::cli
