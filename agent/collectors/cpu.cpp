#include <charconv>
#include <optional>
#include <set>

#include "agent/collectors/collectors.h"
#include "agent/devices/host/attributes.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::agent {

namespace {

constexpr std::string_view kCpuInfo = "/proc/cpuinfo";
constexpr std::size_t kMaxSize = 16U << 20U;  // about 1.5 KB a logical CPU

std::uint64_t number(std::string_view text) {
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    return value;
}

/// One "key : value" line of one logical CPU. The first CPU names the model, all of them are counted.
void take_line(std::string_view key, std::string_view value, CpuSection& cpu,
               std::set<std::string_view>& packages) {
    if (key == "processor") ++cpu.logical_cpus;
    if (key == "physical id") packages.insert(value);
    const bool first = cpu.logical_cpus <= 1;
    if (key == "microcode" && !first && number(value) != cpu.microcode) cpu.microcode_differs = true;
    if (!first) return;
    if (key == "vendor_id") cpu.vendor = value;
    if (key == "model name") cpu.model_name = value;
    if (key == "cpu family") cpu.family = number(value);
    if (key == "model") cpu.model = number(value);
    if (key == "stepping") cpu.stepping = number(value);
    if (key == "microcode") cpu.microcode = number(value);
}

CpuSection parse_cpuinfo(std::string_view text) {
    CpuSection cpu;
    std::set<std::string_view> packages;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos) {
            take_line(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)), cpu, packages);
        }
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    cpu.packages = packages.size();
    return cpu;
}

}  // namespace

std::optional<Bytes> collect_cpu(const Machine& machine, GapLog& gaps) {
    const auto content = gaps.value_of(machine.host.read(kCpuInfo, kMaxSize), section::kCpu, kCpuInfo);
    if (!content) return std::nullopt;
    const auto text = utf8_text(*content);
    const auto cpu = parse_cpuinfo(text);
    if (cpu.vendor.empty())
        gaps.add(section::kCpu, kCpuInfo, {ErrorCode::not_found, "no vendor_id: not an x86 CPU", {}});
    if (cpu.microcode == 0)
        gaps.add(section::kCpu, kCpuInfo, {ErrorCode::not_found, "no microcode revision is shown", {}});
    return encode_cpu_section(cpu);
}

}  // namespace assay::agent
