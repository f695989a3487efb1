#include <algorithm>
#include <ctime>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

struct NamedCertificate {
    std::string_view name;
    const std::optional<client::SeenCertificate>& seen;
};

Json json_of(const NamedCertificate& each, std::int64_t now) {
    return {{"certificate", each.name},
            {"subject", each.seen->subject},
            {"issuer", each.seen->issuer},
            {"not_before", tcg::time_text(each.seen->validity.not_before)},
            {"not_after", tcg::time_text(each.seen->validity.not_after)},
            {"state", tcg::to_string(tcg::nearness(each.seen->validity, now))}};
}

// The verifier's health, and the certificates without which nobody reaches it any more.
Result<command_line::ExitCode> show_status(const Context& context) {
    auto client = TRY(connect(context, Warnings::none));  // they are told here
    TRY_VOID(client.get_json("/healthz"));
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    auto code = command_line::ExitCode::done;
    auto list = Json::array();
    if (!context.json) fmt::print("{:<10} {} answers\n", "server", client.server());
    for (const auto& each : {NamedCertificate{"server", client.handshake().server},
                             NamedCertificate{"ca", client.handshake().top},
                             NamedCertificate{"operator", client.own_certificate()}}) {
        if (!each.seen) continue;
        if (tcg::nearness(each.seen->validity, now) != tcg::Nearness::far)
            code = command_line::ExitCode::warning;
        list.push_back(json_of(each, now));
        if (!context.json)
            fmt::print("{:<10} certificate {}; {}\n", each.name,
                       tcg::validity_words(each.seen->validity, now), each.seen->subject);
    }
    if (context.json) print_json({{"server", client.server()}, {"answers", true}, {"certificates", list}});
    if (!context.json && code != command_line::ExitCode::done)
        fmt::print(
            "To renew, on the verifier: assay-verifier certificates renew; "
            "docs/howto/renew-certificates.md\n");
    return code;
}

}  // namespace

void add_status(command_line::Command& app, Context& context) {
    command_line::add_command(app, "status",
                              "Whether the verifier answers, and when its and your certificates end",
                              "assay status  # 0: good, 4: a certificate ends within 60 days, 1: no answer",
                              [&context] { return show_status(context); });
}

}  // namespace assay::cli
