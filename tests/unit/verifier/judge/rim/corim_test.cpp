#include "verifier/judge/rim/corim.h"

#include <catch2/catch.hpp>

#include "tests/support/builders/corim_builder.h"
#include "verifier/judge/rim/cbor_item.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

struct CorimWorld {
    RimSigners signers{.signer_key = shared_key(Key::p256)};
    CorimBuilder corim;
    std::int64_t at = kRimTime;
    bool allow_unsigned = false;
    std::vector<std::string> profiles;
    std::vector<std::uint64_t> outer;

    [[nodiscard]] Result<rim::Rim> read() {
        const auto made = signers.make();
        if (corim.certificates.empty()) corim.certificates = {made.signer.der()};
        return read(corim.sign(signers.signer_key, outer), made);
    }
    [[nodiscard]] Result<rim::Rim> read(const Bytes& bytes, const RimSigners::Made& made) const {
        return rim::read_corim(bytes, {.certificates = std::span(&made.root, 1),
                                       .keys = {},
                                       .at_unix_time = at,
                                       .allow_unsigned = allow_unsigned,
                                       .profiles = profiles});
    }
    [[nodiscard]] Result<rim::Rim> read_unsigned() {
        allow_unsigned = true;
        return read(corim.unsigned_corim(), signers.make());
    }
    [[nodiscard]] std::string refusal(ErrorCode code = ErrorCode::refused) {
        const auto read_ = read();
        REQUIRE_FALSE(read_);
        CHECK(read_.error().code == code);
        return read_.error().context;
    }
};

Bytes with_byte_flipped(Bytes bytes, std::string_view at) {
    const auto found = as_text(bytes).find(at);
    require(found != std::string_view::npos, "nothing to flip");
    bytes[found] ^= std::byte{1};
    return bytes;
}

}  // namespace

TEST_CASE("a signed CoRIM's reference triples become values") {
    CorimWorld world;
    world.outer = GENERATE(as<std::vector<std::uint64_t>>(), std::vector<std::uint64_t>{},
                           std::vector<std::uint64_t>{502}, std::vector<std::uint64_t>{500},
                           std::vector<std::uint64_t>{502, 500});
    const auto read = world.read();
    INFO((read ? "" : describe(read.error())));
    REQUIRE(read);
    CHECK(read->format == rim::RimFormat::corim);
    CHECK(read->tag_id == "example corim");
    CHECK(read->tag_version == 3);
    CHECK(read->maker == "Example Systems");
    CHECK(read->model == "R750");
    CHECK(read->version == "1.42");
    CHECK(read->not_before == kRimTime - 1000);  // the later of two
    CHECK(read->not_after == kRimTime + 500);    // the earlier of two
    REQUIRE(read->signer);
    CHECK(read->signer->subject == "CN=Test Maker RIM signer");
    CHECK(read->signer->algorithm == "ES256");
    REQUIRE(read->values.size() == 1);
    CHECK(read->values[0].path == "bootloader");
    CHECK(read->values[0].description == "Example Systems R750, version 1.42, svn at least 7");
    CHECK(read->values[0].digests == std::vector{Digest::filled(HashAlgorithm::sha256, std::byte{0xab})});
}

TEST_CASE("each approved algorithm verifies") {
    const auto [algorithm, kind] = GENERATE(
        std::pair<std::int64_t, Key>{-7, Key::p256}, std::pair<std::int64_t, Key>{-35, Key::p384},
        std::pair<std::int64_t, Key>{-36, Key::p521}, std::pair<std::int64_t, Key>{-37, Key::rsa2048},
        std::pair<std::int64_t, Key>{-38, Key::rsa2048}, std::pair<std::int64_t, Key>{-39, Key::rsa3072},
        std::pair<std::int64_t, Key>{-257, Key::rsa2048}, std::pair<std::int64_t, Key>{-258, Key::rsa2048},
        std::pair<std::int64_t, Key>{-259, Key::rsa3072});
    CorimWorld world;
    world.corim.algorithm = algorithm;
    world.signers.signer_key = shared_key(kind);
    INFO(algorithm);
    CHECK(world.read());
}

TEST_CASE("a signature of another scheme, hash or curve than the header says is refused") {
    struct Pair {
        std::int64_t said, used;
        Key key;
    };
    const auto pair =
        GENERATE(Pair{-37, -257, Key::rsa2048}, Pair{-257, -37, Key::rsa2048}, Pair{-258, -257, Key::rsa2048},
                 Pair{-7, -7, Key::p384}, Pair{-35, -7, Key::p384}, Pair{-35, -35, Key::p256});
    CorimWorld world;
    world.corim.algorithm = pair.said;
    world.corim.signed_as = pair.used;
    world.signers.signer_key = shared_key(pair.key);
    INFO(pair.said << " " << pair.used);
    CHECK_THAT(world.refusal(), Contains("another key"));
}

