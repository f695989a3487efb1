#include "vendor-db/load/complaints.h"

#include <charconv>
#include <string>

namespace assay::vendors {
namespace {

/// "a file:12" -> ("a file", 12); without a line at the end, all of it is the file.
std::pair<std::string, std::size_t> file_and_line(std::string_view where) {
    const auto colon = where.rfind(':');
    std::size_t line = 0;
    if (colon != std::string_view::npos) {
        const auto* end = where.data() + where.size();
        const auto [stop, error] = std::from_chars(where.data() + colon + 1, end, line);
        if (error == std::errc() && stop == end) return {std::string(where.substr(0, colon)), line};
    }
    return {std::string(where), 0};
}

}  // namespace

void Complaints::add(const Error& error) {
    const std::string_view context = error.context;
    const auto head = context.find(": ");
    const auto [file, line] = file_and_line(context.substr(0, head));
    auto rest = head == std::string_view::npos ? context : context.substr(head + 2);
    const auto cut = rest.rfind("; ");
    const auto remedy = cut == std::string_view::npos ? std::string_view() : rest.substr(cut + 2);
    rest = rest.substr(0, cut);
    all_.push_back({file, line, std::string(rest), std::string(remedy), error.code});
}

void Complaints::add(std::string_view where, std::string what, std::string remedy) {
    const auto [file, line] = file_and_line(where);
    all_.push_back({file, line, std::move(what), std::move(remedy), ErrorCode::malformed});
}

std::string to_string(const Complaint& complaint) {
    auto text = complaint.file;
    if (complaint.line != 0) text += ":" + std::to_string(complaint.line);
    text += ": " + complaint.what;
    if (!complaint.remedy.empty()) text += "; " + complaint.remedy;
    return text;
}

}  // namespace assay::vendors
