#include "verifier/service/setup/certificates.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"

namespace assay::setup {
namespace {

using tcg::Nearness;

Json json_of(const OwnCertificate& each, std::int64_t now) {
    return {{"certificate", each.what},
            {"file", printable(each.file.string())},
            {"subject", each.subject},
            {"issuer", each.issuer},
            {"sha256", each.sha256},
            {"not_before", tcg::time_text(each.validity.not_before)},
            {"not_after", tcg::time_text(each.validity.not_after)},
            {"state", tcg::to_string(tcg::nearness(each.validity, now))}};
}

Json json_of(const Renewed& each) {
    return {{"certificate", printable(each.what)},
            {"file", printable(each.file.string())},
            {"renewed", each.left_alone.empty()},
            {"left_alone", each.left_alone},
            {"not_after_before", tcg::time_text(each.before.not_after)},
            {"not_after", tcg::time_text(each.after.not_after)}};
}

void print_renewed(const std::vector<Renewed>& renewed) {
    bool server = false;
    for (const auto& each : renewed) {
        server = server || (each.left_alone.empty() && (each.what == "server" || each.what == "ca"));
        if (each.left_alone.empty()) {
            fmt::print("renewed {}: good until {}, before until {} ({})\n", printable(each.what),
                       utc_text(each.after.not_after), utc_text(each.before.not_after),
                       printable(each.file.string()));
        } else {
            fmt::print("left alone {}: {}\n", printable(each.what), each.left_alone);
        }
    }
    if (server) fmt::print("it is used from the next reload on: systemctl reload assay-verifier\n");
}

}  // namespace

Result<command_line::ExitCode> certificates_list(const StateFolder& state, bool json, std::int64_t now) {
    const auto certificates = TRY(own_certificates(state));
    auto code = command_line::ExitCode::done;
    auto list = Json::array();
    for (const auto& each : certificates) {
        const auto is = tcg::nearness(each.validity, now);
        if (is == Nearness::ended || is == Nearness::to_come)
            code = command_line::ExitCode::contraindicated;
        else if (is != Nearness::far && code == command_line::ExitCode::done)
            code = command_line::ExitCode::warning;
        list.push_back(json_of(each, now));
        if (!json)
            fmt::print("{:<9} {}  {}  {}\n", each.what, tcg::validity_words(each.validity, now), each.subject,
                       printable(each.file.string()));
    }
    if (json) fmt::print("{}\n", Json({{"certificates", list}}).dump(2));
    return code;
}

Result<command_line::ExitCode> certificates_renew(const RenewOptions& options, bool json, std::int64_t now) {
    const auto renewed = TRY(renew_certificates(options, now));
    auto list = Json::array();
    for (const auto& each : renewed) list.push_back(json_of(each));
    if (json)
        fmt::print("{}\n", Json({{"certificates", list}}).dump(2));
    else
        print_renewed(renewed);
    const bool all =
        std::ranges::all_of(renewed, [](const Renewed& each) { return each.left_alone.empty(); });
    return all ? command_line::ExitCode::done : command_line::ExitCode::warning;
}

}  // namespace assay::setup
