#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "evidence/eventlog/payload/device_path.h"
#include "evidence/eventlog/payload/efi_load_option.h"
#include "evidence/eventlog/payload/efi_structures.h"

// A device path, an EFI_LOAD_OPTION and a UEFI_IMAGE_LOAD_EVENT of the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    using namespace assay::tcg;
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto path = parse_device_path(bytes);
    if (!path && (!path.error().offset || *path.error().offset > size)) std::abort();
    if (path && (path->nodes > 256 || path->text.size() > (17U << 10U))) std::abort();
    const auto option = parse_load_option(bytes);
    if (!option && (!option.error().offset || *option.error().offset > size)) std::abort();
    if (option && option->optional_data.size() > size) std::abort();
    const auto image = parse_image_load_event(bytes);
    if (!image && (!image.error().offset || *image.error().offset > size)) std::abort();
    return 0;
}
