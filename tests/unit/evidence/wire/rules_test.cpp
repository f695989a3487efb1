#include <catch2/catch.hpp>

#include "evidence/base/limits.h"
#include "evidence/codec/cbor.h"
#include "tests/support/builders/wire_samples.h"

using namespace assay;
using Catch::Matchers::Contains;

namespace {

template <typename T>
void check_refused(const Result<T>& result, ErrorCode code, const std::string& text) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    CHECK_THAT(describe(result.error()), Contains(text));
}

Result<Manifest> with(auto change) {
    auto manifest = sample::manifest();
    change(manifest);
    return decode_manifest(encode_manifest(manifest));
}

cbor::Encoded entry(std::string_view name) {
    return cbor::map({{"name", cbor::text(name)},
                      {"digest", cbor::bytes(sample::filled(32, 1))},
                      {"length", cbor::unsigned_integer(1)}});
}

Bytes manifest_with(std::vector<std::pair<std::string_view, cbor::Encoded>> more,
                    std::string_view without = "") {
    std::vector<std::pair<std::string_view, cbor::Encoded>> all{
        {"v", cbor::unsigned_integer(1)},
        {"host", cbor::text("rack-7")},
        {"boot_id", cbor::text(sample::kBootId)},
        {"entries", cbor::array({entry("a"), entry("b")})}};
    for (const auto& [key, value] : more) {
        std::erase_if(all, [&](const auto& field) { return field.first == key; });
        all.emplace_back(key, value);
    }
    std::erase_if(all, [&](const auto& field) { return field.first == without; });
    return cbor::map(all);
}

}  // namespace

TEST_CASE("a manifest with every key is read") {
    CHECK(decode_manifest(manifest_with({})));
}

TEST_CASE("a key that is missing is named") {
    for (const std::string key : {"v", "host", "boot_id", "entries"}) {
        check_refused(decode_manifest(manifest_with({}, key)), ErrorCode::malformed,
                      "key '" + key + "' is missing");
    }
}

TEST_CASE("a key that the format does not have is refused and named") {
    check_refused(decode_manifest(manifest_with({{"zzz", cbor::null()}})), ErrorCode::malformed,
                  "unknown key 'zzz'");
    check_refused(decode_manifest(manifest_with({{"a", cbor::null()}})), ErrorCode::malformed,
                  "unknown key 'a'");
    check_refused(decode_manifest(manifest_with({{"zzzzzzzzzz", cbor::null()}})), ErrorCode::malformed,
                  "unknown key");
}

TEST_CASE("another version is unsupported, not malformed") {
    check_refused(decode_manifest(manifest_with({{"v", cbor::unsigned_integer(2)}})), ErrorCode::unsupported,
                  "version 2");
}

TEST_CASE("manifest entries ascend by name, each once") {
    check_refused(decode_manifest(manifest_with({{"entries", cbor::array({entry("b"), entry("a")})}})),
                  ErrorCode::malformed, "twice or out of order");
    check_refused(decode_manifest(manifest_with({{"entries", cbor::array({entry("a"), entry("a")})}})),
                  ErrorCode::malformed, "twice or out of order");
}

TEST_CASE("the encoder sorts manifest entries") {
    const auto reversed = with([](Manifest& manifest) { std::ranges::reverse(manifest.entries); });
    CHECK(reversed == sample::manifest());
}

TEST_CASE("section names are 1 to 64 of a-z, 0-9 and -") {
    for (const std::string name : {"", "Cpu", "cpu_1", "c pu", "cpu\n", "größe", "../cpu"}) {
        check_refused(with([&](Manifest& m) { m.entries[0].name = name; }), ErrorCode::malformed,
                      "a section name");
    }
    CHECK_FALSE(with([](Manifest& m) { m.entries[0].name = std::string(65, 'a'); }));
    CHECK(with([](Manifest& m) { m.entries[0].name = std::string(64, 'a'); }));
    auto evidence = sample::evidence();
    evidence.sections["CPU"] = {};
    check_refused(decode_evidence(encode_evidence(evidence)), ErrorCode::malformed, "[a-z0-9-]");
}

