#include "evidence/eventlog/event_type.h"

#include <fmt/core.h>

namespace assay::tcg {

std::string event_type_name(std::uint32_t type) {
#define NAME(constant) \
    case constant:     \
        return #constant
    switch (type) {
        NAME(EV_PREBOOT_CERT);
        NAME(EV_POST_CODE);
        NAME(EV_NO_ACTION);
        NAME(EV_SEPARATOR);
        NAME(EV_ACTION);
        NAME(EV_EVENT_TAG);
        NAME(EV_S_CRTM_CONTENTS);
        NAME(EV_S_CRTM_VERSION);
        NAME(EV_CPU_MICROCODE);
        NAME(EV_PLATFORM_CONFIG_FLAGS);
        NAME(EV_TABLE_OF_DEVICES);
        NAME(EV_COMPACT_HASH);
        NAME(EV_IPL);
        NAME(EV_IPL_PARTITION_DATA);
        NAME(EV_NONHOST_CODE);
        NAME(EV_NONHOST_CONFIG);
        NAME(EV_NONHOST_INFO);
        NAME(EV_OMIT_BOOT_DEVICE_EVENTS);
        NAME(EV_POST_CODE2);
        NAME(EV_EFI_VARIABLE_DRIVER_CONFIG);
        NAME(EV_EFI_VARIABLE_BOOT);
        NAME(EV_EFI_BOOT_SERVICES_APPLICATION);
        NAME(EV_EFI_BOOT_SERVICES_DRIVER);
        NAME(EV_EFI_RUNTIME_SERVICES_DRIVER);
        NAME(EV_EFI_GPT_EVENT);
        NAME(EV_EFI_ACTION);
        NAME(EV_EFI_PLATFORM_FIRMWARE_BLOB);
        NAME(EV_EFI_HANDOFF_TABLES);
        NAME(EV_EFI_PLATFORM_FIRMWARE_BLOB2);
        NAME(EV_EFI_HANDOFF_TABLES2);
        NAME(EV_EFI_VARIABLE_BOOT2);
        NAME(EV_EFI_GPT_EVENT2);
        NAME(EV_EFI_HCRTM_EVENT);
        NAME(EV_EFI_VARIABLE_AUTHORITY);
        NAME(EV_EFI_SPDM_FIRMWARE_BLOB);
        NAME(EV_EFI_SPDM_FIRMWARE_CONFIG);
        NAME(EV_EFI_SPDM_DEVICE_POLICY);
        NAME(EV_EFI_SPDM_DEVICE_AUTHORITY);
        default:
            return fmt::format("0x{:08x}", type);
    }
#undef NAME
}

}  // namespace assay::tcg
