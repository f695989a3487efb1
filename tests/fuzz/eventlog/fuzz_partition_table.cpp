#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "evidence/eventlog/payload/gpt_event.h"

// A UEFI_GPT_DATA.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto gpt = assay::tcg::parse_gpt_event(std::as_bytes(std::span(data, size)));
    if (!gpt && (!gpt.error().offset || *gpt.error().offset > size)) std::abort();
    if (gpt && gpt->partitions.size() > size / 128) std::abort();
    return 0;
}
