#include <cstdlib>
#include <random>

#include <fmt/core.h>

#include "tests/attacks/evidence/tampering.h"

// Random single mutations of everything that a host sends. The mutator signs anew what an attacker could: it
// is root on the host (so it can write any manifest) and has a software key of its own, never the TPM's.
// ASSAY_MUTATIONS: how many (a few hundred in every run); ASSAY_MUTATION_SEED: where to begin.
using namespace assay;
using namespace assay::test;

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The host whose evidence is mutated, and the attacker's key.
struct World {
    EvidenceBuilder builder;
    AppraisalCase honest;
    Bytes other_section;  // of another host
    tcg::EvpKey software_key = fresh_key(Key::p256);

    World() {
        builder.log.banks = {HashAlgorithm::sha256};
        builder.ima_files.resize(1);
        // A number without a leading zero is written in one way only; a TPM may leave that zero out.
        do {
            honest = builder.build();
        } while (signature_of(honest).r.front() == std::byte{0} ||
                 signature_of(honest).s.front() == std::byte{0});
        EvidenceBuilder neighbour;
        neighbour.system_maker = "Undecided Works";
        other_section = neighbour.build().bundle.evidence.sections.at(std::string(section::kSmbios));
    }
};

/// One mutation under way; `what` says it in words.
struct Mutation {
    Mutation(const World& of, std::uint64_t seed) : world(of), made(of.honest), random(seed) {}

    const World& world;
    AppraisalCase made;
    Random random;
    std::string what;

    Evidence& evidence() { return made.bundle.evidence; }
    std::string any_section() {
        auto at = evidence().sections.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(below(random, evidence().sections.size())));
        return at->first;
    }

    // One thing done to bytes; never nothing.
    void spoil(const std::string& of, Bytes& bytes) {
        const Bytes before = bytes;
        while (bytes == before) {
            const auto at = below(random, bytes.size() + 1);
            const auto kind = at == bytes.size() ? 4 : below(random, 8);
            spoil_at(bytes, at, kind);
            what = fmt::format("{}: kind {} at {}", of, kind, at);
        }
    }
    void spoil_at(Bytes& bytes, std::size_t at, std::size_t kind) {
        const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto few = std::min<std::size_t>(bytes.size() - at, 1 + below(random, 8));
        switch (kind) {
            case 0:
            case 1:
                *place ^= static_cast<std::byte>(1U << below(random, 8));
                break;
            case 2:
                *place ^= static_cast<std::byte>(1 + below(random, 255));
                break;
            case 3:
                bytes.erase(place);
                break;
            case 4:
            case 5:
                bytes.insert(place, static_cast<std::byte>(below(random, 256)));
                break;
            case 6:
                bytes.resize(at);
                break;
            default:
                std::fill_n(place, few, static_cast<std::byte>(below(random, 2) * 255));
        }
    }

    void write_manifest() {
        const auto& builder = world.builder;
        evidence().manifest = manifest_of(builder.host, builder.boot_id, evidence().sections);
        what += ", manifest written anew";
    }
    void bind_and_sign() {
        auto parsed = tcg::parse_quote(evidence().quote);
        if (parsed) {
            parsed->extra_data =
                to_bytes(evidence_binding(made.bundle.challenge.nonce, evidence().manifest).view());
            evidence().quote = encode_quote(*parsed);
        }
        world.builder.sign_quote(made, world.software_key.get());
        what += ", signed with a software key";
    }

    void quote_field() {
        auto quote = tcg::parse_quote(evidence().quote).value();
        const auto field = below(random, 9);
        const auto bit = [&](auto& number) {
            number ^= static_cast<std::decay_t<decltype(number)>>(1) << below(random, 8 * sizeof(number));
        };
        if (field == 0) spoil("qualifiedSigner", quote.qualified_signer);
        if (field == 1) spoil("extraData", quote.extra_data);
        if (field == 2) bit(quote.clock_info.clock_ms);
        if (field == 3) bit(quote.clock_info.reset_count);
        if (field == 4) bit(quote.clock_info.restart_count);
        if (field == 5) quote.clock_info.safe = false;
        if (field == 6) bit(quote.firmware_version);
        if (field == 7)
            quote.selection =
                tcg::PcrSelection::of(HashAlgorithm::sha256, 0xffffU ^ (1U << below(random, tcg::kPcrCount)));
        if (field == 8) spoil("pcrDigest", quote.pcr_digest);
        evidence().quote = encode_quote(quote);
        what = fmt::format("field {} of the quote ({})", field, what);
    }

    void signature_field() {
        auto signature = tcg::parse_signature(evidence().signature).value();
        const auto field = below(random, 4);
        if (field == 0) spoil("r", signature.r);
        if (field == 1) spoil("s", signature.s);
        if (field == 2) signature.hash = below(random, 2) == 0 ? HashAlgorithm::sha1 : HashAlgorithm::sha512;
        if (field == 3) {
            signature.scheme = below(random, 2) == 0 ? tcg::Scheme::rsassa : tcg::Scheme::rsapss;
            signature.rsa = signature.r;
        }
        set_signature(made, signature);
        what = fmt::format("field {} of the signature ({})", field, what);
    }

    void manifest_field() {
        auto manifest = decode_manifest(evidence().manifest).value();
        auto& entries = manifest.entries;
        auto& entry = entries.at(below(random, entries.size()));
        const auto field = below(random, 6);
        if (field == 0) manifest.host.back() ^= 1;
        if (field == 1) manifest.boot_id.front() = manifest.boot_id.front() == '2' ? '3' : '2';
        if (field == 2) entry.length ^= std::uint64_t{1} << below(random, 64);
        if (field == 3) entry.digest = sha256(entry.digest.view());
        if (field == 4) std::swap(entry.digest, entries.at((below(random, entries.size() - 1) + 1)).digest);
        if (field == 5)
            entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(below(random, entries.size())));
        evidence().manifest = encode_manifest(manifest);
        what = fmt::format("field {} of the manifest", field);
    }

    void sections() {
        auto& all = evidence().sections;
        const auto kind = below(random, 4);
        const auto name = any_section();
        what = fmt::format("section {}: kind {}", name, kind + 10);
        if (kind == 0) all.erase(name);
        if (kind == 1) all[name] = world.other_section;
        if (kind == 2) all["usb-" + std::to_string(below(random, 10))] = all.at(name);
        if (kind == 3) {
            auto other = any_section();
            std::swap(all.at(name), all.at(other));
        }
    }

    // What the TPM's owner can have quoted anew: other values are shown than the quoted ones.
    void shown_pcrs() {
        auto& bytes = evidence().sections.at(std::string(section::kPcrs));
        spoil("pcrs", bytes);
        write_manifest();
        world.builder.seal(made);
        what += ", quoted anew";
    }

    void run() {
        switch (below(random, 9)) {
            case 0:
                spoil("nonce", evidence().nonce);
                break;
            case 1:
                spoil("quote", evidence().quote);
                break;
            case 2:
                spoil("signature", evidence().signature);
                break;
            case 3:
                spoil("manifest", evidence().manifest);
                break;
            case 4:
                quote_field();
                break;
            case 5:
                signature_field();
                return;
            case 6:
                manifest_field();
                break;
            case 7:
                sections();
                break;
            default:
                if (below(random, 8) == 0) return shown_pcrs();
                const auto name = any_section();
                spoil("section " + name, evidence().sections.at(name));
        }
        const auto then = below(random, 4);
        if (then == 1) write_manifest();
        if (then == 2) bind_and_sign();
        if (then == 3) write_manifest(), bind_and_sign();
    }
};

