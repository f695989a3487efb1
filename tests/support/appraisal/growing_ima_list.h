#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/appraisal/evidence_builder.h"
#include "verifier/judge/appraisal/facts/ima/ima_progress.h"

namespace assay::test {

/// An IMA list as it grows on an honest host, and that host's reports of it.
class GrowingImaList {
  public:
    /// After so many entries.
    struct Point {
        std::size_t offset = 0;
        Digest pcr10;
    };

    /// So many files after the first entry.
    explicit GrowingImaList(std::size_t files = 0) {
        points_.push_back({0, list_.pcr10_sha256});
        const auto bank = EventLogBuilder::typical().tpm_values(HashAlgorithm::sha256);
        std::string boot;
        for (unsigned pcr = 0; pcr < 10; ++pcr) boot += as_text(bank.at(pcr)->view());
        add([&](ImaBuilder& list) { list.file("boot_aggregate", boot); });
        add_files(files);
    }
    /// One entry.
    void add(const std::function<void(ImaBuilder&)>& entry) {
        entry(list_);
        points_.push_back({list_.bytes().size(), list_.pcr10_sha256});
    }
    void add_files(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            add([i](ImaBuilder& list) { list.file("/usr/bin/" + std::to_string(i), std::to_string(i)); });
    }
    [[nodiscard]] std::size_t entries() const { return points_.size() - 1; }
    [[nodiscard]] const Point& after(std::size_t entries) const { return points_.at(entries); }
    [[nodiscard]] Bytes bytes(std::size_t from, std::size_t to) const {
        const auto at = list_.bytes().begin();
        return {at + static_cast<std::ptrdiff_t>(after(from).offset),
                at + static_cast<std::ptrdiff_t>(after(to).offset)};
    }

    /// A report when PCR 10 covered `quoted` entries and the list had `shown`. With `known`, as a verifier
    /// knows it, the part after that.
    [[nodiscard]] AppraisalCase report(std::size_t quoted, std::size_t shown,
                                       const std::optional<ImaState>& known = {}) const {
        return report_with(quoted, known, [&](Sections& sections) {
            if (known) {
                sections[std::string(section::kImaLogPart)] = encode_ima_part_section(
                    {start_of(*known).state, known->entries, known->offset, bytes(known->entries, shown)});
            } else {
                sections[std::string(section::kImaLog)] = bytes(0, shown);
            }
        });
    }
    using Sections = std::map<std::string, Bytes, std::less<>>;
    [[nodiscard]] AppraisalCase report_with(std::size_t quoted, const std::optional<ImaState>& known,
                                            const std::function<void(Sections&)>& show) const {
        auto builder = host;
        builder.with_ima = false;
        builder.pcrs_beside_log[10] = after(quoted).pcr10;
        builder.known.ima = known;
        builder.before_manifest = [&](AppraisalCase& made) {
            show(made.bundle.evidence.sections);
            made.policy = policy;
        };
        return builder.build();
    }

    EvidenceBuilder host;
    judge::Policy policy = test_policy();

  private:
    ImaBuilder list_;
    std::vector<Point> points_;
};

/// Whether the part in `made` says to go on from what its verifier knows.
inline bool part_continues(const AppraisalCase& made) {
    const auto& evidence = made.bundle.evidence;
    const auto part = decode_ima_part_section(evidence.sections.at(std::string(section::kImaLogPart)));
    return ima_part_continues(part.value().state, decode_manifest(evidence.manifest).value(),
                              tcg::parse_quote(evidence.quote).value(), made.bundle.known_host, made.policy);
}

}  // namespace assay::test
