#pragma once

#include <optional>

#include "agent/devices/tpm/tpm.h"
#include "evidence/tpm/journal_index.h"

namespace assay::test {

/// A TPM that can nothing; a test overrides what it needs.
class StubTpm : public agent::Tpm {
  public:
    StubTpm()
        : agent::Tpm(
              []() -> Result<agent::Tcti> { return fail(ErrorCode::unsupported, "not in this test"); }) {}
    Result<TpmSection> properties() override { return TpmSection{"TEST", "", 1, 2, "2.0", 138}; }
    Result<agent::TpmIdentity> identity() override { return agent::TpmIdentity{Bytes(8), {}, Bytes(9)}; }
    Result<std::vector<agent::FurtherEk>> further_eks() override { return std::vector<agent::FurtherEk>{}; }
    Result<agent::DeviceKeys> device_keys() override { return agent::DeviceKeys{}; }
};

/// The journal's two indices as a TPM keeps them, and the faults that a real one has. A counter that is
/// defined anew starts above every value that it ever had.
class JournalTpm : public StubTpm {
  public:
    std::optional<Error> fault;  ///< what every command that writes answers
    int faults_after = 0;        ///< from the first, 1: one command goes through before
    std::string owner_auth;      ///< the owner's authorisation value
    agent::JournalIndices indices;
    std::uint64_t highest = 5;
    int extends = 0, increments = 0;

    Result<agent::JournalIndices> journal_indices() override { return indices; }
    Result<> define_journal_indices(const std::string& auth) override {
        if (auth != owner_auth) return fail(ErrorCode::refused, "the authorization HMAC check failed");
        if (fault) return std::unexpected(*fault);
        if (!indices.counter) indices.counter = ++highest;
        indices.counter_defined = indices.value_defined = true;
        return {};
    }
    Result<> remove_journal_indices(const std::string& auth) override {
        if (auth != owner_auth) return fail(ErrorCode::refused, "the authorization HMAC check failed");
        indices = {};
        return {};
    }
    Result<> extend_journal(const Digest& record) override {
        if (!indices.value_defined) return fail(ErrorCode::not_found, "not defined");
        if (fault && faults_after-- <= 0) return std::unexpected(*fault);
        ++extends;
        indices.value = tcg::extended(indices.value.value_or(Digest{}), record);
        return {};
    }
    Result<> count_journal() override {
        if (!indices.counter) return fail(ErrorCode::not_found, "not defined");
        if (fault && faults_after-- <= 0) return std::unexpected(*fault);
        ++increments;
        highest = ++*indices.counter;
        return {};
    }
};

}  // namespace assay::test
