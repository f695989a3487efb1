#include "cli/host_bundle.h"

#include <fmt/core.h>

namespace assay::cli {

Result<SavedBundle> bundle_of_host(const Context& context, const std::string& host,
                                   std::optional<std::int64_t> at) {
    auto client = TRY(connect(context));
    const auto path = fmt::format("/v1/hosts/{}/bundle{}", client::percent_encoded(host),
                                  at ? fmt::format("?at={}", *at) : std::string());
    const auto answer = TRY(client.get(path));
    if (answer.status != 200) return std::unexpected(client::problem_of(answer));
    return decode_saved_bundle(answer.body);
}

Result<SavedBundle> bundle_of(const Context& context, const std::string& host, const std::string& evidence) {
    if (host.empty() == evidence.empty())
        return fail(ErrorCode::usage, "give a host, or a saved bundle with --evidence");
    return evidence.empty() ? bundle_of_host(context, host) : inputs::load_bundle(evidence);
}

}  // namespace assay::cli
