#pragma once

#include <cstdint>
#include <string_view>

/// Faults on demand, for tests: the n-th pass through a fault point of this thread fails. Fault points stand
/// where something from outside is read (every integer and CBOR head of a parser, every JSON document), at
/// each certificate, at each transaction of the store (its begin and its commit), at each TPM command, and
/// between the steps in which a journal record gets onto the disk and into the TPM.
/// Without the build option ASSAY_FAULTS the points are the constant false and cost nothing; a release has
/// none.
namespace assay::fault {

#ifdef ASSAY_FAULTS
#define ASSAY_FAULT(kind) (::assay::fault::is_due(kind))
#else
#define ASSAY_FAULT(kind) false
#endif

/// From now on, in this thread, the point number `n` (0 is the next) whose kind begins with `kind` fails,
/// once. `when_due` is called there first, with the point's kind: a test ends the process in it, as a crash
/// would.
void arm(std::uint64_t n, std::string_view kind = "", void (*when_due)(std::string_view) = nullptr);
/// No point fails any more. Gives how many were passed since `arm`, and whether one of them failed.
struct Passed {
    std::uint64_t points = 0;
    bool failed = false;
};
Passed disarm();

/// Whether this build has fault points at all.
bool built_in();

/// What ASSAY_FAULT asks.
bool is_due(std::string_view kind);

/// While one lives, this thread passes no points: for a look ahead that decides only whether the strict
/// reading behind it gets less to read, whose failing leaves that reading all of it; and for what is kept
/// beside a verdict and decides none, where a failing read is told as unknown.
class LookAhead {
  public:
    LookAhead();
    ~LookAhead();
    LookAhead(const LookAhead&) = delete;
    LookAhead& operator=(const LookAhead&) = delete;

  private:
    bool was_armed_;
};

}  // namespace assay::fault
