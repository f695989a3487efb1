#include "evidence/ima/ima_log.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "tests/support/builders/ima_builder.h"
#include "tests/support/builders/ima_templates.h"
#include "tests/support/machine/baseline.h"
#include "tests/support/machine/skip.h"

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

TEST_CASE("the text of every template is turned back into what the kernel hashed") {
    for (const auto bank : {HashAlgorithm::sha1, HashAlgorithm::sha384}) {
        for (const auto& sample : test::ima_samples()) {
            const auto text = sample.line(bank) + "\n";
            INFO(text);
            const auto list = parse_ima_ascii(text);
            if (!list) FAIL(describe(list.error()));
            const auto& entry = list->unverified_entries().front();
            CHECK(equal(entry.template_data, sample.data()));
            CHECK(ima_digest_covers_data(entry));
            CHECK(ima_fields(entry));
        }
    }
}

TEST_CASE("each field of a template is where it belongs") {
    ImaBuilder builder;
    for (const auto& sample : test::ima_samples()) builder.entry(sample.name, sample.data());
    const auto list = parsed(builder.bytes());
    const auto of = [&](std::string_view name, std::size_t which = 0) {
        for (const auto& entry : list.unverified_entries()) {
            if (entry.template_name == name && which-- == 0) return ima_fields(entry).value();
        }
        throw std::runtime_error("no such entry");
    };
    CHECK_FALSE(of("ima-ngv2").is_verity);
    CHECK(of("ima-ngv2").file_hash_algorithm == kBank);
    CHECK(of("ima-sigv2", 1).is_verity);
    CHECK(of("ima-sigv2", 1).signature.empty());
    CHECK(as_text(of("ima-modsig").appended_signature) == "modsig");
    CHECK(as_text(of("ima-modsig").appended_hash).starts_with("sha256:"));
    CHECK(of("ima-modsig", 1).appended_signature.empty());
    const auto evm = of("evm-sig");
    CHECK(evm.xattr_names == "security.selinux|security.ima");
    CHECK(as_text(evm.evm_signature) == "\x05\x02\x04");
    CHECK(evm.uid == 1000U);
    CHECK(evm.gid == 100U);
    CHECK(evm.mode == 0100755U);
}

TEST_CASE("text that is not what its template prints is refused with its line") {
    const auto good = test::ima_samples().front().line();
    const auto refused = [&](const std::string& second) {
        const auto text = good + "\n" + second + "\n";
        const auto list = parse_ima_ascii(text);
        INFO(second);
        REQUIRE_FALSE(list);
        CHECK(list.error().offset == good.size() + 1);
        CHECK(list.error().context.find("line 2") != std::string::npos);
    };
    const std::string digest(40, 'a');
    refused("10 " + digest + " ima-ng sha256:aa");      // a field is missing
    refused("10 " + digest + " ima-sig sha256:aa /x");  // likewise: not even an empty one
    refused("10 " + digest + " n-ng|n-ng /a b /c");     // which of the two holds the blank?
    refused("10 " + digest + " sig|iuid aa bb");        // no number
    refused("10 " + digest + " imode 65536");           // wider than the kernel's
    refused("10 " + digest + " unheard-of aa");
    refused("10 " + std::string(64, 'a') + " ima-ng sha256:aa /x");  // of another algorithm than line 1
    refused("10 " + digest.substr(2) + " ima-ng sha256:aa /x");
}

TEST_CASE("a blank in a path is told apart where the template has one text field") {
    const auto digest = sha256(as_view("x")).hex();
    const auto text = "10 " + std::string(40, '0') + " ima-sig sha256:" + digest + " /a b 0302\n";
    const auto list = parse_ima_ascii(text);
    REQUIRE(list);
    const auto fields = ima_fields(list->unverified_entries().front()).value();
    CHECK(fields.path == "/a b");
    CHECK(to_hex(fields.signature) == "0302");
}

TEST_CASE("a list in parts has the places of the whole list, in its entries and its errors") {
    const auto builder = typical();
    const auto whole = parsed(builder.bytes());
    const auto second = whole.unverified_entries()[1].offset;
    const auto rest = ByteView(builder.bytes()).subspan(second);
    const auto part = parse_ima_log(rest, HashAlgorithm::sha1, {1, second}).value();
    CHECK(part.unverified_entries().front().index == 1);
    CHECK(part.unverified_entries().back().offset == whole.unverified_entries().back().offset);
    CHECK(part.end().entries == 4);
    CHECK(part.end().offset == builder.bytes().size());
    CHECK(part.offset_behind(1) == second);
    CHECK(part.offset_behind(4) == builder.bytes().size());
    CHECK_FALSE(boot_aggregate(part));  // only the first entry of all is one
    const auto cut = parse_ima_log(rest.first(rest.size() - 1), HashAlgorithm::sha1, {1, second});
    CHECK(cut.error().context.starts_with("entry 3"));
    CHECK(*cut.error().offset > second);
    // No prefix of it leads from a place that is not in it.
    CHECK(match_ima(part, kBank, 10, ima_boot_state(kBank), builder.pcr10_sha256).agreement ==
          ImaAgreement::differs);
}

TEST_CASE("the fuzz targets of IMA lists start from what the builders make") {
    auto binary = typical();
    std::string text;
    for (const auto& sample : test::ima_samples()) {
        binary.entry(sample.name, sample.data());
        text += sample.line() + "\n";
    }
    binary.edited("/usr/bin/edited").entry("ima-ng", ImaBuilder::digest_field(Bytes(32)), 11);
    for (const std::string target : {"ima/fuzz_ima_log", "judge/fuzz_ima_files"}) {
        const auto corpus = "tests/fuzz/" + target + "_corpus/";
        INFO(corpus << ": ASSAY_REBASELINE=1 writes it anew");
        CHECK(baseline::file(corpus + "templates", binary.bytes()) == binary.bytes());
        CHECK(baseline::file(corpus + "templates_text", as_view(text)) == to_bytes(text));
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
