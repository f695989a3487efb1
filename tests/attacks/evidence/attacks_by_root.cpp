#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <tss2/tss2_esys.h>

#include "agent/attest/collect.h"
#include "agent/devices/host/recorded_host.h"
#include "agent/devices/tpm/esys_connection.h"
#include "agent/devices/tpm/tpm.h"
#include "agent/opened_machine.h"
#include "agent/usb/journal/anchored_journal.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/machine/sample_machine.h"
#include "tests/support/machine/skip.h"
#include "tests/support/tpm/swtpm.h"

// What root on the host does to the device journal, with a TPM that really answers: the agent's own journal,
// collection and quote, and the verifier's own appraisal. Each begins as its honest twin, which is clean.
using namespace assay;
using namespace assay::agent;
using namespace assay::test;

namespace fs = std::filesystem;

namespace {

std::int64_t now() {
    return static_cast<std::int64_t>(std::time(nullptr));
}

JournalRecord record(DeviceEventKind kind, const std::string& serial = "") {
    JournalRecord out;
    out.boot_id = "0f8fad5b-d9cb-469f-a165-70867728950e";  // SampleMachine's
    out.wall_ms = (now() - 60) * 1000;
    out.boottime_ms = 60'000;
    out.kind = kind;
    if (serial.empty()) return out;
    out.device.emplace();
    out.device->port_path = "1-4";
    out.device->serial = serial;
    return out;
}

// A host with a TPM, as the verifier knows it.
struct RealHost {
    std::unique_ptr<Swtpm> swtpm = Swtpm::start();
    TempFolder state;
    Settings settings;
    KnownHost known;
    std::unique_ptr<Tpm> tpm;
    std::unique_ptr<AnchoredJournal> journal;
    std::uint8_t challenges = 0;

    [[nodiscard]] fs::path folder() const { return settings.journal_folder(); }
    void open_tpm() { tpm = Tpm::open(swtpm->tcti()).value(); }
    // The service starts, with what it does about its journal.
    void start() {
        settings.state = state.path();
        if (!tpm) open_tpm();
        journal = std::make_unique<AnchoredJournal>(Journal::open(folder()).value(), folder(), tpm.get());
        journal->catch_up();
        static_cast<void>(journal->set_up("", false, record(DeviceEventKind::monitor_start)));
    }
    void stop() {
        journal.reset();
        tpm.reset();
    }
    void append(DeviceEventKind kind, const std::string& serial) {
        REQUIRE(journal->append(record(kind, serial)));
    }
    void enrol() {
        start();
        const auto identity = tpm->identity().value();
        known.name = "rack-7";
        known.ak_public = identity.ak_public;
        known.ek_public = identity.ek_public;
        known.ek_certificates = identity.ek_certificates;
        known.ak_activated = true;
        known.enrolled_at = now() - 86'400;
        append(DeviceEventKind::insert, "S1");
        attest();
        REQUIRE(contraindicated.empty());
        REQUIRE(known.journal_sequence == 2);
        REQUIRE(known.journal_anchor);
    }
    // A stick came and went since, and nobody has sent that yet.
    void visit() {
        append(DeviceEventKind::insert, "SECRET");
        append(DeviceEventKind::remove, "SECRET");
    }

    std::vector<std::string> contraindicated;  // findings about the journal, of the newest appraisal
    void attest() {
        RecordedHost host(SampleMachine().recording);
        EvidenceRequest request;
        request.host = known.name;
        request.nonce = Bytes(kNonceSize, std::byte{++challenges});
        request.journal = [this] { return journal_part(settings, known.journal_sequence); };
        const auto evidence = make_evidence({host, tpm.get(), {}}, request);
        REQUIRE(evidence);
        AppraisalCase made;
        made.bundle.evidence = *evidence;
        made.bundle.challenge = {request.nonce, std::string(kDefaultSelection), now() - 5, now() + 115};
        made.bundle.known_host = known;
        made.now = now();
        const auto appraisal = made.appraise();
        REQUIRE(appraisal.next.authentic);
        contraindicated.clear();
        for (const auto& finding : appraisal.result.findings) {
            if (finding.tier == Tier::contraindicated && finding.id.starts_with("journal."))
                contraindicated.push_back(finding.id);
        }
        if (!contraindicated.empty()) return;
        known.journal_sequence = appraisal.next.journal_sequence;
        known.journal_head = appraisal.next.journal_head;
        known.journal_anchor = appraisal.next.journal_anchor;
        known.last_clock_ms = appraisal.next.clock_ms;
        known.last_reset_count = appraisal.next.reset_count;
        known.last_restart_count = appraisal.next.restart_count;
    }
    [[nodiscard]] bool finds(std::string_view id) const {
        return std::ranges::find(contraindicated, id) != contraindicated.end();
    }
};

// Takes the first record about this serial out of the file and chains the rest anew.
std::vector<Digest> digests_without(const fs::path& folder, const std::string& serial) {
    const auto loaded = load_journal(folder).value();
    auto bytes = journal_frames::encode_header(loaded.scan.base);
    auto head = loaded.scan.base;
    std::vector<Digest> digests;
    bool found = false;
    for (const auto& frame : loaded.scan.frames) {
        auto each = decode_journal_record(frame.record).value();
        if (!found && each.device && each.device->serial == serial) {
            found = true;
            continue;
        }
        each.sequence = ++head.sequence;
        each.previous = head.digest;
        const auto encoded = encode_journal_record(each);
        head.digest = journal_digest(encoded);
        digests.push_back(head.digest);
        const auto framed = journal_frames::encode_frame(encoded);
        bytes.insert(bytes.end(), framed.begin(), framed.end());
    }
    REQUIRE(found);
    std::ofstream(folder / "journal", std::ios::binary | std::ios::trunc) << as_text(bytes);
    return digests;
}

void put_copy(const fs::path& from, const fs::path& to) {
    fs::remove_all(to);
    fs::copy(from, to, fs::copy_options::recursive);
}

// The honest twin of all that stop the service: it is started again, and sends what it has.
void twin_is_clean() {
    RealHost host;
    host.enrol();
    host.visit();
    host.stop();
    host.start();
    host.attest();
    CHECK(host.contraindicated.empty());
    CHECK(host.known.journal_sequence == 4);
}

bool has_swtpm() {
    return RealHost().swtpm != nullptr;
}

}  // namespace

