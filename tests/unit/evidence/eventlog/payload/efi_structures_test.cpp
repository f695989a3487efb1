#include "evidence/eventlog/payload/efi_structures.h"

#include <catch2/catch.hpp>

#include "evidence/eventlog/payload/efi_load_option.h"
#include "evidence/eventlog/payload/efi_signature_list.h"
#include "evidence/eventlog/payload/gpt_event.h"
#include "evidence/eventlog/payload/sbat_level.h"
#include "tests/support/builders/payload_builder.h"

namespace {

using namespace assay;
using namespace assay::test;
using namespace assay::tcg;

Bytes with_u32(Bytes bytes, std::size_t at, std::uint32_t value) {
    const auto field = ByteWriter().u32le(value).take();
    std::ranges::copy(field, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return bytes;
}

// Refused, with an offset inside the bytes.
template <typename T>
void check_refused(const Result<T>& parsed, std::size_t size) {
    REQUIRE_FALSE(parsed);
    REQUIRE(parsed.error().offset);
    CHECK(*parsed.error().offset <= size);
}

template <typename Parse>
void check_cut(const Bytes& bytes, Parse parse) {
    REQUIRE(parse(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        INFO(size);
        check_refused(parse(ByteView(bytes).first(size)), size);
    }
}

const Bytes kHash(32, std::byte{0x11});

}  // namespace

TEST_CASE("signature lists give kind, owner and data of each entry") {
    const auto bytes = joined_bytes({signature_list(kX509Guid, {to_bytes("a certificate"sv)}),
                                     signature_list(kSha256Guid, {kHash, Bytes(32)})});
    const auto lists = parse_signature_lists(bytes);
    REQUIRE(lists);
    REQUIRE(lists->size() == 2);
    CHECK((*lists)[0].kind == SignatureKind::x509);
    CHECK(as_text((*lists)[0].signatures.at(0).data) == "a certificate");
    CHECK(guid_text((*lists)[0].signatures.at(0).owner) == kOwnerGuid);
    CHECK((*lists)[1].kind == SignatureKind::sha256);
    CHECK((*lists)[1].signatures.size() == 2);
    CHECK(equal((*lists)[1].signatures[0].data, kHash));
    CHECK(parse_signature_lists({})->empty());
}

TEST_CASE("a signature list that overlaps the next, or whose sizes contradict each other, is refused") {
    constexpr std::size_t kListSize = 16;
    constexpr std::size_t kHeaderSize = 20;
    constexpr std::size_t kEntrySize = 24;
    const auto one = signature_list(kSha256Guid, {kHash});
    const auto size = static_cast<std::uint32_t>(one.size());
    const auto two = joined_bytes({one, one});
    for (const std::uint32_t odd : {0U, 27U, size - 1, size + 1, size + 20, 2 * size + 1, 0xffffffffU})
        check_refused(parse_signature_lists(with_u32(two, kListSize, odd)), two.size());
    for (const std::uint32_t odd : {1U, size - 29, size, 0xffffffffU})
        check_refused(parse_signature_lists(with_u32(one, kHeaderSize, odd)), one.size());
    for (const std::uint32_t odd : {0U, 1U, 16U, 17U, 47U, 49U, 0xffffffffU})
        check_refused(parse_signature_lists(with_u32(one, kEntrySize, odd)), one.size());
    check_cut(one, [](ByteView cut) {
        return cut.empty() ? fail(ErrorCode::truncated, "none is no list", 0) : parse_signature_lists(cut);
    });
}

TEST_CASE("a signature list of an unknown type keeps its entries") {
    const auto bytes = signature_list(kOwnerGuid, {to_bytes("x"sv)});
    const auto lists = parse_signature_lists(bytes);
    REQUIRE(lists);
    CHECK(lists->front().kind == SignatureKind::other);
    CHECK(lists->front().signatures.size() == 1);
}

TEST_CASE("an authority is an entry of db, or a certificate alone") {
    const auto entry = joined_bytes({guid(kOwnerGuid), kHash});
    const auto signature = parse_authority(entry);
    REQUIRE(signature);
    CHECK(guid_text(signature->owner) == kOwnerGuid);
    CHECK(equal(signature->data, kHash));
    auto certificate = ByteWriter().u8(0x30).u8(0x82).u16be(40).bytes(Bytes(40)).take();
    CHECK(parse_authority(certificate)->owner.empty());
    CHECK(has_certificate_form(certificate));
    CHECK_FALSE(certificate_subject(certificate));
    certificate.pop_back();
    CHECK_FALSE(has_certificate_form(certificate));
    check_refused(parse_authority(guid(kOwnerGuid)), 16);
    check_refused(parse_authority({}), 0);
}

TEST_CASE("a device path is written as UEFI writes it") {
    const auto path = parse_device_path(boot_device_path());
    REQUIRE(path);
    CHECK(path->text ==
          "PciRoot(0x0)/Pci(0x2,0x1f)/Sata(0x1,0xffff,0x0)/"
          "HD(1,GPT,77fa9abd-0359-4d32-bd60-28f4e78f784b,0x800,0x100000)/\\EFI\\BOOT\\BOOTX64.EFI");
    CHECK(path->file_path == "\\EFI\\BOOT\\BOOTX64.EFI");
    CHECK(path->nodes == 5);
    const auto text = [](std::uint8_t type, std::uint8_t subtype, const Bytes& body) {
        return parse_device_path(node(type, subtype, body))->text;
    };
    CHECK(text(1, 3, ByteWriter().u32le(11).u64le(0x1000).u64le(0x1fff).take()) ==
          "MemoryMapped(0xb,0x1000,0x1fff)");
    CHECK(text(1, 4, joined_bytes({guid(kOwnerGuid), Bytes(1, std::byte{5})})) ==
          "VenHw(77fa9abd-0359-4d32-bd60-28f4e78f784b,05)");
    CHECK(text(3, 5, ByteWriter().u8(2).u8(1).take()) == "USB(0x2,0x1)");
    CHECK(text(3, 11, ByteWriter().bytes(Bytes(6, std::byte{0xa4})).bytes(Bytes(26)).u8(1).take()) ==
          "MAC(a4a4a4a4a4a4,0x1)");
    CHECK(text(3, 12, ByteWriter().u32be(0x0a000001).u32be(0x0a000002).bytes(Bytes(11)).take()) ==
          "IPv4(10.0.0.2,10.0.0.1)");
    CHECK(text(3, 23, ByteWriter().u32le(1).u64be(0x0025385b71b3d5aa).take()) ==
          "NVMe(0x1,0025385b71b3d5aa)");
    CHECK(text(3, 24, to_bytes("https://boot.example/x.efi"sv)) == "Uri(https://boot.example/x.efi)");
    CHECK(text(4, 6, guid(kOwnerGuid)) == "FvFile(77fa9abd-0359-4d32-bd60-28f4e78f784b)");
    CHECK(text(9, 9, Bytes(2, std::byte{0xee})) == "Path(9,9,eeee)");
}

TEST_CASE("instances of a device path are joined, and what follows its end is padding") {
    const auto one = node(3, 5, ByteWriter().u8(2).u8(1).take());
    const auto path = parse_device_path(joined_bytes({one, node(0x7f, 1, {}), one, end_node(), Bytes(9)}));
    REQUIRE(path);
    CHECK(path->text == "USB(0x2,0x1),USB(0x2,0x1)");
    CHECK(parse_device_path(joined_bytes({one, one}))->text == "USB(0x2,0x1)/USB(0x2,0x1)");
}

TEST_CASE(
    "a device path node that is shorter than its kind, longer than the path, or one too many is refused") {
    for (const auto length : std::initializer_list<std::uint16_t>{0, 3, 5, 200}) {
        const auto bytes = ByteWriter().u8(3).u8(5).u16le(length).u8(2).u8(1).take();
        check_refused(parse_device_path(bytes), bytes.size());
    }
    std::vector<Bytes> many(300, node(3, 5, Bytes(2)));
    CHECK(parse_device_path(joined_bytes(many)).error().code == ErrorCode::limit);
    CHECK(parse_device_path(node(4, 4, Bytes(40'000, std::byte{0x41}))).error().code == ErrorCode::limit);
    CHECK(parse_device_path(node(3, 5, Bytes(3)))->text == "USB(0x0,0x0)+00");
}

TEST_CASE("a load option gives description, path and what the image is started with") {
    const auto bytes = load_option();
    const auto option = parse_load_option(bytes);
    REQUIRE(option);
    CHECK(option->description == "Linux");
    CHECK(option->is_active());
    CHECK(option->path.file_path == "\\EFI\\BOOT\\BOOTX64.EFI");
    CHECK(as_text(option->optional_data) == "optional");
    for (std::size_t size = 0; size < bytes.size() - 8; ++size)
        check_refused(parse_load_option(ByteView(bytes).first(size)), size);
    CHECK_FALSE(parse_load_option(load_option("Linux", 0))->is_active());
    CHECK(parse_load_option(load_option(std::string(3000, 'x'))).error().code == ErrorCode::limit);
}

TEST_CASE("a boot order is a list of numbers") {
    CHECK(*parse_boot_order(ByteWriter().u16le(3).u16le(0x1a).take()) == std::vector<std::uint16_t>{3, 0x1a});
    check_refused(parse_boot_order(Bytes(3)), 3);
    CHECK(parse_boot_order(Bytes(10'000)).error().code == ErrorCode::limit);
}

TEST_CASE("a partition table gives its disk and partitions") {
    const auto bytes = gpt_event(2);
    const auto gpt = parse_gpt_event(bytes);
    REQUIRE(gpt);
    CHECK(guid_text(gpt->disk) == kOwnerGuid);
    REQUIRE(gpt->partitions.size() == 2);
    CHECK(gpt->partitions[1].name == "root");
    CHECK(gpt->partitions[1].last_lba == 60);
    check_cut(bytes, [](ByteView cut) { return parse_gpt_event(cut); });
    auto longer = bytes;
    longer.push_back({});
    check_refused(parse_gpt_event(longer), longer.size());
    constexpr std::size_t kEntrySize = 84;
    for (const std::uint32_t odd : {0U, 127U, 129U, 0xffffffffU})
        check_refused(parse_gpt_event(with_u32(bytes, kEntrySize, odd)), bytes.size());
    check_refused(parse_gpt_event(with_u32(bytes, 92, 3)), bytes.size());
    CHECK(parse_gpt_event(with_u32(bytes, 92, 0xffffffff)).error().code == ErrorCode::limit);
    check_refused(parse_gpt_event(with_u32(bytes, 0, 0)), bytes.size());
}

TEST_CASE("an SBAT level gives its date and generations") {
    const auto level = parse_sbat_level(as_view("sbat,1,2024010900\nshim,4\ngrub,3\ngrub.debian,4\n"));
    REQUIRE(level);
    CHECK(level->date == "2024010900");
    REQUIRE(level->entries.size() == 3);
    CHECK(level->entries[2].component == "grub.debian");
    CHECK(level->entries[2].generation == 4);
    CHECK(parse_sbat_level(as_view("sbat,1\n"))->date.empty());
    CHECK(parse_sbat_level(as_view("sbat,1,2024010900\n\0junk"sv))->date == "2024010900");
    for (const auto odd :
         {"", "sbat", "sbat,x", "shim,4\n", "sbat,1,2024", "sbat,1,2024010900,x", "sbat,1\nshim",
          "sbat,1\n,4", "sbat,1\nshim,-4", "sbat,1\n\nshim,4", "sbat,1\nshim,99999999999"}) {
        INFO(odd);
        check_refused(parse_sbat_level(as_view(odd)), std::string_view(odd).size());
    }
    CHECK_FALSE(parse_sbat_level(as_view("sbat,1\n" + std::string(300, 'x') + ",1\n")));
}
