#include <algorithm>

#include "evidence/base/stable_sort.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/reading/reading.h"

namespace assay::accompaniment {
namespace {

Signature signature(JsonReader& in) {
    Signature out;
    out.key = in.text("key");
    out.at = reading::instant(in, "at");
    out.valid = in.word("signature", {"valid", "invalid"}) == "valid";
    out.received_at = reading::received_at(in, Source::case_file);
    out.posted = in.flag_or("posted", false);
    return out;
}

Signature signature_at(JsonReader& in, std::string_view key) {
    Signature out;
    in.object(key, [&](JsonReader& fields) { out = signature(fields); });
    return out;
}

Session session(JsonReader& in) {
    Session out;
    out.id = in.text("id");
    out.host = in.text("host");
    out.rack_scoped = in.word("scope", {"host", "rack"}, "host") == "rack";
    out.order = in.text("order");
    out.order_digest = in.hex_or_none("order_digest", 32);
    out.boot_id = in.text_or("boot_id");
    out.technician = signature_at(in, "technician");
    out.escort = signature_at(in, "escort");
    out.opened_at = reading::instant(in, "opened_at");
    out.closed_at = reading::maybe_instant(in, "closed_at");
    if (out.closed_at && *out.closed_at < out.opened_at)
        in.wrong("closed_at", "a time not before \"opened_at\"");
    in.each("heartbeats", [&](JsonReader& beat) {
        out.heartbeats.push_back({.signature = signature(beat), .host = beat.text_or("host")});
    });
    out.unlisted = in.flag_or("unlisted", false);
    sort_stably(out.heartbeats, {}, [](const Heartbeat& beat) { return beat.signature.at; });
    out.digest = reading::digest_of(in.as_text());
    return out;
}

}  // namespace

Result<SessionData> read_sessions(std::string_view json) {
    SessionData out;
    TRY_VOID(reading::file(json, [&](JsonReader& file) {
        out.watermark = reading::instant(file, "watermark");
        out.bmc_watermark = reading::maybe_instant(file, "bmc_watermark").value_or(out.watermark);
        file.each("sessions", [&](JsonReader& in) { out.sessions.push_back(session(in)); });
        file.each("late_attestations", [&](JsonReader& in) {
            LateAttestation late;
            late.host = in.text("host");
            late.order = in.text("order");
            late.device_digest = in.hex_or_none("descriptors_sha256", 32);
            late.escort = signature_at(in, "escort");
            late.digest = reading::digest_of(in.as_text());
            out.late.push_back(std::move(late));
        });
        file.each("bmc_sessions", [&](JsonReader& in) {
            BmcSession session;
            session.host = in.text("host");
            session.kind = in.word("kind", {"media", "console", "nic"});
            session.user = in.text("user");
            session.time = {reading::instant(in, "from"),
                            reading::maybe_instant(in, "to").value_or(INT64_MAX)};
            out.bmc.push_back(std::move(session));
        });
    }));
    std::set<std::string_view> ids;
    for (const auto& one : out.sessions) {
        if (!ids.insert(one.id).second)
            return fail(ErrorCode::malformed, "/sessions: the id \"" + one.id + "\" is there twice");
    }
    return out;
}

}  // namespace assay::accompaniment
