#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/tcg/ima_log.h"
#include "tests/support/ima_builder.h"
#include "tests/support/skip.h"

namespace {

using namespace assay;
using namespace assay::tcg;
using assay::test::ImaBuilder;
using namespace std::string_view_literals;

constexpr auto kBank = HashAlgorithm::sha256;

ImaBuilder typical() {
    ImaBuilder list;
    list.file("boot_aggregate", "pcrs")
        .file("/init", "init")
        .violation("/var/log/wtmp")
        .file("/usr/bin/sh", "sh");
    return list;
}

ParsedImaLog parsed(ByteView bytes, HashAlgorithm template_hash = HashAlgorithm::sha1) {
    auto list = parse_ima_log(bytes, template_hash);
    REQUIRE(list);
    return std::move(*list);
}

ImaMatch matched(const ParsedImaLog& list, const Digest& quoted) {
    return match_ima(list, quoted.algorithm(), 10, ima_boot_state(quoted.algorithm()), quoted);
}

std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

const std::filesystem::path kCorpus = std::filesystem::path(ASSAY_CORPUS_DIR) / "ima";

}  // namespace

TEST_CASE("an IMA list matches the quoted PCR in the SHA-1 and in another bank") {
    const auto builder = typical();
    const auto list = parsed(builder.bytes());
    for (const auto& quoted : {builder.pcr10_sha1, builder.pcr10_sha256}) {
        const auto match = matched(list, quoted);
        CHECK(match.agreement == ImaAgreement::match);
        CHECK(match.verified.entries == 4);
        CHECK(match.violations == std::vector<std::uint32_t>{2});
        CHECK(match.edited.empty());
    }
}

TEST_CASE("a list that ran ahead of the quote is verified as far as the quote goes") {
    auto builder = typical();
    const auto quoted = builder.pcr10_sha256;
    builder.file("/usr/bin/late", "late");
    const auto match = matched(parsed(builder.bytes()), quoted);
    CHECK(match.agreement == ImaAgreement::runs_ahead);
    CHECK(match.verified.entries == 4);
    CHECK(match.whole.entries == 5);
}

TEST_CASE("a list that is cut short, edited or of another boot matches nothing") {
    const auto quoted = typical().file("/evil", "evil").pcr10_sha256;
    CHECK(matched(parsed(typical().bytes()), quoted).agreement == ImaAgreement::differs);
    auto edited = typical().bytes();
    edited[edited.size() - 2] ^= std::byte{1};
    CHECK(matched(parsed(edited), typical().pcr10_sha256).agreement == ImaAgreement::differs);
    CHECK(matched(parsed({}), typical().pcr10_sha256).agreement == ImaAgreement::differs);
}

TEST_CASE("in the SHA-1 bank an entry's edited data is told, since only its digest was extended") {
    auto edited = typical().bytes();
    edited[edited.size() - 2] ^= std::byte{1};
    const auto match = matched(parsed(edited), typical().pcr10_sha1);
    CHECK(match.agreement == ImaAgreement::match);
    CHECK(match.edited == std::vector<std::uint32_t>{3});
}

TEST_CASE("a replay continues where the last one stopped") {
    auto builder = typical();
    const auto first = matched(parsed(builder.bytes()), builder.pcr10_sha256);
    builder.file("/usr/bin/more", "more");
    const auto list = parsed(builder.bytes());
    const auto second = match_ima(list, kBank, 10, first.verified, builder.pcr10_sha256);
    CHECK(second.agreement == ImaAgreement::match);
    CHECK(second.verified.entries == 5);
    CHECK(second.violations.empty());
    const auto nothing_new = match_ima(list, kBank, 10, second.verified, builder.pcr10_sha256);
    CHECK(nothing_new.agreement == ImaAgreement::match);
    // A list that has become shorter than what was verified before is no continuation.
    CHECK(match_ima(parsed(typical().bytes()), kBank, 10, second.verified, builder.pcr10_sha256).agreement ==
          ImaAgreement::differs);
}

TEST_CASE("entries of another PCR extend nothing of this one") {
    auto builder = typical();
    builder.entry("ima-ng", ImaBuilder::digest_field(Bytes(32)), 11);
    const auto match = matched(parsed(builder.bytes()), builder.pcr10_sha256);
    CHECK(match.agreement == ImaAgreement::match);
}

