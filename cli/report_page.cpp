#include "cli/report_page.h"

#include <fmt/core.h>

#include "client/command_line/result_text.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

constexpr std::string_view kStyle = R"(
:root { --ok: #1a6b3c; --warn: #8a5a00; --bad: #a3191f; --none: #5b3f8c; --line: #d5d8dc; --ink: #1c2127; --soft: #5c6670; }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: var(--ink); background: #fff; margin: 0 auto; padding: 2rem; max-width: 62rem; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
.verdict { display: flex; gap: 1.5rem; align-items: center; border: 2px solid; border-radius: .5rem; padding: 1.1rem 1.4rem; margin: 1.2rem 0; }
.verdict b { font-size: 1.9rem; letter-spacing: .02em; white-space: nowrap; } .verdict p { margin: 0; color: var(--ink); }
.affirming { color: var(--ok); } .warning { color: var(--warn); } .contraindicated { color: var(--bad); } .none { color: var(--none); }
.tier { font-weight: 600; white-space: nowrap; } .tier::before { content: "\25CF\00A0"; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; color: var(--soft); font-size: .85rem; }
th, td { border-bottom: 1px solid var(--line); padding: .38rem .9rem .38rem 0; vertical-align: top; } td.soft { color: var(--soft); }
.finding { border: 1px solid var(--line); border-left: .35rem solid; border-radius: .3rem; padding: .8rem 1.1rem; margin: .8rem 0; break-inside: avoid; }
.finding h3 { font-size: 1rem; margin: 0 0 .5rem; color: var(--ink); overflow-wrap: anywhere; } .finding dl { display: grid; grid-template-columns: 6.5rem 1fr; gap: .2rem .8rem; margin: 0; color: var(--ink); }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } code { font: .86em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.sign td { height: 3rem; vertical-align: bottom; width: 50%; } tr { break-inside: avoid; } ol { margin: .3rem 0 0; padding-left: 1.2rem; } li { overflow-wrap: anywhere; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .8rem; color: var(--soft); font-size: .85rem; }
@page { margin: 16mm; } @media print { body { padding: 0; font-size: 11pt; max-width: none; } }
)";

}  // namespace

std::string page_text(std::string_view text) {
    return html_escaped(kept_printable(text));
}

std::string page_tier(Tier tier, std::string_view words) {
    return fmt::format(R"(<span class="tier {}">{}</span>)", to_string(tier), words);
}

std::string page_tier(Tier tier) {
    return page_tier(tier, command_line::tier_words(tier));
}

std::string page_head(std::string_view heading, std::string_view kind, std::string_view title) {
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\">\n"
        "<title>{}</title>\n<style>{}</style></head>\n<body>\n<p><small>{}</small></p>\n<h1>{}</h1>\n",
        page_text(title), kStyle, kind, page_text(heading));
}

std::string page_verdict(Tier tier, std::string_view html) {
    return fmt::format("<div class=\"verdict {}\"><b>{}</b><p>{}</p></div>\n", to_string(tier),
                       command_line::verdict_words(tier), html);
}

}  // namespace assay::cli
