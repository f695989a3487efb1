#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/core.h>
#include <toml++/toml.h>

#include "tests/support/builders/bundle_builder.h"
#include "tests/support/builders/vendor_files.h"
#include "verifier/judge/appraisal/facts/parts/components.h"

// assay-bench-vendors   nanoseconds of loading a bundle's worth of 1,000 makers and of resolving a host's 40
// parts, each beside its floor, as JSON.
namespace {

using namespace assay;
using namespace assay::judge;
using vendors::Component;
using vendors::Namespace;

constexpr int kMakers = 1000;
constexpr int kParts = 40;

/// What ships, and made-up makers of the usual size up to a thousand: four names and eleven identifiers each.
vendors::Sources thousand_makers() {
    auto out = test::shipped_sources();
    const std::string source = "source = \"made up\"\n";
    for (int i = 0; static_cast<int>(out.vendors.size()) < kMakers; ++i) {
        std::string text = fmt::format(
            "id = \"maker-{0}\"\ncountry = \"DE\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Maker "
            "Number {0} GmbH\"]\n{1}[[names]]\nkind = \"smbios\"\ntexts = [\"MN{0}\", \"Number{0} "
            "Server\", \"N-{0}\"]\n{1}",
            i, source);
        // From the ends of the spaces, where nothing that ships is.
        text += fmt::format("[[ids]]\nnamespace = \"pci\"\nvalues = [\"{:04x}\"]\n{}", 0xe000 + i, source);
        text += fmt::format("[[ids]]\nnamespace = \"iana_pen\"\nvalues = [\"{}\"]\n{}", 900'000 + i, source);
        text += "[[ids]]\nnamespace = \"oui\"\nvalues = [";
        for (int n = 0; n < 9; ++n) text += fmt::format("{}\"FC{:04X}{:03X}\"", n == 0 ? "" : ", ", i, n);
        out.vendors.push_back({fmt::format("vendors/maker-{}.toml", i), text + "]\n" + source});
    }
    return out;
}

/// 40 parts as evidence has them: numbers, names, chip and card.
std::vector<HostComponent> parts_of_a_host() {
    std::vector<HostComponent> out;
    const auto add = [&](Component kind, std::vector<MakerId> maker) {
        out.push_back({.kind = kind, .place = std::to_string(out.size()), .maker = std::move(maker)});
    };
    for (const auto kind : {Component::system, Component::board, Component::bios})
        add(kind, {{Namespace::smbios, "Dell Inc.", "'Dell Inc.'", ""}});
    for (int i = 0; i < 16; ++i)
        add(Component::memory,
            {{Namespace::jep106, "1:ce", "id", ""}, {Namespace::smbios, "Samsung", "name", ""}});
    for (int i = 0; i < 4; ++i)
        add(Component::nic, {{Namespace::oui, "A4BF01020304", "MAC", "address"},
                             {Namespace::pci, "8086", "id", "chip"},
                             {Namespace::pci, "1028", "id", "card"}});
    while (out.size() < kParts)
        add(Component::pci, {{Namespace::pci, "144d", "id", "chip"}, {Namespace::pci, "1028", "id", "card"}});
    return out;
}

double best_nanoseconds(const std::function<void()>& loop, int iterations) {
    double best = std::numeric_limits<double>::max();
    constexpr int kRounds = 7;
    for (int round = 0; round < kRounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < iterations; ++i) loop();
        const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
        best = std::min(best, taken.count() / iterations);
    }
    return best;
}

int run() {
    const auto sources = thousand_makers();
    const auto loaded = vendors::load(sources);
    if (!loaded) throw std::runtime_error(describe(loaded.error()));
    const auto parts = parts_of_a_host();
    std::unordered_map<std::string, int>
        table;  // the floor: one lookup an identifier, of a key that is made for it
    for (const auto& [id, entity] : loaded->entities()) {
        for (const auto& each : entity.identifiers) table.emplace(each.value, 1);
    }
    std::size_t known = 0;
    const auto load = best_nanoseconds([&] { known += vendors::load(sources)->entities().size(); }, 3);
    const auto keys = test::SignerKeys::of_seed(1);
    constexpr std::int64_t kIssued = 1'790'000'000;
    const auto content = vendors::encode_bundle_content(
        {.version = 1, .issued = kIssued, .expires = kIssued + 1000, .sources = sources});
    const auto signature = vendors::sign_content(content.value(), keys.secret, "");
    const auto bundle = vendors::encode_bundle({*content, {signature.value()}});
    const auto trust = vendors::BundleTrust::of({keys.key("owner.pem")}, {}, 1).value();
    const auto from_bundle = best_nanoseconds(
        [&] {
            const auto judged = vendors::judge_bundle(bundle, trust, kIssued, {});
            known += judged.value().bundle.value().load()->entities().size();
        },
        3);
    const auto parse = best_nanoseconds(
        [&] {
            for (const auto& file : sources.vendors) known += toml::parse(file.text).size();
        },
        3);
    const auto resolved = best_nanoseconds(
        [&] {
            for (const auto& part : parts) known += makers_by_layer(*loaded, part.maker).size();
        },
        1000);
    const auto looked_up = best_nanoseconds(
        [&] {
            for (const auto& part : parts) {
                for (const auto& id : part.maker) known += table.count(id.value);
            }
        },
        1000);
    if (known == 0) throw std::runtime_error("nothing was loaded");
    fmt::print(
        "{{\"vendors-load\": {:.0f}, \"bundle-load\": {:.0f}, \"vendors-parse\": {:.0f}, \"resolve\": "
        "{:.0f}, "
        "\"lookup\": {:.0f}}}\n",
        load, from_bundle, parse, resolved, looked_up);
    return 0;
}

}  // namespace

int main() {
    try {
        return run();
    } catch (const std::exception& error) {
        std::cerr << "assay-bench-vendors: " << error.what() << "\n";
        return 1;
    }
}