TEST_CASE("a digest has exactly 32 bytes") {
    for (const std::size_t size : {0U, 31U, 33U}) {
        const auto bad = cbor::map({{"name", cbor::text("a")},
                                    {"digest", cbor::bytes(sample::filled(size, 1))},
                                    {"length", cbor::unsigned_integer(1)}});
        const auto result = decode_manifest(manifest_with({{"entries", cbor::array({bad})}}));
        REQUIRE_FALSE(result);
        CHECK_THAT(describe(result.error()), Contains("digest"));
    }
}

TEST_CASE("host names have 1 to 253 bytes, boot ids the kernel's form") {
    CHECK_FALSE(with([](Manifest& m) { m.host.clear(); }));
    CHECK_FALSE(with([](Manifest& m) { m.host.assign(254, 'h'); }));
    CHECK(with([](Manifest& m) { m.host.assign(253, 'h'); }));
    CHECK_FALSE(with([](Manifest& m) { m.boot_id.pop_back(); }));
    CHECK_FALSE(with([](Manifest& m) { m.boot_id[0] = 'F'; }));
    CHECK_FALSE(with([](Manifest& m) { m.boot_id[8] = '0'; }));
}

TEST_CASE("limits stand before what they guard") {
    CHECK_FALSE(with([](Manifest& m) { m.entries[0].length = limits::kSection + 1; }));
    CHECK(with([](Manifest& m) { m.entries[0].length = limits::kSection; }));
    const auto many = with([](Manifest& m) {
        m.entries.clear();
        for (std::size_t i = 0; i <= limits::kSections; ++i)
            m.entries.push_back({"s" + std::to_string(100 + i), 1, {}});
    });
    check_refused(many, ErrorCode::limit, "entries");
    check_refused(decode_manifest(Bytes(limits::kManifest + 1)), ErrorCode::limit, "manifest");
    check_refused(decode_evidence(Bytes(limits::kEvidenceBody + 1)), ErrorCode::limit, "evidence");
    auto evidence = sample::evidence();
    evidence.quote.resize(limits::kQuote + 1);
    check_refused(decode_evidence(encode_evidence(evidence)), ErrorCode::limit, "quote");
    auto usb = sample::usb_device();
    usb.descriptors.resize(limits::kUsbDescriptors + 1);
    check_refused(decode_usb_section(encode_usb_section({usb})), ErrorCode::limit, "descriptors");
    auto kernel = sample::kernel();
    kernel.command_line.assign(limits::kText + 1, 'x');
    check_refused(decode_kernel_section(encode_kernel_section(kernel)), ErrorCode::limit, "command_line");
    CHECK_FALSE(decode_bmc_section(encode_bmc_section({sample::filled(10, 0)})));
    CHECK_FALSE(decode_bmc_section(encode_bmc_section({sample::filled(16, 0)})));
    auto pci = sample::pci();
    pci[0].config.resize(63);
    CHECK_FALSE(decode_pci_section(encode_pci_section(pci)));
    check_refused(decode_gaps_section(encode_gaps_section(std::vector<Gap>(limits::kGaps + 1))),
                  ErrorCode::limit, "gaps");
    check_refused(
        decode_chassis_section(encode_chassis_section(std::vector<IntrusionSensor>(limits::kSensors + 1))),
        ErrorCode::limit, "chassis");
}

TEST_CASE("a nonce has 32 bytes") {
    auto evidence = sample::evidence();
    evidence.nonce.pop_back();
    CHECK_FALSE(decode_evidence(encode_evidence(evidence)));
    auto challenge = sample::challenge();
    challenge.nonce.push_back({});
    CHECK_FALSE(decode_challenge(encode_challenge(challenge)));
}

TEST_CASE("text that is not UTF-8 is refused") {
    auto gaps = sample::gaps();
    gaps[0].reason = "\xff";
    check_refused(decode_gaps_section(encode_gaps_section(gaps)), ErrorCode::malformed, "UTF-8");
}

