#pragma once

#include <vector>

#include "verifier/judge/changes/seen_change.h"

/// Which parts and which firmware are others than before. PURE.
namespace assay::judge {

/// Both lists in the form in which the store keeps parts, so that what it shortens is no difference. USB
/// devices are left out: the journal tells of them. Drives, network cards and PCI functions are the same
/// wherever the kernel found them; a part that shows no serial number now is no news. In the order of
/// classes, then of `before` and `after`.
std::vector<SeenChange> part_news(const std::vector<HostComponent>& before,
                                  const std::vector<HostComponent>& after, const ChangeSpan& when);

/// By it a part is known again in a matter: SHA-256 over class, model, serial number, MAC and version.
Bytes part_digest(const HostComponent& part);

}  // namespace assay::judge
