#include "cli/provision/delivery_sheet.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "cli/report_page.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

constexpr std::size_t kReasons = 8;      // of one server; the report of that server has all
constexpr std::size_t kStrangers = 200;  // named

std::string_view sentence_of(Tier tier) {
    switch (tier) {
        case Tier::affirming:
            return "Every server of the list attested while it was watched, with the TPM that was bought, "
                   "and every "
                   "required check holds.";
        case Tier::warning:
            return "The required checks hold on every server of the list; each warning below wants a "
                   "decision by a "
                   "person.";
        case Tier::contraindicated:
            return "At least one server of the list failed a check. Do not put it into service before its "
                   "findings "
                   "are resolved.";
        case Tier::none:
            return "Of at least one server of the list nothing can be told, and absent data never passes.";
    }
    return "";
}

/// With a text before it where there is one.
std::string labelled(std::string_view label, std::string_view text) {
    return text.empty() ? std::string() : fmt::format("{} {}", label, page_text(text));
}

std::string place_of(const PurchasedHost& bought) {
    std::string out;
    for (const auto& part : {labelled("site", bought.site), labelled("rack", bought.rack),
                             labelled("unit", bought.unit), labelled("chassis", bought.chassis_serial)}) {
        if (!part.empty()) out += (out.empty() ? "" : ", ") + part;
    }
    return out;
}

std::string reasons_of(const DeliveryRow& row, const Standing& standing) {
    // The reason is that of the first finding where the verdict is of the findings alone.
    const bool beside = row.findings.empty() || row.verdict != row.findings.front().tier;
    std::string out = beside && !row.reason.empty() ? page_text(row.reason) : "";
    if (row.stage == Stage::expected && row.reason.empty()) out = page_text(stage_of(row, standing.ended));
    if (row.findings.empty()) return out.empty() ? "none" : out;
    out += "<ol>";
    for (std::size_t i = 0; i < std::min(row.findings.size(), kReasons); ++i) {
        const auto& finding = row.findings[i];
        out += fmt::format("<li>{} <code>{}</code> {}: expected {}, found {}</li>", page_tier(finding.tier),
                           page_text(finding.id), page_text(finding.subject), page_text(finding.expected),
                           page_text(finding.actual));
    }
    out += "</ol>";
    if (row.findings.size() > kReasons)
        out += fmt::format("and {} more: <code>assay host show {}</code>", row.findings.size() - kReasons,
                           page_text(row.bought.host));
    return out;
}

std::string row_of(const DeliveryRow& row, const Standing& standing, std::size_t policy) {
    const auto tier = row.verdict.value_or(Tier::none);
    auto out = fmt::format(
        "<tr><td><b>{}</b><br><small>{}</small></td><td>{}<br><small>{}{}</small></td><td>{}</td></tr>\n",
        page_text(row.bought.host), place_of(row.bought), page_tier(tier, verdict_of(row, true)),
        page_text(stage_of(row, standing.ended)),
        row.result_id.empty() ? "" : " " + utc_text(row.appraised_at), reasons_of(row, standing));
    out += fmt::format("<tr><td colspan=\"3\" class=\"soft\"><small>TPM <code>{}</code>",
                       page_text(row.bought.tpm_digest));
    if (!row.result_id.empty()) out += fmt::format("<br>result <code>{}</code>", page_text(row.result_id));
    if (policy != 0) out += fmt::format(", policy {}", policy);
    return out + "</small></td></tr>\n";
}

/// Digest and by whose word, each with its number on this page, from 1.
using Policies = std::map<std::pair<std::string, std::string>, std::size_t>;

Policies policies_of(const Delivery& delivery) {
    Policies out;
    for (const auto& row : delivery.rows())
        if (!row.policy.empty()) out.try_emplace({row.policy, row.policy_choice}, out.size() + 1);
    return out;
}

std::string policies_html(const Policies& policies) {
    if (policies.empty()) return "";
    std::map<std::size_t, std::string> lines;
    for (const auto& [policy, number] : policies)
        lines[number] = fmt::format(
            "<tr><td>{}</td><td><code>{}</code></td><td>{}</td></tr>\n", number, page_text(policy.first),
            policy.second.empty() ? "nobody in particular" : page_text(policy.second));
    std::string out = "<h2>Policies</h2>\n<table><tr><th>No.</th><th>SHA-256</th><th>Chosen by</th></tr>\n";
    for (const auto& [number, line] : lines) out += line;
    return out + "</table>\n";
}

std::string strangers_html(const Delivery& delivery) {
    const auto& strangers = delivery.strangers();
    auto out = fmt::format("<h2>Enrolled meanwhile, and not on the list: {}</h2>\n", strangers.size());
    if (strangers.empty()) return out + "<p>None.</p>\n";
    out += "<p>";
    for (std::size_t i = 0; i < std::min(strangers.size(), kStrangers); ++i)
        out += (i == 0 ? "" : ", ") + page_text(strangers[i]);
    return out + (strangers.size() > kStrangers ? ", ...</p>\n" : "</p>\n");
}

constexpr std::string_view kSignature =
    "<h2>Decision</h2>\n<table class=\"sign\"><tr><td>&#9744; accepted &nbsp; &#9744; accepted but for: "
    "&nbsp; &#9744; "
    "refused</td><td>Remarks</td></tr>\n<tr><td>Name</td><td>Date and "
    "time</td></tr>\n<tr><td>Signature</td><td>Work "
    "order</td></tr></table>\n";

}  // namespace

std::string delivery_sheet(const Delivery& delivery, const Standing& standing, const SheetHead& head) {
    const auto tier = delivery.tier();
    const auto policies = policies_of(delivery);
    const bool began = standing.looked_at != 0;
    auto out = page_head(fmt::format("{}: {} servers", head.list, delivery.rows().size()),
                         "Assay delivery sheet", head.list + " - delivery sheet");
    out += page_verdict(
        tier,
        fmt::format("{}<br><small>Verdicts from {} to {} count, of {}.{}</small>", sentence_of(tier),
                    began ? utc_text(delivery.since()) : "the verifier's first answer, which never came,",
                    utc_text(standing.now), page_text(head.verifier),
                    delivery.finished() ? "" : " <b>Not every server had its verdict by then.</b>"));
    if (const auto silence = silence_line(standing); !silence.empty())
        out += fmt::format("<p class=\"none\">{}</p>\n", page_text(silence));
    out += "<h2>Servers</h2>\n<table><tr><th>Server</th><th>Verdict</th><th>Reasons</th></tr>\n";
    for (const auto& row : delivery.rows()) {
        const auto policy = policies.find({row.policy, row.policy_choice});
        out += row_of(row, standing, policy == policies.end() ? 0 : policy->second);
    }
    out += "</table>\n" + strangers_html(delivery) + policies_html(policies);
    out += kSignature;
    out += fmt::format(
        "<footer>Purchase list <code>{}</code>, SHA-256 <code>{}</code>. Each result can be had from "
        "the verifier by its digest, and appraised again by anybody.</footer>\n</body></html>\n",
        page_text(head.list), page_text(head.list_digest));
    return out;
}

}  // namespace assay::cli