TEST_CASE("a trusted Ed25519 key verifies without any certificate") {
    const tcg::EvpKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    CorimBuilder corim;
    corim.algorithm = -8;
    const std::vector<Bytes> keys{public_key_der(key.get())};
    const auto bytes = corim.sign(key.get());
    const auto read = rim::read_corim(bytes, {.certificates = {}, .keys = keys, .at_unix_time = kRimTime});
    INFO((read ? "" : describe(read.error())));
    REQUIRE(read);
    CHECK_FALSE(read->signer->by_certificate);
    CHECK(read->signer->sha256 == sha256(keys[0]));
    const std::vector<Bytes> others{public_key_der(shared_key(Key::p256))};
    const auto refused =
        rim::read_corim(bytes, {.certificates = {}, .keys = others, .at_unix_time = kRimTime});
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().context, Contains("another key"));
}

TEST_CASE("a chain in the header leads to the root, and one to another root does not") {
    CorimWorld world;
    const auto made = world.signers.make();
    const auto middle_spec = CertificateSpec::ca("Test Maker CA", "Test Maker Root");
    const auto middle = tcg::Certificate::parse(make_certificate(middle_spec, shared_key(Key::rsa3072),
                                                                 world.signers.root_key, &made.root))
                            .value();
    const auto leaf = make_certificate(RimSigners::signer_spec("Leaf", "Test Maker CA"),
                                       world.signers.signer_key, shared_key(Key::rsa3072), &middle);
    world.corim.certificates = {leaf, middle.der()};
    CHECK(world.read(world.corim.sign(world.signers.signer_key), made));
    world.corim.certificates = {leaf};
    const auto cut = world.read(world.corim.sign(world.signers.signer_key), made);
    REQUIRE_FALSE(cut);
    CHECK_THAT(cut.error().context, Contains("signed by CN=Leaf, which is not trusted"));
}

TEST_CASE("any change of payload, protected header or signature is refused") {
    CorimWorld world;
    const auto made = world.signers.make();
    world.corim.certificates = {made.signer.der()};
    const auto honest = world.corim.sign(world.signers.signer_key);
    REQUIRE(world.read(honest, made));
    for (const auto* at : {"bootloader", "1.42", "application/rim", "\xab\xab"}) {
        INFO(at);
        const auto read = world.read(with_byte_flipped(honest, at), made);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ErrorCode::refused);
    }
    auto last = honest;
    last.back() ^= std::byte{1};
    CHECK_FALSE(world.read(last, made));
}

TEST_CASE("an algorithm that is unprotected, unknown or absent is refused") {
    CorimWorld world;
    world.corim.algorithm_is_protected = false;
    CHECK_THAT(world.refusal(), Contains("not in the protected header"));
    CorimWorld other;
    other.corim.algorithm = -7;
    const auto made = other.signers.make();
    other.corim.certificates = {made.signer.der()};
    auto bytes = other.corim.sign(other.signers.signer_key);
    const auto at = as_text(bytes).find("\x01\x26");
    REQUIRE(at != std::string_view::npos);
    bytes[at + 1] = std::byte{0x25};  // -6: direct
    const auto read = other.read(bytes, made);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().context, Contains("algorithm is not accepted"));
    CHECK(read.error().offset);
}

TEST_CASE("a critical header that is not understood is refused") {
    CorimWorld world;
    world.corim.protected_extra = {{2, cbor::array({cbor::integer(99)})}, {99, cbor::null()}};
    CHECK_THAT(world.refusal(), Contains("critical"));
}

TEST_CASE("the manifest's and the signer's validity both count") {
    CorimWorld world;
    world.at = kRimTime + 501;
    CHECK_THAT(world.refusal(), Contains("valid until"));
    world.at = kRimTime - 1001;
    CHECK_THAT(world.refusal(), Contains("valid from"));
    world.at = kRimTime + 500;
    CHECK(world.read());
}

TEST_CASE("an expired signer's certificate is refused") {
    CorimWorld world;
    world.signers.signer.not_after = kRimTime - 1;
    CHECK_THAT(world.refusal(), Contains("expired"));
}

TEST_CASE("an unsigned CoRIM is refused, or read and marked where that is asked for") {
    CorimWorld world;
    const auto refused = world.read(world.corim.unsigned_corim(), world.signers.make());
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().context, Contains("not signed"));
    const auto read = world.read_unsigned();
    REQUIRE(read);
    CHECK_FALSE(read->signer);
    CHECK(read->values.size() == 1);
}

