// Input: an X.509 revocation list. What is read says when the next one is due, and has nothing behind it.
#include <cstdint>
#include <cstdlib>

#include "evidence/certificate/revocation_list.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
    const auto list = tcg::RevocationList::parse(bytes);
    if (!list) {
        if (list.error().context.empty()) std::abort();
        return 0;
    }
    if (list->crl() == nullptr || list->sha256() != sha256(bytes)) std::abort();
    Bytes longer = to_bytes(bytes);
    longer.push_back(std::byte{0});
    if (tcg::RevocationList::parse(longer)) std::abort();
    return 0;
}
