#include "verifier/judge/ledger/audit.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <memory>
#include <vector>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/duration.h"
#include "cli/ear.h"
#include "cli/moments.h"
#include "cli/table.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

constexpr std::int64_t kSecond_ms = 1000;
constexpr std::size_t kSlice = 1000;
constexpr std::size_t kTokenFile = 16U << 20U;
constexpr std::size_t kWhat = 64U << 10U;

struct AuditOptions {
    std::string host, subject, hand, kind, since;
    std::vector<std::string> tokens;
};

Result<command_line::ExitCode> list(const Context& context, const AuditOptions& options) {
    std::string path = fmt::format("/v1/acts?limit={}", kSlice);
    const auto ask = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) path += fmt::format("&{}={}", name, client::percent_encoded(value));
    };
    ask("subject", options.host.empty() ? options.subject : "host:" + options.host);
    ask("hand", options.hand);
    ask("kind", options.kind);
    if (!options.since.empty())
        ask("since_ms", std::to_string(TRY(parse_time(options.since, std::time(nullptr))) * kSecond_ms));
    return show_answer(context, TRY(get(context, path)), [](JsonReader& acts) {
        Table table({"ACT", "TIME", "WHAT", "BY", "ABOUT"});
        acts.each("", [&](JsonReader& act) {
            table.add({std::to_string(number_of(act, "number")), moment_of(act, "at"), cell(act.peek("kind")),
                       cell(act.peek("hand")), cell(act.peek("subject"))});
        });
        table.print();
        if (acts.size() == kSlice)
            fmt::print("The first {}: ask for less with --host, --hand, --kind or --since.\n", kSlice);
    });
}

/// The chain as the acts make it, and not as the verifier says.
struct Recomputed {
    std::map<std::int64_t, Digest> heads;
    std::vector<judge::Contradiction> found;
};

Result<Recomputed> recompute(const Context& context) {
    Recomputed out;
    judge::ChainWalk walk;
    for (std::size_t size = kSlice; size == kSlice;) {
        const auto answer =
            TRY(get(context, fmt::format("/v1/acts?limit={}&after={}", kSlice, walk.head().number)));
        JsonReader acts(answer, kAnswer);
        size = acts.size();
        acts.each("", [&](JsonReader& act) {
            auto found = walk.next({.number = act.integer("number", 1),
                                    .at_ms = act.integer("at_ms"),
                                    .kind = act.text("kind"),
                                    .hand = act.text_or("hand"),
                                    .subject = act.text_or("subject"),
                                    .object = act.text_or("object"),
                                    .document = sha256(as_view(act.text_or("document", {}, 64U << 20U)))},
                                   act.text_or("head"));
            out.heads[walk.head().number] = walk.head().head;
            if (found) out.found.push_back(*std::move(found));
        });
        TRY_VOID(acts.finish());
    }
    return out;
}

/// What a host was shown, against the chain.
Result<> compare_token(const std::string& file, const std::string& keys, Recomputed& with) {
    const auto content = TRY(read_file(file, kTokenFile));
    const auto token = TRY(with_context(verify_token(trimmed(as_text(content)), keys), cell(file)));
    if (!token.acts)
        return fail(ErrorCode::malformed, cell(file) + ": a token of an older verifier, without acts");
    const auto found = with.heads.find(token.acts->number);
    if (found != with.heads.end() && found->second == token.acts->head) return {};
    with.found.push_back(
        {fmt::format("{}: expected act {} with head {}, as {} was shown, got {}", cell(file),
                     token.acts->number, token.acts->head.hex(), cell(token.host),
                     found == with.heads.end() ? fmt::format("{} acts in all", with.heads.size())
                                               : "head " + found->second.hex()),
         token.issued_at * kSecond_ms});
    return {};
}

/// What the verifier finds in its own rows and results.
Result<> add_of_verifier(const Context& context, std::vector<judge::Contradiction>& found) {
    for (std::string path = "/v1/audit"; !path.empty();) {
        const auto text = TRY(get(context, path));
        JsonReader answer(text, kAnswer);
        answer.each("contradictions", [&](JsonReader& each) {
            judge::Contradiction one{each.text("what", kWhat), milliseconds_of(each, "at")};
            if (std::ranges::find(found, one) == found.end()) found.push_back(std::move(one));
        });
        const auto next = answer.text_or("next");
        TRY_VOID(answer.finish());
        path = next.empty() ? std::string() : "/v1/audit?after=" + client::percent_encoded(next);
    }
    return {};
}

Result<command_line::ExitCode> verify(const Context& context, const AuditOptions& options) {
    auto chain = TRY(recompute(context));
    if (!options.tokens.empty()) {
        auto client = TRY(connect(context));
        const auto keys = TRY(client.get_json("/v1/keys"));
        for (const auto& file : options.tokens) TRY_VOID(compare_token(file, keys, chain));
    }
    TRY_VOID(add_of_verifier(context, chain.found));
    if (context.json) {
        Json answer{{"acts", chain.heads.size()}, {"contradictions", Json::array()}};
        for (const auto& each : chain.found) answer["contradictions"].push_back(to_json(each));
        print_json(answer);
    } else {
        for (const auto& each : chain.found)
            fmt::print("{}  {}\n", each.at_ms == 0 ? "-" : utc_text(each.at_ms / kSecond_ms),
                       cell(each.what));
        fmt::print("{} acts, {} contradictions\n", chain.heads.size(), chain.found.size());
    }
    return chain.found.empty() ? command_line::ExitCode::done : command_line::ExitCode::contraindicated;
}

}  // namespace

void add_audit(command_line::Command& app, Context& context) {
    auto* group = command_line::add_group(app, "audit", "What people did and what was concluded, as a chain");
    const auto options = std::make_shared<AuditOptions>();
    auto* listed = command_line::add_command(*group, "list",
                                             "List acts, oldest first: when, what, by whose hand, about what",
                                             "assay audit list --host rack-7 --since 24h\n"
                                             "assay audit list --hand operator:otto\n"
                                             "assay audit list --kind labels.set --json",
                                             [&context, options] { return list(context, *options); });
    listed->add_option("--host", options->host, "Only about this host");
    listed->add_option("--subject", options->subject, "Only about this: directory, order:W-1");
    listed->add_option("--hand", options->hand, "Only by this hand: operator:otto, feed:doors, local:root");
    listed->add_option("--kind", options->kind, "Only of this kind: labels.set");
    listed->add_option("--since", options->since, "Only since then: 24h, 2026-11-22, 2026-11-22T10:42:25Z");
    auto* verified =
        command_line::add_command(*group, "verify",
                                  "Compute the chain anew from its acts, and compare tokens and the "
                                  "verifier's rows and results with it",
                                  "assay audit verify  # exit code 0 where nothing contradicts, 3 otherwise\n"
                                  "assay audit verify --token /var/lib/assay-agent/seen-1796032800.jwt",
                                  [&context, options] { return verify(context, *options); });
    verified->add_option("--token", options->tokens, "A token that a host kept (again for more)")
        ->type_name("FILE");
}

}  // namespace assay::cli