TEST_CASE("a profile that is not known is refused") {
    CorimWorld world;
    world.corim.corim_extra = {{3, cbor_tag(32, cbor::text("https://example.com/profile"))}};
    CHECK_THAT(world.refusal(), Contains("--profile 'https://example.com/profile'"));
    world.profiles = {"https://example.com/profile"};
    const auto read = world.read();
    REQUIRE(read);
    CHECK(read->binding_spec == "https://example.com/profile");
}

TEST_CASE("triples other than reference values are named and not used") {
    CorimWorld world;
    world.corim.comid_triples_extra = {{1, cbor::array({})}, {3, cbor::array({})}, {77, cbor::null()}};
    const auto read = world.read();
    REQUIRE(read);
    CHECK(read->not_used == std::vector<std::string>{"endorsed-triples of tag example-comid",
                                                     "attest-key-triples of tag example-comid",
                                                     "triples of an unknown kind of tag example-comid"});
}

TEST_CASE("integrity registers with a PCR's number are its final values") {
    CorimWorld world;
    const auto digest = Digest::filled(HashAlgorithm::sha384, std::byte{5});
    const auto list = cbor::array({CorimBuilder::digest(7, digest.view())});
    world.corim.measurements = {cbor_map(
        {{1, cbor_map({{14, cbor_map(std::vector<std::pair<Encoded, Encoded>>{
                                {cbor::unsigned_integer(7), list}, {cbor::text("rtmr"), list}})}})}})};
    const auto read = world.read();
    REQUIRE(read);
    REQUIRE(read->values.size() == 2);
    CHECK(read->values[0].kind == rim::RimValueKind::pcr);
    CHECK(read->values[0].pcr == 7U);
    CHECK(read->values[1].kind == rim::RimValueKind::measurement);
    CHECK(read->values[1].path == "register rtmr");
}

TEST_CASE("a digest of the wrong size is malformed at its offset, and an unknown algorithm is named") {
    CorimWorld world;
    world.corim.measurements = {
        cbor_map({{1, cbor_map({{2, cbor::array({CorimBuilder::digest(1, Bytes(31))})}})}})};
    const auto read = world.read_unsigned();
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::malformed);
    REQUIRE(read.error().offset);
    CHECK(static_cast<unsigned>(world.corim.unsigned_corim()[*read.error().offset]) ==
          0x82U);  // the digest's array
    CorimWorld other;
    other.corim.measurements = {
        cbor_map({{1, cbor_map({{2, cbor::array({CorimBuilder::digest(6, Bytes(4))})}})}})};
    const auto unknown = other.read_unsigned();
    REQUIRE(unknown);
    CHECK(unknown->values.empty());
    CHECK(unknown->not_used == std::vector<std::string>{"digests of algorithm 6"});
}

TEST_CASE("every cut of a signed CoRIM is an error with its offset") {
    CorimWorld world;
    const auto made = world.signers.make();
    world.corim.certificates = {made.signer.der()};
    const auto honest = world.corim.sign(world.signers.signer_key);
    for (std::size_t size = 0; size < honest.size(); ++size) {
        const auto read =
            world.read(Bytes(honest.begin(), honest.begin() + static_cast<std::ptrdiff_t>(size)), made);
        REQUIRE_FALSE(read);
        REQUIRE(read.error().offset);
    }
}

TEST_CASE("a tag may stand in a byte string, but not in one within another") {
    CorimBuilder corim;
    const auto comid = cbor_tag(506, corim.comid());
    const auto with_tags = [](const Encoded& tag) {
        return cbor_map({{0, cbor::text("x")}, {1, cbor::array({tag})}});
    };
    CHECK(rim::read_corim_unverified(with_tags(comid))->values.size() == 1);
    CHECK(rim::read_corim_unverified(with_tags(cbor::bytes(comid)))->values.size() == 1);
    CHECK_FALSE(rim::read_corim_unverified(with_tags(cbor::bytes(cbor::bytes(comid)))));
}

TEST_CASE("CBOR with a key twice, indefinite lengths, too deep or with leftovers is refused") {
    using rim::cbor::parse;
    CHECK(parse(cbor_map({{1, cbor::null()}, {-1, cbor::null()}})));
    CHECK_FALSE(parse(cbor_map({{1, cbor::null()}, {1, cbor::null()}})));
    const Bytes indefinite{std::byte{0x9f}, std::byte{0xff}};
    CHECK(parse(indefinite).error().code == ErrorCode::unsupported);
    Bytes deep(rim::cbor::kDepth + 1, std::byte{0x81});
    deep.push_back(std::byte{0});
    CHECK(parse(deep).error().code == ErrorCode::limit);
    deep.erase(deep.begin());
    CHECK(parse(deep));
    const Bytes two(2);
    CHECK(parse(two).error().offset == 1U);
    Bytes huge = cbor_head(4, 1ULL << 40U);
    CHECK_FALSE(parse(huge));
}
