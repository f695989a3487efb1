#include "cli/provision/watch.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <thread>

#include <fmt/core.h>
#include <unistd.h>

#include "cli/duration.h"
#include "cli/moments.h"
#include "cli/provision/delivery.h"
#include "cli/provision/delivery_answers.h"
#include "cli/provision/delivery_sheet.h"
#include "cli/provision/delivery_text.h"
#include "cli/table.h"
#include "evidence/base/digest.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/wire/purchase_list.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kResultsALook = 64;  // read in one look; further ones in the next
constexpr auto kPause = std::chrono::milliseconds(1000);
constexpr auto kLongestPause = std::chrono::milliseconds(30'000);
constexpr int kPauseOfLook = 4;  // a look at a large fleet is followed by a pause of four times its length

struct WatchOptions {
    std::string list, since, timeout, sheet;
};

/// The moments of one watch: how long it may take, and what the verifier's clock shows.
class Time {
  public:
    explicit Time(std::optional<std::int64_t> timeout_s) {
        if (timeout_s) deadline_ = begun_ + std::chrono::seconds(*timeout_s);
    }
    void verifier_says(std::int64_t now_s) { offset_s_ = now_s - local_s(); }
    [[nodiscard]] std::int64_t now_s() const { return local_s() + offset_s_; }
    [[nodiscard]] bool is_over() const { return deadline_ && Clock::now() >= *deadline_; }
    void sleep(Clock::duration pause) const {
        if (deadline_) pause = std::min(pause, std::max(Clock::duration::zero(), *deadline_ - Clock::now()));
        std::this_thread::sleep_for(pause);
    }

  private:
    // Whoever sets this machine's clock meanwhile does not move the watch.
    [[nodiscard]] std::int64_t local_s() const {
        return began_s_ + std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begun_).count();
    }
    Clock::time_point begun_ = Clock::now();
    std::int64_t began_s_ = std::time(nullptr);
    std::int64_t offset_s_ = 0;
    std::optional<Clock::time_point> deadline_;
};

/// Where rows go to: a terminal that is drawn anew, lines, or lines of JSON.
class Display {
  public:
    Display(bool json, bool to_stderr)
        : json_(json), to_stderr_(to_stderr), drawn_(!json && !to_stderr && isatty(STDOUT_FILENO) == 1) {}

    Result<> show(const Delivery& delivery, const Standing& standing) {
        if (drawn_) return draw(delivery, standing);
        std::string out;
        const bool silent = !standing.silent_verifier.empty();
        if (silent != silent_) out += silence(standing);
        silent_ = silent;
        for (std::size_t i = 0; i < delivery.rows().size(); ++i) {
            const auto& row = delivery.rows()[i];
            if (i < shown_.size() && shown_[i].reads_as(row)) continue;
            out += (json_ ? row_json(row).dump() : row_line(row, standing)) + "\n";
        }
        shown_ = delivery.rows();
        return write(out);
    }

    Result<> end(const Delivery& delivery, const Standing& standing) {
        if (json_) return write(end_json(delivery, standing).dump() + "\n");
        if (drawn_) return draw(delivery, standing);
        return write(screen_text(delivery, standing, {}));
    }

  private:
    std::string silence(const Standing& standing) const {
        if (json_) return silence_json(standing).dump() + "\n";
        const bool silent = !standing.silent_verifier.empty();
        return fmt::format("{}  {}\n", utc_text(standing.now),
                           silent ? silence_line(standing) : "the verifier answers again");
    }

    Result<> draw(const Delivery& delivery, const Standing& standing) {
        // The last line stays free, so that nothing scrolls. At the end all rows are told.
        const auto height = terminal_height();
        const Screen screen{.width = terminal_width(),
                            .height = standing.ended || height == 0 ? 0 : height - 1,
                            .colours = command_line::colours()};
        const auto text = screen_text(delivery, standing, screen);
        const auto up = lines_ == 0 ? std::string() : fmt::format("\x1b[{}F\x1b[J", lines_);
        lines_ = lines_on_screen(text, screen.width);
        return write(up + text);
    }

