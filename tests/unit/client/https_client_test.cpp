#include "client/https_client.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "client/command_line/exit_code.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::client;
using namespace assay::command_line;

namespace {

// `openssl s_server -WWW`-like servers give little; this one answers by path, in 40 lines of the interpreter
// that runs the lints.
constexpr auto kServer = R"(
import http.server, ssl, sys, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status, kind, body, headers=()):
        self.send_response(status); self.send_header("Content-Type", kind); self.send_header("Content-Length", str(len(body)))
        for k, v in headers: self.send_header(k, v)
        self.end_headers(); self.wfile.write(body)
    def do_GET(self):
        if self.path == "/moved": return self.answer(302, "text/plain", b"", [("Location", "/ok")])
        if self.path == "/gone": return self.answer(404, "application/problem+json", b'{"title":"Not Found","detail":"no such host \\u001b[31m"}')
        if self.path == "/large":
            self.send_response(200); self.end_headers()
            try:
                for _ in range(80): self.wfile.write(b"x" * (1 << 20))
            except OSError: pass
            self.close_connection = True; return
        self.answer(200, "application/json", b'{"ok":true}')
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, self.headers["Content-Type"], body)
    def log_message(self, *a): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.maximum_version = ssl.TLSVersion.TLSv1_2 if sys.argv[1] == "old" else ssl.TLSVersion.TLSv1_3
context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
open("port.new", "w").write(str(server.server_port)); os.rename("port.new", "port")
server.serve_forever()
)";

class Server {
  public:
    explicit Server(const std::string& tls = "new") {
        std::ofstream(folder_.path() / "server.py") << kServer;
        const auto in = "cd " + folder_.path().string() + " && ";
        const auto make = in +
                          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "
                          "key.pem -out cert.pem "
                          "-days 1 -subj /CN=t -addext subjectAltName=IP:127.0.0.1 2>/dev/null";
        REQUIRE(std::system(make.c_str()) == 0);
        pid_ = fork();
        if (pid_ == 0) {
            if (chdir(folder_.path().c_str()) != 0) _exit(1);
            execlp("python3", "python3", "server.py", tls.c_str(), nullptr);
            _exit(1);
        }
        for (int i = 0; i < 500 && port_.empty(); ++i) {
            std::ifstream(folder_.path() / "port") >> port_;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        REQUIRE_FALSE(port_.empty());
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    [[nodiscard]] ClientConfig config() const {
        return {"https://127.0.0.1:" + port_, folder_.path() / "cert.pem", {}, {}};
    }
    [[nodiscard]] HttpsClient client() const { return HttpsClient::make(config()).value(); }

  private:
    test::TempFolder folder_;
    pid_t pid_ = -1;
    std::string port_;
};

}  // namespace

TEST_CASE("a client gets and posts, and gives any status as a response") {
    const Server server;
    auto client = server.client();
    CHECK(client.get_json("/ok") == "{\"ok\":true}");
    const auto posted = client.post("/echo", "application/cbor", as_view("\xa0"));
    REQUIRE(posted);
    CHECK(posted->content_type == "application/cbor");
    CHECK(as_text(posted->body) == "\xa0");
    CHECK(client.get("/gone")->status == 404);
}

TEST_CASE("a problem of the server is an error with its words, printable") {
    const Server server;
    const auto answer = server.client().get_json("/gone");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::not_found);
    CHECK(answer.error().context.find("no such host \\x1b[31m") != std::string::npos);
}

TEST_CASE("a redirection is not followed") {
    const Server server;
    auto client = server.client();
    CHECK(client.get("/moved")->status == 302);
    CHECK_FALSE(client.get_json("/moved"));
}

TEST_CASE("an answer above 64 MiB is refused, also where no length was claimed") {
    const Server server;
    const auto answer = server.client().get("/large");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::limit);
}

TEST_CASE("a server that speaks no TLS 1.3 is refused") {
    const Server server("old");
    const auto answer = server.client().get("/ok");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().context.find("TLS 1.3") != std::string::npos);
}

TEST_CASE("a server with a certificate of another CA is refused, and the CA file named") {
    const Server server;
    const Server other;
    auto config = server.config();
    config.ca_file = other.config().ca_file;
    const auto answer = HttpsClient::make(config)->get("/ok");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().context.find(config.ca_file.string()) != std::string::npos);
}

TEST_CASE("a server whose certificate is for another name is refused") {
    const Server server;
    auto config = server.config();
    config.server.replace(config.server.find("127.0.0.1"), 9, "localhost");
    CHECK_FALSE(HttpsClient::make(config)->get("/ok"));
}

TEST_CASE("a configuration that cannot work is a usage error before anything is sent") {
    const Server server;
    const auto refused = [](ClientConfig config) {
        const auto client = HttpsClient::make(std::move(config));
        return !client && client.error().code == ErrorCode::usage;
    };
    auto config = server.config();
    config.server = "http://127.0.0.1";
    CHECK(refused(config));
    config = server.config();
    config.ca_file = "/nowhere/ca.pem";
    CHECK(refused(config));
    config = server.config();
    config.cert_file = config.ca_file;  // without its key
    CHECK(refused(config));
}

TEST_CASE("exit codes follow the tier, and an error is 1 or 2") {
    CHECK(exit_code(Tier::affirming) == ExitCode::done);
    CHECK(exit_code(Tier::contraindicated) == ExitCode::contraindicated);
    CHECK(exit_code(Tier::warning) == ExitCode::warning);
    CHECK(exit_code(Tier::none) == ExitCode::none);
    CHECK(exit_code(Error{ErrorCode::usage, "", {}}) == ExitCode::usage);
    CHECK(exit_code(Error{ErrorCode::io, "", {}}) == ExitCode::not_processed);
}
