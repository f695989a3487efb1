#include "evidence/ima/boot_aggregate.h"

namespace assay::tcg {
namespace {

constexpr unsigned kShort = 8;
constexpr unsigned kLong = 10;

}  // namespace

Digest boot_aggregate_of(const QuotedBank& values, HashAlgorithm bank, bool long_form) {
    Hasher hasher(bank);
    for (unsigned pcr = 0; pcr < (long_form ? kLong : kShort); ++pcr) {
        if (const auto& value = values.at(pcr)) hasher.update(value->view());
    }
    return hasher.finish();
}

AggregateAgreement boot_aggregate_agrees(std::string_view hash_name, ByteView file_hash, HashAlgorithm bank,
                                         const QuotedBank& values) {
    if (hash_name != to_string(bank)) return AggregateAgreement::other_bank;
    const auto known = [&values](unsigned count) {
        for (unsigned pcr = 0; pcr < count; ++pcr) {
            if (!values.at(pcr)) return false;
        }
        return true;
    };
    const bool may_be_long = bank != HashAlgorithm::sha1;
    if (!known(kShort)) return AggregateAgreement::not_quoted;
    if (equal(boot_aggregate_of(values, bank, false).view(), file_hash)) return AggregateAgreement::agrees;
    if (may_be_long && !known(kLong)) return AggregateAgreement::not_quoted;
    const bool same = may_be_long && equal(boot_aggregate_of(values, bank, true).view(), file_hash);
    return same ? AggregateAgreement::agrees : AggregateAgreement::differs;
}

}  // namespace assay::tcg