    Result<> write(const std::string& text) const {
        if (to_stderr_) {
            fmt::print(stderr, "{}", text);
            return {};
        }
        TRY_VOID(files::write_stdout(text));
        std::fflush(stdout);  // whoever reads a pipe or a file reads it now; an error shows in the next write
        return {};
    }

    bool json_;
    bool to_stderr_;
    bool drawn_;
    bool silent_ = false;
    std::vector<DeliveryRow> shown_;
    std::size_t lines_ = 0;  ///< that were drawn last
};

Result<std::int64_t> verifiers_time(client::HttpsClient& verifier) {
    const auto answer = TRY(verifier.post("/v1/challenge", "", {}));
    if (answer.status / 100 != 2) return std::unexpected(client::problem_of(answer));
    JsonReader challenge(as_text(answer.body), kAnswer);
    return challenge.finish(challenge.integer("issued_at", 0));
}

Result<Answers> look(client::HttpsClient& verifier, const Delivery& delivery, bool with_papers) {
    Answers out;
    out.hosts = TRY(hosts_seen(TRY(verifier.get_json("/v1/hosts"))));
    const auto since = std::to_string(delivery.since());
    out.refusals = TRY(refusals_seen(TRY(verifier.get_json("/v1/refusals?limit=1000&since=" + since))));
    out.unproven = TRY(unproven_seen(TRY(verifier.get_json("/v1/unproven?since=" + since))));
    if (with_papers) {
        const auto registrations = TRY(verifier.get_json("/v1/registrations"));
        out.papers = TRY(papers_seen(registrations, TRY(verifier.get_json("/v1/replacements"))));
    }
    return out;
}

Result<std::vector<ResultSeen>> read_results(client::HttpsClient& verifier,
                                             const std::vector<std::string>& hosts) {
    std::vector<ResultSeen> out;
    for (const auto& host : hosts) {
        const auto answer = verifier.get_json("/v1/hosts/" + client::percent_encoded(host) + "/result");
        if (!answer && answer.error().code == ErrorCode::not_found) continue;  // gone since the look
        out.push_back(TRY(result_seen(TRY(answer), host)));
    }
    return out;
}

/// One watch, from the first look to the last.
class Watch {
  public:
    Watch(client::HttpsClient verifier, Delivery delivery, Time time, Display display, std::string since)
        : verifier_(std::move(verifier)),
          delivery_(std::move(delivery)),
          time_(time),
          display_(std::move(display)),
          since_(std::move(since)) {}

    Result<> run() {
        while (!standing_.ended) {
            const auto begun = Clock::now();
            TRY_VOID(hear());
            standing_.now = time_.now_s();
            const bool over = time_.is_over();
            if (delivery_.finished() && !papers_are_fresh_) {
                ask_papers_ = true;  // the last word on them, before it ends
                continue;
            }
            standing_.ended = over || delivery_.finished();
            TRY_VOID(display_.show(delivery_, standing_));
            if (standing_.ended) return display_.end(delivery_, standing_);
            time_.sleep(
                std::clamp<Clock::duration>((Clock::now() - begun) * kPauseOfLook, kPause, kLongestPause));
        }
        return {};
    }

    [[nodiscard]] const Delivery& delivery() const { return delivery_; }
    [[nodiscard]] const Standing& standing() const { return standing_; }
    [[nodiscard]] std::string server() const { return verifier_.server(); }

  private:
    /// No answer is no error: it is told, and asked for again. A refusal or a broken answer is one.
    Result<> hear() {
        const auto heard = ask();
        if (heard) {
            standing_.silent_verifier.clear();
            standing_.looked_at = time_.now_s();
            return {};
        }
        if (heard.error().code != ErrorCode::io) return std::unexpected(heard.error());
        delivery_.miss();
        papers_are_fresh_ = false;
        if (standing_.silent_verifier.empty()) standing_.silent_since = time_.now_s();
        standing_.silent_verifier = heard.error().context;
        return {};
    }

    Result<> ask() {
        if (!has_begun_) TRY_VOID(begin());
        const bool with_papers = ask_papers_ || delivery_.wants_papers();
        delivery_.hear(TRY(look(verifier_, delivery_, with_papers)));
        papers_are_fresh_ = with_papers;
        ask_papers_ = false;
        delivery_.hear(TRY(read_results(verifier_, delivery_.wanted(kResultsALook))));
        return {};
    }

