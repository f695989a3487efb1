// The sections about the running system: cpu, kernel, clock, gaps.
#include "evidence/base/limits.h"
#include "evidence/wire/section/section_codec.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"

namespace assay {
namespace {

using wire::field;
using wire::record;
using wire::Text;
using wire::Unsigned;

constexpr auto kCpu =
    record(field("model", &CpuSection::model, Unsigned{}), field("family", &CpuSection::family, Unsigned{}),
           field("vendor", &CpuSection::vendor, Text{}), field("packages", &CpuSection::packages, Unsigned{}),
           field("stepping", &CpuSection::stepping, Unsigned{}),
           field("microcode", &CpuSection::microcode, Unsigned{}),
           field("model_name", &CpuSection::model_name, Text{}),
           field("logical_cpus", &CpuSection::logical_cpus, Unsigned{}),
           field("microcode_differs", &CpuSection::microcode_differs, wire::Flag{}));

constexpr auto kKernel = record(
    field("boot_id", &KernelSection::boot_id, Text{}), field("machine", &KernelSection::machine, Text{}),
    field("release", &KernelSection::release, Text{}), field("version", &KernelSection::version, Text{}),
    field("os_release", &KernelSection::os_release, Text{}),
    field("command_line", &KernelSection::command_line, Text{}));

constexpr auto kClock = record(field("wall_ms", &ClockSection::wall_ms, wire::Integer{}),
                               field("boottime_ms", &ClockSection::boottime_ms, Unsigned{}),
                               field("synchronised", &ClockSection::synchronised, wire::Flag{}));

constexpr wire::List kGaps{
    record(field("code", &Gap::code, Text{}), field("reason", &Gap::reason, Text{}),
           field("source", &Gap::source, Text{}), field("section", &Gap::section, Text{})),
    limits::kGaps};

}  // namespace

Bytes encode_cpu_section(const CpuSection& cpu) {
    return wire::encode_document(kCpu, cpu);
}
Result<CpuSection> decode_cpu_section(ByteView bytes) {
    return wire::decode_section<CpuSection>(kCpu, bytes, section::kCpu);
}

Bytes encode_kernel_section(const KernelSection& kernel) {
    return wire::encode_document(kKernel, kernel);
}
Result<KernelSection> decode_kernel_section(ByteView bytes) {
    return wire::decode_section<KernelSection>(kKernel, bytes, section::kKernel);
}

Bytes encode_clock_section(const ClockSection& clock) {
    return wire::encode_document(kClock, clock);
}
Result<ClockSection> decode_clock_section(ByteView bytes) {
    return wire::decode_section<ClockSection>(kClock, bytes, section::kClock);
}

Bytes encode_gaps_section(const std::vector<Gap>& gaps) {
    return wire::encode_document(kGaps, gaps);
}
Result<std::vector<Gap>> decode_gaps_section(ByteView bytes) {
    return wire::decode_section<std::vector<Gap>>(kGaps, bytes, section::kGaps);
}

}  // namespace assay
