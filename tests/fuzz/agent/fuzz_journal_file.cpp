// Input: a journal on disk. What is read as good is, to the byte, what the writer would have written, and
// goes on from record to record; a file that is cut there reads the same.
#include <cstdint>
#include <cstdlib>

#include "agent/usb/journal/journal_frames.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto file = fuzz::view_of(data, size);
    const auto scan = agent::journal_frames::scan(file);
    if (!scan) {
        if (scan.error().context.empty()) std::abort();
        return 0;
    }
    if (scan->good_size + scan->torn != size) std::abort();
    Bytes written = agent::journal_frames::encode_header(scan->base);
    auto before = scan->base;
    for (const auto& frame : scan->frames) {
        if (frame.offset != written.size() || frame.digest != journal_digest(frame.record)) std::abort();
        const auto record = decode_journal_record(frame.record);
        if (!record || record->sequence != before.sequence + 1 || record->previous != before.digest)
            std::abort();
        before = {record->sequence, frame.digest};
        const auto bytes = agent::journal_frames::encode_frame(frame.record);
        written.insert(written.end(), bytes.begin(), bytes.end());
    }
    if (before != scan->head || !equal(written, file.first(scan->good_size))) std::abort();
    const auto cut = agent::journal_frames::scan(written);
    if (!cut || cut->head != scan->head || cut->torn != 0) std::abort();
    return 0;
}
