#include "cli/secure_boot_text.h"

#include <vector>

#include <fmt/core.h>

#include "cli/context.h"
#include "cli/table.h"

namespace assay::cli {
namespace {

std::int64_t count_of(JsonReader& in, std::string_view of, std::string_view name) {
    std::int64_t out = 0;
    in.object(of, [&](JsonReader& counts) { out = number_of(counts, name); });
    return out;
}

std::string model_of(JsonReader& in) {
    return in.peek("model").empty() ? "not known" : kept_cell(in.peek("model"));
}

/// Its well-known name, else its subject.
std::string certificate_text(JsonReader& in) {
    if (const auto name = in.peek("name"); !name.empty()) return cell(name);
    if (const auto subject = in.peek("subject"); !subject.empty()) return kept_cell(subject);
    return fmt::format("sha256 {}", in.peek("sha256"));
}

// What every number below is out of.
void print_coverage(JsonReader& answer) {
    answer.object("all", [&](JsonReader& all) {
        const auto hosts = number_of(all, "hosts");
        const auto known = count_of(all, "known", "quoted");
        fmt::print("Secure Boot of {} hosts: {} known by a quote, {} not\n", hosts, known, hosts - known);
        const auto line = [&](std::string_view name, std::string_view what) {
            if (const auto count = count_of(all, "known", name); count != 0)
                fmt::print("  {} {}\n", count, what);
        };
        line("never-attested", "never attested");
        line("not-kept", "attested last before this was kept: it is known after their next report");
        line("no-log", "sent no boot event log that can be read");
        line("not-vouched", "whose boot event log no quote vouches for");
        if (known == 0) fmt::print("  CANNOT TELL: nothing is known of any host.\n");
        fmt::print("  on {}, off {}, not known {}\n", count_of(all, "secure_boot", "on"),
                   count_of(all, "secure_boot", "off"), count_of(all, "secure_boot", "unknown"));
    });
    if (const auto silent = number_of(answer, "silent"); silent != 0)
        fmt::print("  {} silent: what is said of them may be over\n", silent);
}

void print_models(JsonReader& answer) {
    Table models({"MODEL", "HOSTS", "KNOWN", "ON", "DB 2011 ONLY", "DB BOTH", "DB 2023 ONLY", "KEK 2011 ONLY",
                  "KEK BOTH", "KEK 2023 ONLY"});
    Table certificates({"MODEL", "IN", "CERTIFICATE", "ENDS", "HOSTS"});
    Table images({"MODEL", "LOADED (THE LOG'S WORD)", "PCR", "DIGEST", "LET IN BY", "HOSTS"});
    answer.each("models", [&](JsonReader& each) {
        const auto model = model_of(each);
        const auto count = [&](std::string_view of, std::string_view name) {
            return std::to_string(count_of(each, of, name));
        };
        models.add({model, std::to_string(number_of(each, "hosts")), count("known", "quoted"),
                    count("secure_boot", "on"), count("db", "only-2011"), count("db", "both"),
                    count("db", "only-2023"), count("kek", "only-2011"), count("kek", "both"),
                    count("kek", "only-2023")});
        each.each("certificates", [&](JsonReader& row) {
            certificates.add({model, cell(row.peek("variable")), certificate_text(row),
                              time_of(row, "not_after"), std::to_string(number_of(row, "hosts"))});
        });
        each.each("images", [&](JsonReader& row) {
            std::string by = "not known";
            row.object("let_in_by", [&](JsonReader& authority) {
                by =
                    fmt::format("{}: {}", kept_cell(authority.peek("variable")), certificate_text(authority));
            });
            images.add({model, kept_cell(row.peek("says")), std::to_string(number_of(row, "pcr")),
                        cell(row.peek("digest").substr(0, 16)), by, std::to_string(number_of(row, "hosts"))});
        });
    });
    for (const auto* table : {&models, &certificates, &images}) {
        if (table->empty()) continue;
        fmt::print("\n");
        table->print();
    }
}

// A host that lacks one of 2023, whichever variable it belongs to.
void print_behind(JsonReader& answer) {
    Table table({"HOST", "MODEL", "DB", "KEK", "MISSING", "SINCE"});
    answer.each("hosts", [&](JsonReader& host) {
        if (host.peek("db") != "only-2011" && host.peek("kek") != "only-2011") return;
        table.add({cell(host.peek("host")), model_of(host), cell(host.peek("db")), cell(host.peek("kek")),
                   joined(host, "missing", ", "), time_of(host, "since")});
    });
    if (table.empty()) return;
    fmt::print(
        "\nWith certificates of 2011 alone in db or KEK: what is signed under 2023 alone is refused\n");
    table.print();
}

void print_revocation(JsonReader& answer) {
    const bool asked = answer.object("if_revoked", [&](JsonReader& revoked) {
        const auto name = revoked.peek("name");
        fmt::print("\nIf {} {}{} were revoked (added to dbx):\n", revoked.peek("read_as"),
                   revoked.peek("sha256"), name.empty() ? "" : " (" + kept_cell(name) + ")");
    });
    if (!asked) return;
    answer.object("all", [](JsonReader& all) {
        fmt::print(
            "  {} would not boot what they booted last\n  {} name nothing that it let in\n"
            "  {} have Secure Boot off\n  {} CANNOT TELL, which is not 'safe'\n",
            count_of(all, "after", "stops"), count_of(all, "after", "not-named"),
            count_of(all, "after", "not-enforced"), count_of(all, "after", "unknown"));
    });
    Table table({"HOST", "MODEL", "THEN", "BASIS", "BECAUSE", "LOADED (THE LOG'S WORD)"});
    for (const std::string_view wanted : {"stops", "unknown"}) {
        answer.each("hosts", [&](JsonReader& host) {
            host.object("after", [&](JsonReader& after) {
                if (after.peek("outcome") != wanted) return;
                std::string loaded;
                after.each("loaded", [&](JsonReader& image) {
                    loaded += (loaded.empty() ? "" : "; ") + kept_cell(image.peek(""));
                });
                table.add({cell(host.peek("host")), model_of(host), cell(wanted), cell(host.peek("basis")),
                           kept_cell(after.peek("why")), loaded.empty() ? "-" : loaded});
            });
        });
    }
    if (!table.empty()) table.print();
}

}  // namespace

void print_secure_boot(JsonReader& answer) {
    print_coverage(answer);
    print_models(answer);
    if (const auto models = number_of(answer, "models_in_all");
        models > static_cast<std::int64_t>(answer.size("models")))
        fmt::print("{} of {} models shown; --model shows one\n", answer.size("models"), models);
    print_behind(answer);
    print_revocation(answer);
    if (const auto next = answer.peek("next"); !next.empty())
        fmt::print("\n{} hosts listed; --after {} lists those behind. The counts are of all.\n",
                   answer.size("hosts"), cell(next));
}

}  // namespace assay::cli