Mutation mutated(const World& world, std::uint64_t seed) {
    Mutation mutation(world, seed);
    mutation.run();
    return mutation;
}

}  // namespace

TEST_CASE("random single mutations of what a host sends never affirm", "[attack]") {
    const World world;
    const auto first = number_from("ASSAY_MUTATION_SEED", 1);
    const auto count = number_from("ASSAY_MUTATIONS", 500);
    REQUIRE(world.honest.appraise().result.tier == Tier::affirming);
    std::uint64_t judged = 0;
    for (auto seed = first; seed < first + count; ++seed) {
        auto mutation = mutated(world, seed);
        if (mutation.made.bundle.evidence == world.honest.bundle.evidence)
            continue;  // what it did was nothing
        const auto appraisal = mutation.made.appraise();
        ++judged;
        if (appraisal.result.tier != Tier::affirming && !appraisal.result.findings.empty()) continue;
        FAIL_CHECK("ASSAY_MUTATION_SEED=" << seed << ": " << mutation.what << ": "
                                          << to_string(appraisal.result.tier));
    }
    CHECK(judged >= count * 9 / 10);
    CHECK(world.honest.appraise().result.tier == Tier::affirming);
    fmt::print("{} mutations from seed {}, none affirming\n", judged, first);
}

TEST_CASE("random single mutations of encoded evidence are refused, or decode to something else",
          "[attack]") {
    const World world;
    const auto first = number_from("ASSAY_MUTATION_SEED", 1);
    const auto count = number_from("ASSAY_MUTATIONS", 500);
    const auto whole = encode_evidence(world.honest.bundle.evidence);
    std::uint64_t refused = 0;
    for (auto seed = first; seed < first + count; ++seed) {
        Mutation mutation(world, seed);
        auto bytes = whole;
        mutation.spoil("evidence", bytes);
        if (bytes == whole) continue;
        const auto decoded = decode_evidence(bytes);
        if (!decoded) {
            ++refused;
            continue;
        }
        mutation.made.bundle.evidence = *decoded;
        if (mutation.made.appraise().result.tier != Tier::affirming) continue;
        FAIL_CHECK("ASSAY_MUTATION_SEED=" << seed << ": " << mutation.what);
    }
    CHECK(refused > 0);
}
