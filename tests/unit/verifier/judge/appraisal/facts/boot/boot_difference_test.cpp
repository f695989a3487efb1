#include "verifier/judge/appraisal/facts/boot/boot_difference.h"

#include <catch2/catch.hpp>

#include "tests/support/appraisal/reference_builder.h"
#include "tests/support/builders/payload_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// A boot through GRUB as it measures: what it is told, then the kernel's command line.
EvidenceBuilder booted(const std::string& kernel, const std::string& arguments, const std::string& initrd) {
    EvidenceBuilder host;
    auto& log = host.log;
    const auto text = [&](const std::string& prefix, const std::string& told) {
        log.add(8, tcg::EV_IPL, to_bytes(prefix + told + std::string(1, '\0')), to_bytes(told));
    };
    text("grub_cmd: ", "linux /" + kernel + " " + arguments);
    log.add(9, tcg::EV_IPL, to_bytes("(hd0,gpt2)/" + kernel), to_bytes("bytes of " + kernel));
    text("kernel_cmdline: ", "/" + kernel + " " + arguments);
    text("grub_cmd: ", "initrd /initrd.img");
    log.add(9, tcg::EV_IPL, to_bytes(std::string("(hd0,gpt2)/initrd.img")), to_bytes(initrd));
    return host;
}

std::vector<std::string> changes(const EvidenceBuilder& before, const EvidenceBuilder& after) {
    const auto a = chain_of(before);
    const auto b = chain_of(after);
    std::vector<std::string> out;
    for (const auto& each : boot_difference(a, b)) out.push_back(each.words);
    return out;
}
using Words = std::vector<std::string>;

const auto kHonest = booted("vmlinuz-6.1.0-28", "root=/dev/sda1 quiet", "an initrd");

}  // namespace

TEST_CASE("two boots of the same are no difference") {
    CHECK(changes(kHonest, kHonest).empty());
}

TEST_CASE("an argument that was added is told once, with every measurement that shows it") {
    const auto before = chain_of(kHonest);
    const auto after = chain_of(booted("vmlinuz-6.1.0-28", "root=/dev/sda1 quiet ima=off", "an initrd"));
    const auto told = boot_difference(before, after);
    REQUIRE(told.size() == 1);
    CHECK(told.front().words == "kernel command line gained `ima=off`");
    CHECK(told.front().shown_by.size() == 2);
    CHECK(boot_difference(after, before).front().words == "kernel command line lost `ima=off`");
}

TEST_CASE("another kernel is told by both names, and its file") {
    CHECK(changes(kHonest, booted("vmlinuz-6.1.0-29", "root=/dev/sda1 quiet", "an initrd")) ==
          Words{"kernel /vmlinuz-6.1.0-28 -> /vmlinuz-6.1.0-29",
                "file (hd0,gpt2)/vmlinuz-6.1.0-28 -> file (hd0,gpt2)/vmlinuz-6.1.0-29"});
}

TEST_CASE("another initrd under the same name is that file alone") {
    CHECK(changes(kHonest, booted("vmlinuz-6.1.0-28", "root=/dev/sda1 quiet", "another initrd")) ==
          Words{"file (hd0,gpt2)/initrd.img changed"});
}

TEST_CASE("Secure Boot that was switched off is told by its values") {
    auto off = kHonest;
    off.log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG).data =
        efi_variable("SecureBoot", Bytes{std::byte{0}});
    off.log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG).measured =
        efi_variable("SecureBoot", Bytes{std::byte{0}});
    CHECK(changes(kHonest, off) == Words{"variable SecureBoot 1 -> 0"});
}

TEST_CASE("revocations that came are counted") {
    const auto dbx = [](const std::vector<std::string>& images) {
        auto host = kHonest;
        std::vector<Bytes> hashes;
        for (const auto& image : images) hashes.push_back(to_bytes(sha256(as_view(image)).view()));
        const auto data = efi_variable("dbx", signature_list(kSha256Guid, hashes));
        for (auto& event : host.log.events) {
            if (event.pcr == 7 && event.data == efi_variable("dbx", as_view("keys")))
                event.data = event.measured = data;
        }
        return host;
    };
    CHECK(changes(dbx({"a"}), dbx({"a", "b", "c", "d"})) == Words{"variable dbx +3 entries"});
    CHECK(changes(dbx({"a", "b"}), dbx({"a", "c"})) == Words{"variable dbx +1 -1 entries"});
    CHECK(changes(dbx({"a", "b"}), dbx({"a"})) == Words{"variable dbx -1 entry"});
}

TEST_CASE("variables with a structure are told by what is in them, not by their size") {
    const auto with = [](std::string_view name, std::string_view guid, std::string_view content) {
        auto host = kHonest;
        host.log.add(7, tcg::EV_EFI_VARIABLE_AUTHORITY, efi_variable_of(guid, name, as_view(content)));
        return host;
    };
    const auto sbat = [&](std::string_view level) { return with("SbatLevel", kShimLockGuid, level); };
    CHECK(changes(sbat("sbat,1,2021030218\n"), sbat("sbat,1,2024010900\nshim,4\ngrub,3\n")) ==
          Words{"variable SbatLevel 2021030218 -> 2024010900, shim 4, grub 3"});
    CHECK(changes(sbat("sbat,1,2021030218\n"), sbat("sbat,1,2022052400\n")) ==
          Words{"variable SbatLevel 2021030218 -> 2022052400"});
    CHECK(changes(sbat("sbat,1\n"), sbat("sbat,1,2022052400\n")) ==
          Words{"variable SbatLevel the original level -> 2022052400"});
    // What cannot be read is still told by its size.
    CHECK(changes(sbat("sbat,1,2021030218\n"), sbat("nonsense")) ==
          Words{"variable SbatLevel changed, 18 -> 8 bytes"});
}

