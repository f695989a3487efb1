#include "cli/provision/delivery_answers.h"

#include <fmt/core.h>

#include "cli/context.h"
#include "cli/moments.h"
#include "evidence/base/text.h"

namespace assay::cli {

Result<std::vector<HostSeen>> hosts_seen(std::string_view hosts) {
    JsonReader reader(hosts, kAnswer);
    std::vector<HostSeen> out;
    reader.each("", [&](JsonReader& row) {
        out.push_back({.host = std::string(row.peek("host")),
                       .ek_digest = std::string(row.peek("ek_digest")),
                       .result_id = std::string(row.peek("result_id")),
                       .tier = tier_from_name(row.peek("tier")).value_or(Tier::none),
                       .enrolled_at = seconds_of(row, "enrolled_at"),
                       .appraised_at = seconds_of(row, "appraised_at"),
                       .silent = row.flag_or("silent", false)});
    });
    return reader.finish(std::move(out));
}

Result<std::vector<RefusalSeen>> refusals_seen(std::string_view refusals) {
    JsonReader reader(refusals, kAnswer);
    std::vector<RefusalSeen> out;
    reader.each("", [&](JsonReader& row) {
        out.push_back({.host = std::string(row.peek("host")),
                       .asked_name = std::string(row.peek("asked_name")),
                       .id = std::string(row.peek("id")),
                       .actual = std::string(row.peek("actual")),
                       .last_at = seconds_of(row, "last_at")});
    });
    return reader.finish(std::move(out));
}

Result<std::vector<UnprovenSeen>> unproven_seen(std::string_view unproven) {
    JsonReader reader(unproven, kAnswer);
    std::vector<UnprovenSeen> out;
    reader.each("", [&](JsonReader& row) {
        out.push_back({.host = std::string(row.peek("host")),
                       .reason = std::string(row.peek("reason")),
                       .times = number_of(row, "times"),
                       .last_at = seconds_of(row, "last_at")});
    });
    return reader.finish(std::move(out));
}

Result<Papers> papers_seen(std::string_view registrations, std::string_view replacements) {
    Papers out;
    JsonReader registered(registrations, kAnswer);
    registered.each("", [&](JsonReader& row) {
        out.registered.push_back({.host = std::string(row.peek("host")),
                                  .tpm_digest = std::string(row.peek("tpm_digest")),
                                  .registered_at = seconds_of(row, "registered_at")});
    });
    TRY_VOID(registered.finish());
    JsonReader exchanges(replacements, kAnswer);
    exchanges.each("", [&](JsonReader& row) {
        out.exchanges.push_back({.host = std::string(row.peek("host")),
                                 .reason = std::string(row.peek("reason")),
                                 .done_at = seconds_of(row, "done_at")});
    });
    return exchanges.finish(std::move(out));
}

Result<ResultSeen> result_seen(std::string_view answer, std::string_view host) {
    JsonReader reader(answer, kAnswer);
    TRY_VOID(reader.finish());
    ResultSeen out;
    out.result = TRY(decode_attestation_result(reader.encoded("result")));
    if (out.result.host != host)
        return fail(ErrorCode::malformed,
                    fmt::format("{}: expected the result of {}, got that of {}", kAnswer.name,
                                printable(host), printable(out.result.host)));
    out.id = attestation_result_id(out.result);
    return out;
}

}  // namespace assay::cli