TEST_CASE("fields are read by the template; a path is hostile text and nothing else") {
    ImaBuilder builder;
    const auto digest = sha256(as_view("x"));
    const auto ng = ByteWriter()
                        .bytes(ImaBuilder::digest_field(digest.view()))
                        .bytes(ImaBuilder::path_field("/a b\nc"))
                        .take();
    const auto sig = ByteWriter().bytes(ng).bytes(ImaBuilder::field(as_view("\x03sig"))).take();
    builder.entry("ima-ng", ng)
        .entry("ima-sig", sig)
        .entry("ima-buf", sig)
        .entry("n-ng|d-ng", ByteWriter()
                                .bytes(ImaBuilder::path_field("/p"))
                                .bytes(ImaBuilder::digest_field(Bytes(20), "sha1:"))
                                .take())
        .entry("ima-buf", ng)
        .entry("unheard-of", ng);
    const auto list = parsed(builder.bytes());
    const auto entries = list.unverified_entries();
    const auto fields = ima_fields(entries[0]);
    REQUIRE(fields);
    CHECK(fields->path == "/a b\nc");
    CHECK(fields->file_hash_algorithm == kBank);
    CHECK(equal(fields->file_hash, digest.view()));
    CHECK(as_text(ima_fields(entries[1])->signature) == "\x03sig");
    CHECK(as_text(ima_fields(entries[2])->buffer) == "\x03sig");
    CHECK(ima_fields(entries[3])->path == "/p");
    CHECK(ima_fields(entries[4]).error().code == ErrorCode::truncated);  // ima-ng passed off as ima-buf
    CHECK(ima_fields(entries[5]).error().code == ErrorCode::unsupported);
}

TEST_CASE("field data that is not what its template says is refused") {
    const auto fields_of = [](ByteView data) {
        ImaBuilder builder;
        builder.entry("ima-ng", data);
        const auto list = parsed(builder.bytes());
        const auto fields = ima_fields(list.unverified_entries()[0]);
        return fields ? std::optional<ErrorCode>() : fields.error().code;
    };
    const auto path = ImaBuilder::path_field("/p");
    const auto with = [&](const Bytes& digest, const Bytes& name) {
        return ByteWriter().bytes(digest).bytes(name).take();
    };
    CHECK_FALSE(fields_of(with(ImaBuilder::digest_field(Bytes(32)), path)));
    CHECK(fields_of(with(ImaBuilder::digest_field(Bytes(31)), path)) == ErrorCode::malformed);
    CHECK(fields_of(with(ImaBuilder::digest_field(Bytes(32), "sha256"), path)) == ErrorCode::malformed);
    CHECK_FALSE(fields_of(with(ImaBuilder::digest_field(Bytes(5), "other:"), path)));
    CHECK(fields_of(with(ImaBuilder::digest_field(Bytes(32)), ImaBuilder::field(as_view("/p\0q\0"sv)))) ==
          ErrorCode::malformed);
    CHECK(fields_of(with(path, path)) == ErrorCode::malformed);
}

TEST_CASE("boot_aggregate is the first entry's file hash, or nothing") {
    const auto builder = typical();
    const auto aggregate = boot_aggregate(parsed(builder.bytes()));
    REQUIRE(aggregate);
    CHECK(equal(aggregate->file_hash, sha256(as_view("pcrs")).view()));
    ImaBuilder without;
    without.file("/init", "init").file("boot_aggregate", "late");
    CHECK_FALSE(boot_aggregate(parsed(without.bytes())));
    ImaBuilder violated;
    violated.violation("boot_aggregate");
    CHECK_FALSE(boot_aggregate(parsed(violated.bytes())));
}

TEST_CASE("a list that is cut anywhere is refused, or ends at an entry") {
    const auto bytes = typical().bytes();
    std::size_t accepted = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        const auto list = parse_ima_log(cut);
        if (list) ++accepted;
        if (!list) CHECK(list.error().offset.has_value());
    }
    CHECK(accepted == 4);
}

TEST_CASE("claimed lengths are held against what is left") {
    const auto head = [](std::uint32_t pcr, std::uint32_t name_size, std::uint32_t data_size) {
        return ByteWriter()
            .u32le(pcr)
            .bytes(Bytes(20))
            .u32le(name_size)
            .text("ima-ng")
            .u32le(data_size)
            .bytes(Bytes(20))
            .take();
    };
    CHECK(parse_ima_log(head(10, 6, 20)));
    CHECK(parse_ima_log(head(10, 0xffffffff, 20)).error().code == ErrorCode::limit);
    CHECK(parse_ima_log(head(10, 0, 20)).error().code == ErrorCode::malformed);
    CHECK(parse_ima_log(head(10, 6, 0xffffffff)).error().code == ErrorCode::limit);
    CHECK(parse_ima_log(head(10, 6, 21)).error().code == ErrorCode::truncated);
    CHECK(parse_ima_log(head(24, 6, 20)).error().code == ErrorCode::malformed);
    CHECK(parse_ima_log(Bytes(limits::kSection + 1)).error().code == ErrorCode::limit);
}

TEST_CASE("text lists are turned back into what the kernel hashed") {
    const auto digest = sha256(as_view("sh"));
    ImaBuilder builder;
    builder.file("/usr/bin/sh", "sh");
    const auto binary = parsed(builder.bytes());
    const auto text = "10 " + binary.unverified_entries()[0].template_digest.hex() +
                      " ima-ng sha256:" + digest.hex() + " /usr/bin/sh\n";
    const auto list = parse_ima_ascii(text);
    REQUIRE(list);
    CHECK(equal(list->unverified_entries()[0].template_data, binary.unverified_entries()[0].template_data));
    CHECK(ima_digest_covers_data(list->unverified_entries()[0]));
    for (const auto bad : {"this-is-no-ima-list"sv, "10 00 ima-ng sha1:00 /x"sv, "99 "sv, "x"sv}) {
        const auto refused = parse_ima_ascii(bad);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().offset == 0U);
    }
}

