#include "evidence/base/text.h"
#include "vendor-db/load/loader.h"
#include "vendor-db/resolve/identifier.h"

namespace assay::vendors {

void Loader::read_decisions(const TomlReader& root) {
    complaints_.take(root.only({"decisions"}));
    for (const auto& table : complaints_.take(root.tables("decisions"))) read_decision(table);
}

void Loader::read_decision(const TomlReader& table) {
    complaints_.take(
        table.only({"entities", "list", "owned_by", "country", "minimum_pct", "component", "site", "decision",
                    "reason", "document", "approver", "from", "to", "grandfather"}));
    Ruling ruling;
    ruling.where = table.where();
    const auto component =
        component_from_name(complaints_.take(table.optional_text("component")).value_or("any"));
    if (!component)
        complaints_.add(table.where("component"), "component: " + component.error().context,
                        "use one of them");
    ruling.component = component.value_or(Component::any);
    const auto decision = decision_from_name(complaints_.take(table.text("decision"), std::string("review")));
    if (!decision)
        complaints_.add(table.where("decision"), "decision: " + decision.error().context, "use one of them");
    ruling.decision = decision.value_or(Decision::review);
    ruling.site = complaints_.take(table.optional_text("site")).value_or("");
    ruling.reason = complaints_.take(table.text("reason"));
    ruling.document = complaints_.take(table.optional_text("document")).value_or("");
    ruling.approver = complaints_.take(table.text("approver"));
    ruling.span = read_span(table);
    ruling.reach = complaints_.take(table.optional_percent("minimum_pct"));

    if (const auto exception = complaints_.take(table.optional_table("grandfather"))) {
        complaints_.take(exception->only({"first_seen_before", "expires", "same_part_only"}));
        ruling.grandfather = Grandfather{complaints_.take(exception->time("first_seen_before")),
                                         complaints_.take(exception->time("expires"))};
        if (!complaints_.take(exception->flag("same_part_only", false))) {
            complaints_.add(exception->where("same_part_only"),
                            "an exception that is not bound to a part would cover its replacement",
                            "write same_part_only = true");
        }
        if (ruling.grandfather->expires <= ruling.grandfather->first_seen_before) {
            complaints_.add(exception->where("expires"), "'expires' is not after 'first_seen_before'",
                            "correct one of the dates");
        }
        if (ruling.decision != Decision::deny) {
            complaints_.add(exception->where(), "an exception from a decision that denies nothing",
                            "remove it, or write decision = \"deny\"");
        }
    }

    const int subjects = int{table.has("entities")} + int{table.has("list")} + int{table.has("owned_by")} +
                         int{table.has("country")};
    if (subjects != 1) {
        return complaints_.add(
            table.where(),
            subjects == 0 ? "a decision about nobody" : "a decision about several kinds of subject",
            "give one of: entities, list, owned_by, country");
    }
    const auto add = [&](Subject subject, const std::string& target) {
        ruling.subject = subject;
        ruling.target = target;
        db_.rulings_.push_back(ruling);
    };
    if (table.has("list")) add(Subject::listed, complaints_.take(table.text("list")));
    if (table.has("country")) {
        if (ruling.reach) {
            complaints_.add(table.where("minimum_pct"), "'minimum_pct' says nothing about a country",
                            "remove it");
        }
        add(Subject::country, complaints_.take(table.text("country")));
    }
    if (table.has("owned_by")) {
        if (!ruling.reach) {
            complaints_.add(table.where("owned_by"), "'owned_by' without the share from which it counts",
                            "add minimum_pct = 50");
        }
        add(Subject::owned_by, complaints_.take(table.text("owned_by")));
    }
    for (const auto& entity : complaints_.take(table.optional_texts("entities")))
        add(Subject::entity, entity);
}

}  // namespace assay::vendors
