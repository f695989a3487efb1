// The smallest program in which each flag of `hardened` leaves its trace: hardening.py looks for them.
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kLarge = 64UL << 10U;  // more than a page: the stack is probed on the way

// A size that is known at run time alone: checked by _FORTIFY_SOURCE=3, and not by 2.
std::size_t copied(std::string_view text, std::size_t size) {
    auto* copy =
        static_cast<char*>(std::malloc(size));  // NOLINT: the attribute alloc_size is what it is about
    if (copy == nullptr) return 0;
    std::memcpy(copy, text.data(), text.size());
    const auto length = strnlen(copy, size);
    std::free(copy);  // NOLINT
    return length;
}

// An array on the stack, so a canary.
[[gnu::noinline]] std::size_t on_the_stack(std::string_view text) {
    char large[kLarge];  // NOLINT
    std::memset(large, 0, sizeof large);
    text.copy(large, sizeof large);
    return std::strlen(large);
}

}  // namespace

int main(int count, char** arguments) {
    const std::vector<std::string_view> all(arguments, arguments + count);
    const auto size = static_cast<std::size_t>(count) * kLarge;
    return copied(all[0], size) == on_the_stack(all[static_cast<std::size_t>(count) - 1]) ? 0 : 1;
}
