#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include "agent/devices/file_descriptor.h"
#include "agent/devices/host/host.h"
#include "agent/usb/journal/anchored_journal.h"
#include "evidence/wire/statement/session_document.h"

/// Statements on their way into the journal, which one process writes: a folder, one encoded session document
/// a file. docs/formats/journal-file.md, "Statements", is the page.
namespace assay::agent::statement_spool {

/// Lays a document down, and syncs it; whoever writes the journal takes it. Makes `folder` (0700). Gives the
/// file, which is gone once it is in the journal, and has the ending ".refused" where it was not taken.
Result<std::filesystem::path> put(const std::filesystem::path& folder, const SessionDocument& document);

/// Takes everything in, oldest first, each as a record of kind `session`: its file is removed when the record
/// is on disk. What is no signed statement or challenge is set aside with the ending ".refused". How many
/// were taken; an error where the journal takes no record: the rest stays.
Result<std::size_t> take_in(const std::filesystem::path& folder, AnchoredJournal& journal, Host& host);

/// Takes in what comes, from its start on until it is destroyed, on a thread of its own.
class Intake {
  public:
    struct Events {
        std::function<void()> taken;                      ///< a statement is in the journal
        std::function<void(const std::string&)> trouble;  ///< something to log, on one line, printable
    };
    /// `journal` and `host` are borrowed.
    static Result<std::unique_ptr<Intake>> start(std::filesystem::path folder, AnchoredJournal& journal,
                                                 Host& host, Events events);
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;
    ~Intake();

  private:
    Intake(std::filesystem::path folder, FileDescriptor changes, FileDescriptor stop, Events events)
        : folder_(std::move(folder)),
          changes_(std::move(changes)),
          stop_(std::move(stop)),
          events_(std::move(events)) {}
    void run(AnchoredJournal& journal, Host& host);

    std::filesystem::path folder_;
    FileDescriptor changes_;  // inotify
    FileDescriptor stop_;
    Events events_;
    std::thread thread_;
};

}  // namespace assay::agent::statement_spool