TEST_CASE("PCR sections hold digests of their bank at indices 0 to 23") {
    const auto bank = [](std::string_view name, std::string_view index, std::size_t size) {
        return decode_pcr_section(
            cbor::map({{name, cbor::map({{index, cbor::bytes(sample::filled(size, 1))}})}}));
    };
    CHECK(bank("sha256", "23", 32));
    CHECK_FALSE(bank("sha256", "24", 32));
    CHECK_FALSE(bank("sha256", "01", 32));
    CHECK_FALSE(bank("sha256", "-1", 32));
    CHECK_FALSE(bank("sha256", "", 32));
    CHECK_FALSE(bank("sha256", "1x", 32));
    CHECK_FALSE(bank("sha256", "1", 20));
    CHECK_FALSE(bank("md5", "1", 16));
}

TEST_CASE("a journal record of each kind has what its kind needs and nothing else") {
    const auto decoded = [](auto change) {
        auto record = sample::journal_record();
        change(record);
        return decode_journal_record(encode_journal_record(record));
    };
    for (const auto kind : {DeviceEventKind::insert, DeviceEventKind::remove, DeviceEventKind::present}) {
        CHECK(decoded([&](JournalRecord& r) { r.kind = kind; }));
        CHECK_FALSE(decoded([&](JournalRecord& r) { r.kind = kind, r.device.reset(); }));
        CHECK_FALSE(decoded([&](JournalRecord& r) { r.kind = kind, r.lost = 1; }));
    }
    for (const auto kind : {DeviceEventKind::monitor_start, DeviceEventKind::gap}) {
        CHECK(decoded([&](JournalRecord& r) { r.kind = kind, r.device.reset(); }));
        CHECK_FALSE(decoded([&](JournalRecord& r) { r.kind = kind; }));
    }
    CHECK(decoded([](JournalRecord& r) { r.kind = DeviceEventKind::gap, r.device.reset(), r.lost = 5; }));
    CHECK_FALSE(decoded([](JournalRecord& r) { r.sequence = 0; }));
    CHECK_FALSE(decoded([](JournalRecord& r) { r.boot_id = "boot"; }));
}

TEST_CASE("a known host's journal head is a SHA-256 or nothing") {
    auto host = sample::known_host();
    host.journal_head.clear();
    CHECK(decode_known_host(encode_known_host(host)) == host);
    host.journal_head.resize(31);
    CHECK_FALSE(decode_known_host(encode_known_host(host)));
}