TEST_CASE("root: deletes a record before it was sent", "[attack]") {
    if (!has_swtpm()) ASSAY_SKIP("swtpm is not installed");
    twin_is_clean();
    RealHost host;
    host.enrol();
    host.visit();
    host.stop();
    digests_without(host.folder(), "SECRET");
    host.start();
    CHECK(anchor_status(host.folder(), *host.tpm).state == AnchorStatus::State::foreign);
    host.attest();
    CHECK(host.finds("journal.rewritten"));
}

TEST_CASE("root: redefines the NV indices and replays the rest, so that the host itself finds nothing",
          "[attack]") {
    if (!has_swtpm()) ASSAY_SKIP("swtpm is not installed");
    twin_is_clean();
    RealHost host;
    host.enrol();
    host.visit();
    host.stop();
    const auto digests = digests_without(host.folder(), "SECRET");
    host.open_tpm();
    REQUIRE(host.tpm->remove_journal_indices(""));
    REQUIRE(host.tpm->define_journal_indices(""));
    const auto counter = host.tpm->journal_indices().value().counter.value();
    for (const auto& digest : digests) {
        REQUIRE(host.tpm->extend_journal(digest));
        REQUIRE(host.tpm->count_journal());
    }
    REQUIRE(anchor_point::save(host.folder(), {0, Digest{}, counter}));
    host.start();
    CHECK(anchor_status(host.folder(), *host.tpm).state == AnchorStatus::State::anchored);
    host.attest();
    CHECK(host.finds("journal.rewritten"));
}

TEST_CASE("root: increments the counter alone", "[attack]") {
    if (!has_swtpm()) ASSAY_SKIP("swtpm is not installed");
    twin_is_clean();
    RealHost host;
    host.enrol();
    host.visit();
    REQUIRE(host.tpm->count_journal());
    host.attest();
    CHECK(host.finds("journal.rewritten"));
}

TEST_CASE("root: puts back the journal and its state as they were", "[attack]") {
    if (!has_swtpm()) ASSAY_SKIP("swtpm is not installed");
    twin_is_clean();
    RealHost host;
    host.enrol();
    const TempFolder kept;
    put_copy(host.folder(), kept.path() / "journal");
    host.visit();
    SECTION("before the visit was sent") {}
    SECTION("after it") {
        host.attest();
        REQUIRE(host.contraindicated.empty());
    }
    host.stop();
    put_copy(kept.path() / "journal", host.folder());
    host.start();
    host.append(DeviceEventKind::insert, "S2");
    host.attest();
    CHECK(host.finds("journal.rewritten"));
}

TEST_CASE("root: starts the host with the disk of another host", "[attack]") {
    if (!has_swtpm()) ASSAY_SKIP("swtpm is not installed");
    RealHost host, other;
    host.enrol();
    other.enrol();
    other.visit();
    host.stop();
    other.stop();
    SECTION("its own, as the twin") {
        host.start();
        host.attest();
        CHECK(host.contraindicated.empty());
        return;
    }
    put_copy(other.folder(), host.folder());
    host.start();
    host.attest();
    CHECK(host.finds("journal.rewritten"));
}

TEST_CASE("root: clears the TPM", "[attack]") {
    if (!has_swtpm()) ASSAY_SKIP("swtpm is not installed");
    RealHost host;
    host.enrol();
    host.visit();
    host.stop();
    SECTION("no: the machine was started anew, as the twin") {
        host.swtpm->restart();
        host.start();
        CHECK(host.tpm->journal_indices().value().value_defined);
        host.attest();
        CHECK_FALSE(host.finds("journal.anchor_missing"));
        CHECK_FALSE(host.finds("journal.anchor_renewed"));
        CHECK_FALSE(host.finds("journal.rewritten"));
        return;
    }
    {
        const auto connection = EsysConnection::open(open_tcti(host.swtpm->tcti()).value());
        REQUIRE(connection);
        REQUIRE(Esys_Clear(connection->esys(), ESYS_TR_RH_LOCKOUT, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                           ESYS_TR_NONE) == TSS2_RC_SUCCESS);
    }
    host.start();
    SECTION("and leaves it so") {
        host.attest();
        CHECK(host.finds("journal.anchor_missing"));
    }
    SECTION("and sets the indices up anew") {
        REQUIRE(host.journal->set_up("", true, record(DeviceEventKind::monitor_start)));
        host.attest();
        CHECK(host.finds("journal.anchor_renewed"));
    }
}
