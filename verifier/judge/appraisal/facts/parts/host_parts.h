#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/digest.h"
#include "verifier/judge/appraisal/facts/parts/host_component.h"
#include "verifier/judge/appraisal/steps/bind.h"
#include "verifier/judge/appraisal/steps/sections.h"

namespace assay::judge {

struct Examined;
struct JudgedMakers;

/// The parts of a host, and what was judged of their makers. Of sections that are all held from earlier
/// reports it is what this thread made of them then, so that a host whose parts rest costs them once. Results
/// do not change: the same sections give the same list, and a judgement is kept for the vendor data, the site
/// and the time for which it is true. For the thread that made it, but for `list`.
class HostParts {
  public:
    /// Of the lists that one thread keeps: their parts, and the bytes of the sections that are kept, decoded,
    /// with them. The oldest go first.
    static constexpr std::size_t kKeptBytes = 32U << 20U;

    explicit HostParts(const BoundClaims& claims);
    HostParts(const HostParts&) = delete;
    HostParts& operator=(const HostParts&) = delete;
    ~HostParts();

    static std::shared_ptr<const HostParts> of(const BoundClaims& claims, const NamedSections& sections);

    /// components_of the claims.
    [[nodiscard]] const std::vector<HostComponent>& list() const { return list_; }
    /// VendorJudgement of the parts of this kind; `examined` is about these parts.
    [[nodiscard]] std::shared_ptr<const JudgedMakers> makers(const Examined& examined,
                                                             vendors::Component kind) const;

  private:
    /// What a judgement of makers is true for.
    struct Question {
        Digest vendors;
        std::string site;
        vendors::Span time;
    };

    std::vector<HostComponent> list_;
    mutable std::optional<Question> asked_;
    mutable std::map<vendors::Component, std::shared_ptr<const JudgedMakers>> makers_;
};

/// How many lists of parts this thread has made: for tests.
std::size_t made_part_lists();

}  // namespace assay::judge
