// Input: a vendor bundle. What decodes encodes to the same bytes, and nothing passes without the owner's key.
#include <cstdint>
#include <cstdlib>

#include "tests/support/builders/bundle_builder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    using namespace assay::vendors;
    static const auto trust =
        BundleTrust::of({test::SignerKeys::of_seed(77).key("owner.pem")}, {}, 1).value();
    const ByteView input(reinterpret_cast<const std::byte*>(data), size);
    const auto judged = judge_bundle(input, trust, test::BundleBuilder::kIssued, {});
    if (judged ? judged->bundle.has_value() : judged.error().context.empty()) std::abort();
    const auto bundle = decode_bundle(input);
    if (!bundle) return 0;
    if (!equal(encode_bundle(*bundle), input)) std::abort();
    const auto content = decode_bundle_content(bundle->content);
    if (content && encode_bundle_content(*content) != bundle->content) std::abort();
    return 0;
}