TEST_CASE("what came, what went and what moved are told apart") {
    auto more = kHonest;
    more.log.add(2, tcg::EV_EFI_BOOT_SERVICES_DRIVER, image_load_event("\\rom.efi"), to_bytes("a rom"));
    CHECK(changes(kHonest, more) ==
          Words{"EV_EFI_BOOT_SERVICES_DRIVER \\\\rom.efi (8192 bytes) is new in PCR 2"});
    CHECK(changes(more, kHonest) ==
          Words{"EV_EFI_BOOT_SERVICES_DRIVER \\\\rom.efi (8192 bytes) is not in PCR 2 any more"});
    auto moved = more;
    std::swap(moved.log.find(2, tcg::EV_EFI_BOOT_SERVICES_DRIVER), moved.log.find(2, tcg::EV_SEPARATOR));
    CHECK(changes(more, moved).size() == 1);
    CHECK(changes(more, moved).front().find("at another place in PCR 2") != std::string::npos);
}

TEST_CASE("hostile text in a measurement stays on its line") {
    auto hostile = kHonest;
    hostile.log.add(9, tcg::EV_IPL, to_bytes(std::string("/a\x1b[31m\nb")), to_bytes("x"));
    const auto told = changes(kHonest, hostile);
    REQUIRE(told.size() == 1);
    CHECK(told.front().find_first_of("\x1b\n") == std::string::npos);
}

TEST_CASE("a chain stands only on a quote of the host") {
    auto made = EvidenceBuilder().build();
    CHECK(boot_chain_of(made.bundle));
    auto other_log = made.bundle;
    other_log.evidence.sections["boot-event-log"].back() ^= std::byte{1};
    CHECK(boot_chain_of(other_log).error().code == ErrorCode::not_found);
    auto unsigned_ = made.bundle;
    unsigned_.evidence.signature.back() ^= std::byte{1};
    const auto refused = boot_chain_of(unsigned_);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::refused);
}

TEST_CASE("what does not replay is neither compared nor captured") {
    auto host = kHonest;
    host.pcrs_beside_log[4] = sha256(as_view("another value"));
    const auto chain = chain_of(host);
    CHECK(chain.unexplained == std::vector<std::uint32_t>{4});
    CHECK(std::ranges::none_of(chain.measurements, [](const auto& each) { return each.pcr == 4; }));
    CHECK(reference_of(chain, {4}).error().code == ErrorCode::refused);
    CHECK(reference_of(chain, {0, 7}));
    CHECK(reference_of(chain, {16}).error().code == ErrorCode::refused);
    CHECK(reference_of(chain, {3, 13}));
    CHECK(reference_of(chain, {13}).error().code == ErrorCode::usage);
}

TEST_CASE("the PCRs that were compared are those with events that both boots explain") {
    const auto chain = chain_of(kHonest);
    const auto same = compared_pcrs(chain, chain);
    CHECK(same.compared.contains(4));
    CHECK_FALSE(same.compared.contains(13));  // no event of either
    CHECK(same.left_out.empty());
    auto host = kHonest;
    host.pcrs_beside_log[4] = sha256(as_view("another value"));
    for (const auto& pcrs : {compared_pcrs(chain, chain_of(host)), compared_pcrs(chain_of(host), chain)}) {
        CHECK_FALSE(pcrs.compared.contains(4));
        CHECK(pcrs.left_out == std::set<std::uint32_t>{4});
        CHECK(pcrs.compared.size() + 1 == same.compared.size());
    }
    // A PCR whose events are all gone, and that is at its reset value, is compared: they did not happen.
    auto none = chain;
    std::erase_if(none.measurements, [](const auto& each) { return each.pcr == 9; });
    none.values.at(9) = Digest();
    CHECK(compared_pcrs(chain, none).compared.contains(9));
    // One that was not quoted is not.
    none.values.at(9).reset();
    CHECK(compared_pcrs(chain, none).left_out == std::set<std::uint32_t>{9});
}

TEST_CASE("of two boots that explain no PCR in common nothing was compared") {
    auto before = chain_of(kHonest);
    auto after = before;
    std::erase_if(before.measurements, [](const auto& each) { return each.pcr > 4; });
    std::erase_if(after.measurements, [](const auto& each) { return each.pcr <= 4; });
    before.values = {};
    after.values = {};
    CHECK(compared_pcrs(before, after).compared.empty());
    CHECK(compared_pcrs(boot_chain_of(vendors::ReferenceSet{}), chain_of(kHonest)).compared.empty());
}

TEST_CASE("a captured set compares as its host, where it says something") {
    const auto chain = chain_of(kHonest);
    const auto set = reference_of(chain, {8, 9});
    REQUIRE(set);
    auto same = chain;
    std::erase_if(same.measurements, [](const auto& each) { return each.pcr != 8 && each.pcr != 9; });
    CHECK(boot_difference(boot_chain_of(*set), same).empty());
    const auto other = chain_of(booted("vmlinuz-6.1.0-28", "root=/dev/sda1 quiet debug", "an initrd"));
    auto part = other;
    std::erase_if(part.measurements, [](const auto& each) { return each.pcr != 8 && each.pcr != 9; });
    const auto told = boot_difference(boot_chain_of(*set), part);
    REQUIRE(told.size() == 1);
    CHECK(told.front().words == "kernel command line gained `debug`");
}
