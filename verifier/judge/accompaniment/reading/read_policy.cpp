#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/reading/reading.h"

namespace assay::accompaniment {
namespace {

constexpr std::int64_t kMost = 366LL * 86'400;  // seconds

OrderException exception(JsonReader& in, Source source) {
    OrderException out;
    out.order = in.text("order");
    out.reason = in.word("reason", {"ISSUER"});
    out.text = in.text("text");
    out.approved_by = in.text("approved_by");
    out.valid = {reading::instant(in, "from"), reading::instant(in, "to")};
    out.signature_valid = in.word("signature", {"valid", "invalid"}) == "valid";
    out.received_at = reading::received_at(in, source);
    return out;
}

BaselineDevice baseline(JsonReader& in) {
    BaselineDevice out;
    out.model = in.text_or("model");
    out.controller = in.text_or("controller");
    out.port = in.text("port");
    out.vid = in.hex_or_none("vid", 2);
    out.pid = in.hex_or_none("pid", 2);
    out.interfaces = reading::kinds(in, "interfaces");
    out.digest = in.hex_or_none("descriptors_sha256", 32);
    out.bmc = in.flag_or("bmc", false);
    return out;
}

// A text, or an object where there is more to say of it.
AllowedIssuer issuer(JsonReader& in) {
    constexpr std::int64_t kLongestBatch = 3600;  // seconds: accompaniment.md, order received late
    if (!in.has_members()) return {.id = in.text("")};
    return {.id = in.text("id"), .batch = in.integer_or("batch_s", 0, 0, kLongestBatch) * 1000};
}

}  // namespace

Result<Policy> read_policy(std::string_view json, Source source) {
    Policy out;
    TRY_VOID(reading::file(json, [&](JsonReader& in) {
        const auto seconds = [&](std::string_view key, Millis& value) {
            value = in.integer_or(key, value / 1000, 0, kMost) * 1000;
        };
        in.each("issuers", [&](JsonReader& item) { out.issuers.push_back(issuer(item)); }, JsonReader::kList);
        out.single_handed = in.word("hands", {"split", "single"}, "split") == "single";
        in.each("exceptions", [&](JsonReader& item) { out.exceptions.push_back(exception(item, source)); });
        out.exception_approvers = in.texts_or_none("exception_approvers");
        out.allow = reading::device_rules(in, "allow");
        in.each("baseline", [&](JsonReader& item) { out.baseline.push_back(baseline(item)); });
        out.everyone_needs_escort = in.word("escort_for", {"everyone", "visitors"}, "everyone") == "everyone";
        seconds("delta_s", out.delta);
        seconds("max_clock_bound_s", out.max_clock_bound);
        seconds("heartbeat_s", out.heartbeat);
        seconds("late_attestation_s", out.late_attestation);
        seconds("max_dwell_s", out.max_dwell);
        seconds("unproven_after_s", out.unproven_after);
        seconds("late_delivery_s", out.late_delivery);
        seconds("travel_s", out.travel);
        seconds("rights_window_s", out.rights_window);
        seconds("flap_s", out.flap);
        seconds("morph_s", out.morph);
        seconds("group_s", out.group);
        seconds("walk_s", out.walk);
        out.escort_ratio =
            static_cast<std::uint32_t>(in.integer_or("escort_ratio", out.escort_ratio, 1, 1000));
        out.digest = reading::digest_of(in.as_text());
    }));
    return out;
}

Result<Millis> read_now(std::string_view json) {
    Millis now = 0;
    TRY_VOID(reading::file(json, [&](JsonReader& in) { now = reading::instant(in, "now"); }));
    return now;
}

}  // namespace assay::accompaniment