    Result<> begin() {
        const auto now = TRY(verifiers_time(verifier_));
        time_.verifier_says(now);
        // A verdict has whole seconds: one of the second in which this began may be from before.
        delivery_.count_from(since_.empty() ? now + 1 : TRY(parse_time(since_, now)));
        has_begun_ = true;
        return {};
    }

    client::HttpsClient verifier_;
    Delivery delivery_;
    Time time_;
    Display display_;
    std::string since_;
    Standing standing_;
    bool has_begun_ = false;
    bool ask_papers_ = false;
    bool papers_are_fresh_ = false;
};

/// Early, since it is written only at the end.
Result<> can_be_written(const std::string& sheet) {
    if (sheet.empty() || files::is_stdout(sheet)) return {};
    std::error_code failed;
    if (fs::exists(fs::symlink_status(sheet, failed))) return files::was_not_planted(sheet);
    const auto folder = fs::absolute(sheet).parent_path();
    if (fs::is_directory(folder, failed)) return {};
    return fail(ErrorCode::not_found, fmt::format("{}: expected a folder to write the sheet into, found none",
                                                  printable(folder.string())));
}

Result<command_line::ExitCode> watch(const Context& context, const WatchOptions& options) {
    const auto list = TRY(read_file(options.list, limits::kTextFile));
    auto bought = TRY(with_context(parse_purchase_list(as_text(list)), printable(options.list)));
    auto delivery = TRY(with_context(Delivery::of(std::move(bought)), printable(options.list)));
    std::optional<std::int64_t> timeout_s;
    if (!options.timeout.empty()) timeout_s = TRY(parse_duration(options.timeout));
    if (!options.since.empty()) TRY_VOID(parse_time(options.since, std::time(nullptr)));  // before it waits
    TRY_VOID(can_be_written(options.sheet));
    Watch watch(TRY(connect(context)), std::move(delivery), Time(timeout_s),
                Display(context.json, files::is_stdout(options.sheet)), options.since);
    TRY_VOID(watch.run());
    if (!options.sheet.empty()) {
        const SheetHead head{.list = fs::path(options.list).filename().string(),
                             .list_digest = sha256(list).hex(),
                             .verifier = watch.server()};
        const auto page = delivery_sheet(watch.delivery(), watch.standing(), head);
        TRY_VOID(with_context(write_output(options.sheet, as_view(page)),
                              "the sheet, which --since can have written again"));
        if (!context.json && !files::is_stdout(options.sheet))
            fmt::print("sheet in {}\n", cell(options.sheet));
    }
    return watch.delivery().exit_code();
}

}  // namespace

void add_provision_watch(command_line::Command& provision, Context& context) {
    const auto options = std::make_shared<WatchOptions>();
    auto* command = command_line::add_command(
        provision, "watch",
        "Watch the servers of a purchase list come in, until each has its verdict; exit code of the gravest",
        "assay provision watch --list purchase.csv --sheet delivery.html  # a sheet to sign at the end\n"
        "assay provision watch --list purchase.csv --timeout 2h  # those that never came: cannot tell\n"
        "assay provision watch --list purchase.csv --since 3h --timeout 0s  # one look at what came since\n"
        "assay --json provision watch --list purchase.csv | jq -c 'select(.event == \"row\")'",
        [&context, options] { return watch(context, *options); });
    command
        ->add_option(
            "--list", options->list,
            "The purchase list, registered before by assay hosts register (docs/formats/purchase-list.md)")
        ->required()
        ->type_name("FILE");
    command->add_option("--since", options->since,
                        "Verdicts from then on count, instead of from now on: 3h, 2026-11-22T10:42:25Z");
    command->add_option(
        "--timeout", options->timeout,
        "End after this long with what there is: 30m, 2h. Without it the watch waits for all");
    command
        ->add_option("--sheet", options->sheet,
                     "Write one printable page for the whole delivery at the end, to be signed by a person")
        ->written();
}

}  // namespace assay::cli
