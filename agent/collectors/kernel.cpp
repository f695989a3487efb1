#include "agent/collectors/collectors.h"
#include "agent/devices/host/attributes.h"
#include "evidence/base/text.h"

namespace assay::agent {

namespace {

std::string wanted(Host& host, std::string_view path, GapLog& gaps) {
    return gaps.value_of(read_text(host, path), section::kKernel, path).value_or("");
}

/// PRETTY_NAME of os-release(5), without its quotes.
std::string pretty_name(std::string_view text) {
    constexpr std::string_view kKey = "PRETTY_NAME=";
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        if (line.starts_with(kKey)) {
            line.remove_prefix(kKey.size());
            if (line.size() > 1 && (line.front() == '"' || line.front() == '\''))
                line = line.substr(1, line.size() - 2);
            return std::string(line);
        }
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return {};
}

std::string os_release(Host& host, GapLog& gaps) {
    auto text = read_text(host, "/etc/os-release");
    if (!text) text = read_text(host, "/usr/lib/os-release");
    return pretty_name(gaps.value_of(std::move(text), section::kKernel, "/etc/os-release").value_or(""));
}

}  // namespace

std::optional<Bytes> collect_kernel(const Machine& machine, GapLog& gaps) {
    auto& host = machine.host;
    KernelSection kernel;
    kernel.release = wanted(host, "/proc/sys/kernel/osrelease", gaps);
    kernel.version = wanted(host, "/proc/sys/kernel/version", gaps);
    kernel.machine = wanted(host, "/proc/sys/kernel/arch", gaps);  // Linux 6.1 and later
    kernel.command_line = wanted(host, "/proc/cmdline", gaps);
    kernel.boot_id = wanted(host, "/proc/sys/kernel/random/boot_id", gaps);
    kernel.os_release = os_release(host, gaps);
    return encode_kernel_section(kernel);
}

}  // namespace assay::agent
