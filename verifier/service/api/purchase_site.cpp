#include "verifier/service/api/purchase_site.h"

#include <algorithm>

namespace assay::api {

void keep_purchase_site_that_chooses(const Service& service, const judge::Labels& labels, KnownHost& known) {
    if (!known.purchase_site) return;
    const auto& site = known.purchase_site->site;
    auto said = labels;
    said["site"] = site;
    const bool chooses = &service.policies.of(said) != &service.policies.of(labels) ||
                         std::ranges::find(service.vendors.rulings(), site, &vendors::Ruling::site) !=
                             service.vendors.rulings().end();
    if (!chooses) known.purchase_site.reset();
}

}  // namespace assay::api
