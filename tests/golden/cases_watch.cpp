#include <nlohmann/json.hpp>

#include "tests/golden/cases.h"

namespace assay::test {

bool change_watch(EvidenceBuilder& host, const std::string& name, const nlohmann::json& value) {
    if (name == "no_heartbeat") {
        host.heartbeat.reset();
        return true;
    }
    if (name == "heartbeat") {  // {"seen", "kernel", "idle_s", "start_ms"}: what is not the honest host's
        auto& beat = *host.heartbeat;
        beat.seen = value.value("seen", beat.seen);
        beat.kernel = value.value("kernel", beat.kernel);
        beat.start_ms = value.value("start_ms", beat.start_ms);
        if (value.contains("idle_s")) beat.idle_s = value.at("idle_s").get<std::uint64_t>();
        return true;
    }
    if (name == "watched_before") {  // {"kernel"}: by the same monitor, 1,000 s ago by the TPM's clock
        const auto& beat = *host.heartbeat;
        host.known.watch = WatchPoint{.boot = to_bytes(sha256(as_view(host.boot_id)).view().first(16)),
                                      .kernel = value.value("kernel", beat.kernel),
                                      .kernel_ms = 4'000'000,
                                      .seen = value.value("seen", beat.seen),
                                      .start_ms = EvidenceBuilder::kFirstRecord_ms,
                                      .diskseq = beat.diskseq,
                                      .devnums = beat.devnums};
        return true;
    }
    return false;
}

}  // namespace assay::test
