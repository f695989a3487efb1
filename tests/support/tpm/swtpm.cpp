#include "tests/support/tpm/swtpm.h"

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace assay::test {

namespace {

bool installed(std::string_view program) {
    for (const auto* folder : {"/usr/bin/", "/usr/local/bin/", "/bin/"}) {
        if (::access(fmt::format("{}{}", folder, program).c_str(), X_OK) == 0) return true;
    }
    return false;
}

/// fork and exec; what the program prints goes to `log`.
pid_t launch_program(std::vector<std::string> words, const std::filesystem::path& log) {
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a test that crashes leaves nothing behind
        if (std::freopen(log.c_str(), "a", stdout) == nullptr ||
            std::freopen(log.c_str(), "a", stderr) == nullptr)
            _exit(127);
        ::execvp(argv.front(), argv.data());
        _exit(127);
    }
    if (pid < 0) throw std::runtime_error("fork failed");
    return pid;
}

/// Somebody listens: the file alone is there a moment before.
bool listens(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto& text = socket.native();
    if (text.size() >= sizeof address.sun_path) throw std::runtime_error("the path of a socket is too long");
    text.copy(address.sun_path, text.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected =
        descriptor >= 0 &&
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (descriptor >= 0) ::close(descriptor);
    return connected;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path) << text;
}

}  // namespace

std::unique_ptr<Swtpm> Swtpm::start() {
    if (!installed("swtpm") || !installed("swtpm_setup") || !installed("swtpm_localca")) return nullptr;
    std::unique_ptr<Swtpm> self(new Swtpm);  // NOLINT: the constructor is private
    const auto root = self->folder_.path();
    const auto ca = root / "ca";
    std::filesystem::create_directories(ca);
    std::filesystem::create_directories(root / "state");
    write_file(root / "ca.conf",
               fmt::format("statedir = {0}\nsigningkey = {0}/key.pem\nissuercert = {0}/issuer.pem\n"
                           "certserial = {0}/serial\n",
                           ca.string()));
    write_file(root / "ca.options",
               "--platform-manufacturer Test\n--platform-model Test\n--platform-version 1\n");
    write_file(root / "setup.conf",
               fmt::format("create_certs_tool = swtpm_localca\ncreate_certs_tool_config = {0}/ca.conf\n"
                           "create_certs_tool_options = {0}/ca.options\n",
                           root.string()));
    const auto log = root / "setup.log";
    const pid_t setup =
        launch_program({"swtpm_setup", "--tpm2", "--tpmstate", (root / "state").string(), "--create-ek-cert",
                        "--pcr-banks", "sha256", "--config", (root / "setup.conf").string()},
                       log);
    int status = 0;
    if (::waitpid(setup, &status, 0) != setup || status != 0)
        throw std::runtime_error("swtpm_setup failed: see " + log.string());
    self->launch();
    return self;
}

void Swtpm::launch() {
    const auto root = folder_.path();
    const auto socket = root / "tpm";
    std::filesystem::remove(socket);
    pid_ = launch_program(
        {"swtpm", "socket", "--tpm2", "--tpmstate", fmt::format("dir={}", (root / "state").string()),
         "--server", fmt::format("type=unixio,path={}", socket.string()), "--ctrl",
         fmt::format("type=unixio,path={}.ctrl", socket.string()), "--flags", "not-need-init,startup-clear"},
        root / "swtpm.log");
    constexpr int kTries = 2000;
    const auto control = socket.string() + ".ctrl";
    for (int i = 0; !listens(control) || !listens(socket); ++i) {
        int status = 0;
        if (i == kTries || ::waitpid(pid_, &status, WNOHANG) != 0)
            throw std::runtime_error("swtpm did not start");
        ::usleep(5000);
    }
}

void Swtpm::stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void Swtpm::restart() {
    stop();
    launch();
}

Swtpm::~Swtpm() {
    stop();
}

std::string Swtpm::tcti() const {
    return fmt::format("swtpm:path={}", (folder_.path() / "tpm").string());
}
std::filesystem::path Swtpm::ca_root() const {
    return folder_.path() / "ca" / "swtpm-localca-rootca-cert.pem";
}
std::filesystem::path Swtpm::ca_intermediate() const {
    return folder_.path() / "ca" / "issuer.pem";
}

}  // namespace assay::test
