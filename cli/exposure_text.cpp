#include "cli/exposure_text.h"

#include <fmt/core.h>

#include "cli/context.h"
#include "cli/moments.h"
#include "cli/table.h"

namespace assay::cli {
namespace {

void print_decisions(JsonReader& answer) {
    answer.each("decisions", [](JsonReader& each) {
        const auto part = [&](const char* before, const char* key) {
            const auto text = each.peek(key);
            return text.empty() ? std::string() : before + cell(text);
        };
        fmt::print("  {} for {}{}: {}{}{}{}{}{}\n", each.peek("entity"), each.peek("component"),
                   part(" at site ", "site"), each.peek("decision"), part(", ", "reason"),
                   part("; approved by ", "approver"), part("; document ", "document"), part(" [", "where"),
                   "]");
        if (const auto chain = each.peek("chain"); !chain.empty()) fmt::print("    {}\n", cell(chain));
        each.object("exception", [](JsonReader& exception) {
            fmt::print("    except the same part, in the same host, seen before {}; until {}\n",
                       time_of(exception, "first_seen_before"), time_of(exception, "expires"));
        });
    });
}

void print_names(const char* what, JsonReader& coverage, std::string_view count, std::string_view names) {
    constexpr std::size_t kShown = 10;
    const auto all = number_of(coverage, count);
    if (all == 0) return;
    std::string shown;
    std::size_t at = 0;
    coverage.each(names, [&](JsonReader& name) {
        if (at++ < kShown) shown += fmt::format("{}{}", shown.empty() ? "" : ", ", cell(name.peek("")));
    });
    const bool more = static_cast<std::size_t>(all) > kShown;
    fmt::print("    {} {}: {}{}\n", all, what, shown, more ? ", ..." : "");
}

// What the numbers before are out of: on a verifier that nobody attested to, no part is no answer.
void print_coverage(JsonReader& answer) {
    answer.object("coverage", [](JsonReader& coverage) {
        const auto attested = number_of(coverage, "attested");
        fmt::print("  out of {} hosts enrolled by then, {} of which had attested\n",
                   number_of(coverage, "hosts"), attested);
        print_names("never attested: what is in them is not known", coverage, "never_attested",
                    "never_attested_hosts");
        print_names("silent: what is in them may have changed", coverage, "silent", "silent_hosts");
        if (const auto unnamed = number_of(coverage, "unnamed_parts"); unnamed != 0)
            fmt::print(
                "    {} parts on {} hosts name no maker that is known, and may be anybody's: `assay vendors "
                "unknown`\n",
                unnamed, number_of(coverage, "unnamed_parts_hosts"));
        if (attested == 0) fmt::print("  CANNOT TELL: no host had attested.\n");
    });
}

}  // namespace

void print_exposure(JsonReader& answer) {
    const auto parts = static_cast<std::int64_t>(answer.size("parts"));
    fmt::print("{} ({}): {} parts on {} hosts\n", cell(answer.peek("legal_name")), answer.peek("entity"),
               number_of(answer, "parts_in_all"), number_of(answer, "hosts_in_all"));
    print_coverage(answer);
    answer.each("parties", [](JsonReader& party) {
        if (const auto chain = party.peek("chain"); !chain.empty()) fmt::print("  {}\n", cell(chain));
    });
    if (parts == 0) return;
    print_decisions(answer);
    Table table(
        {"HOST", "PART", "PLACE", "MODEL", "SERIAL", "FIRST SEEN", "LAST SEEN", "RESULT", "MATCHED BY"});
    answer.each("parts", [&](JsonReader& part) {
        table.add({cell(part.peek("host")), cell(part.peek("component")), stored_cell(part, "place"),
                   stored_cell(part, "model"), stored_cell(part, "serial"), time_of(part, "first_seen"),
                   time_of(part, "last_seen") + (part.flag("present") ? "" : " gone"),
                   cell(part.peek("result_id").substr(0, 16)), stored_cell(part, "matched_by")});
    });
    table.print();
    if (parts < number_of(answer, "parts_in_all")) fmt::print("{} shown; --limit shows more\n", parts);
}

}  // namespace assay::cli