TEST_CASE(
    "a known host without registration, exchange or clock mapping has the bytes of before there were such") {
    auto host = sample::known_host();
    const auto before = encode_known_host(host);
    host.chassis_serial = "CZ1";
    host.site = "berlin";
    host.replaced = ReplacedTpm{1'780'000'000, "otto", "WO-1", std::string(64, 'a')};
    host.boot_clock = BootClock{7, 1, std::string(sample::kBootId), {1, -5, 5}, {2, 6, 7}};
    CHECK(decode_known_host(encode_known_host(host)) == host);
    host.replaced->old_ek += 'a';
    CHECK_FALSE(decode_known_host(encode_known_host(host)));
    host.chassis_serial.reset();
    host.site.reset();
    host.replaced.reset();
    host.boot_clock.reset();
    CHECK(encode_known_host(host) == before);
}
TEST_CASE("a known host may carry its delivery, and without one has the bytes of before there were such") {
    auto host = sample::known_host();
    const auto before = encode_known_host(host);
    host.delivery =
        Delivery{"as-built list", std::string(64, 'a'), 1'780'000'000, "otto", true, {DeliveredPart()}};
    host.delivery->parts.front().kind = "memory";
    CHECK(decode_known_host(encode_known_host(host)) == host);
    CHECK(decode_delivery(encode_delivery(*host.delivery)) == *host.delivery);
    host.delivery->parts.front().mac = "0123456789abc";
    CHECK_FALSE(decode_known_host(encode_known_host(host)));
    host.delivery.reset();
    CHECK(encode_known_host(host) == before);
}

TEST_CASE("a known host may carry the parts seen before, each with its serial") {
    auto host = sample::known_host();
    const auto before = encode_known_host(host);
    host.seen = {{"rack-7", "drive", {"pci 1bd4"}, "S1", 1'780'000'000}, {"rack-8", "nic", {}, "S2", -1}};
    CHECK(decode_known_host(encode_known_host(host)) == host);
    host.seen->front().serial.clear();
    CHECK_FALSE(decode_known_host(encode_known_host(host)));
    host.seen->clear();
    CHECK(decode_known_host(encode_known_host(host)) == host);  // none seen is not the same as not known
    host.seen.reset();
    CHECK(encode_known_host(host) == before);
}

TEST_CASE("the binding covers nonce and manifest, each at its place") {
    const auto nonce = sample::filled(32, 1);
    const auto manifest = to_bytes("manifest");
    const auto binding = evidence_binding(nonce, manifest);
    CHECK(binding ==
          hash(HashAlgorithm::sha256, {as_view("assay-evidence-v1"), nonce, sha256(manifest).view()}));
    CHECK(binding != evidence_binding(sample::filled(32, 2), manifest));
    CHECK(binding != evidence_binding(nonce, to_bytes("manifesT")));
}

TEST_CASE("the manifest of sections names each with its length and digest") {
    const auto evidence = sample::evidence();
    CHECK(decode_manifest(evidence.manifest) == sample::manifest());
    const auto manifest = sample::manifest();
    REQUIRE(manifest.find("smbios") != nullptr);
    CHECK(manifest.find("smbios")->length == 6);
    CHECK(manifest.find("tpm") == nullptr);
}

TEST_CASE(
    "a known host may carry what is open and what is new, and without has the bytes of before there were "
    "such") {
    auto host = sample::known_host();
    const auto before = encode_known_host(host);
    host.open = {sample::device_matter(), sample::change_matter()};
    host.open->front().acks = {{"olga", 1'790'000'100}};
    auto& verdict = host.open->front().verdict.emplace();
    verdict.record = 41;
    verdict.outcome = "UNACCOMPANIED";
    verdict.sha256 = std::string(64, 'a');
    host.open_more = 3;
    host.present = {{"1-4", "0000:00:14.0", sample::filled(32, 1), sample::filled(32, 2), 41}};
    host.news.emplace();
    host.news->changes = {{ChangeKind::boot, "boot.changed", "boot", "as attested before",
                           "file /initrd changed", "PCR 9", sample::filled(32, 1), sample::filled(32, 2),
                           ""}};
    host.news->planned = {sample::filled(32, 3)};
    host.watch = sample::watch_point();
    CHECK(decode_known_host(encode_known_host(host)) == host);
    host.open->front().device->mounted.resize(limits::kMatterDetails + 1);
    CHECK_FALSE(decode_known_host(encode_known_host(host)));
    host.open.emplace(limits::kOpenMatters + 1, sample::change_matter());
    CHECK_FALSE(decode_known_host(encode_known_host(host)));
    host.open.reset();
    host.open_more.reset();
    host.present.reset();
    host.news.reset();
    host.watch.reset();
    CHECK(encode_known_host(host) == before);
}

TEST_CASE(
    "a device is over when it is gone and acknowledged, by two where it was used; a change when "
    "acknowledged") {
    auto stick = sample::device_matter();
    CHECK(missing_acknowledgements(stick) == 2);
    stick.acks = {{"olga", 1}, {"otto", 2}};
    CHECK(missing_acknowledgements(stick) == 0);
    CHECK_FALSE(is_over(stick));  // it is still in
    stick.device->gone_record = 43;
    CHECK(is_over(stick));
    stick.acks.pop_back();
    CHECK_FALSE(is_over(stick));
    stick.device->mounted.clear();
    stick.device->read = 0;
    CHECK(is_over(stick));
    stick.device->bound = {"net eth3"};
    CHECK_FALSE(is_over(stick));
    auto change = sample::change_matter();
    CHECK_FALSE(is_over(change));
    change.acks = {{"olga", 1}};
    CHECK(is_over(change));
    change.change->kind = ChangeKind::watch;
    CHECK_FALSE(is_over(change));  // nobody watches yet
    change.over = true;
    CHECK(is_over(change));
}

TEST_CASE("a matter keeps its name when it goes on, and another time or record is another matter") {
    auto stick = sample::device_matter();
    const auto name = matter_id(stick);
    CHECK(name.size() == 16);
    stick.acks = {{"olga", 1}};
    stick.device->gone_record = 43;
    CHECK(matter_id(stick) == name);
    stick.record = 44;
    CHECK(matter_id(stick) != name);
}