TEST_CASE("real IMA lists replay to the PCR 10 that was read with them") {
    if (!std::filesystem::exists(kCorpus)) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    std::vector<std::pair<std::string, std::vector<Digest>>> cases;
    for (const std::string name : {"ibmtss/ima-sig-sha1.bin", "ibmtss/ima-sig-sha256.bin"}) {
        std::vector<Digest> values;
        auto expected = kCorpus / name;
        std::ifstream in(expected.parent_path() / "expected" /
                         (expected.filename().string() + ".upstream-pcr10.txt"));
        for (std::string line; std::getline(in, line);) {
            std::string hex;
            for (const char c : line.substr(std::min(line.size(), line.find(':') + 1)))
                hex += c == ' ' ? "" : std::string(1, c);
            const auto bytes = from_hex(hex, 64);
            for (const auto bank :
                 {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
                if (bytes && bytes->size() == digest_size(bank))
                    values.push_back(Digest::from_bytes(bank, *bytes).value());
            }
        }
        cases.emplace_back(name, values);
    }
    {
        std::vector<Digest> values;
        std::ifstream in(kCorpus / "immune-guard/expected/h12ssl.bin.upstream-pcrs.tsv");
        for (std::string line; std::getline(in, line);) {
            std::istringstream fields(line);
            std::string bank;
            std::string index;
            std::string hex;
            fields >> bank >> index >> hex;
            // The SHA-256 value beside it belongs to no prefix of this list; its publisher compares SHA-1
            // alone.
            if (index == "10" && bank == "sha1")
                values.push_back(
                    Digest::from_bytes(*hash_algorithm_from_name(bank), *from_hex(hex, 64)).value());
        }
        cases.emplace_back("immune-guard/h12ssl.bin", values);
    }
    for (const auto& [name, values] : cases) {
        INFO(name);
        CHECK(values.size() >= 1);
        const auto bytes = read(kCorpus / name);
        const bool newer = name == "ibmtss/ima-sig-sha256.bin";  // a list of SHA-256 template digests
        const auto list = parsed(as_view(bytes), newer ? kBank : HashAlgorithm::sha1);
        CHECK(boot_aggregate(list));
        for (const auto& value : values) {
            INFO(to_string(value.algorithm()));
            const auto match = matched(list, value);
            const bool ahead = name == "immune-guard/h12ssl.bin";  // read one entry later than the PCR
            CHECK(match.agreement == (ahead ? ImaAgreement::runs_ahead : ImaAgreement::match));
            CHECK(match.edited.empty());
            if (ahead) CHECK(match.verified.entries == list.unverified_entries().size() - 1);
        }
    }
}

TEST_CASE("real IMA lists of every template parse, and their digests cover their data") {
    if (!std::filesystem::exists(kCorpus)) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    int lists = 0;
    for (const std::string name :
         {"ibm-acs/imasig.bin", "ibmtss/imatest.bin", "immune-guard/h12ssl.changed.bin",
          "immune-guard/h12ssl.created.bin", "immune-guard/h12ssl.values.bin", "immune-guard/hahuri.bin",
          "tpm2-tss/sml-ima-sha1-invalidated.bin"}) {
        INFO(name);
        const auto bytes = read(kCorpus / name);
        const auto list = parsed(as_view(bytes));
        for (const auto& entry : list.unverified_entries()) {
            INFO(entry.index << " " << entry.template_name);
            // One list holds entries that other tools find edited too.
            if (name != "ibm-acs/imasig.bin") CHECK((entry.is_violation() || ima_digest_covers_data(entry)));
            CHECK(ima_fields(entry));
        }
        ++lists;
    }
    for (const std::string name :
         {"immune-guard/h12ssl.ascii", "rust-keylime/ascii_runtime_measurements", "keylime/ima-buf-dm.ascii",
          "keylime/verify-signatures.ascii", "rust-keylime/ima_log.txt"}) {
        INFO(name);
        const auto text = read(kCorpus / name);
        const auto list = parse_ima_ascii(text);
        if (!list) FAIL_CHECK(describe(list.error()));
        if (!list) continue;
        for (const auto& entry : list->unverified_entries()) {
            INFO(entry.index << " " << entry.template_name);
            CHECK((entry.is_violation() || ima_digest_covers_data(entry)));
        }
        ++lists;
    }
    CHECK_FALSE(parse_ima_ascii(read(kCorpus / "rust-keylime/invalid_ima_log.txt")));
    // A list that its publisher cut within an entry, and two with a line feed behind the last one.
    for (const std::string name :
         {"sml-ima-ng-sha1-invalidated.bin", "sml-ima-ng-sha1.bin", "sml-ima-sha1.bin"}) {
        const auto bytes = read(kCorpus / "tpm2-tss" / name);
        CHECK(parse_ima_log(as_view(bytes)).error().code == ErrorCode::truncated);
    }
    std::cout << "IMA lists as expected: " << lists + 4 << "\n";
}
