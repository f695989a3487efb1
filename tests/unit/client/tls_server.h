#pragma once

#include <chrono>
#include <csignal>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "client/https_client.h"
#include "tests/support/certificates/certificate_builder.h"
#include "tests/support/machine/temp_folder.h"

/// Real servers for a client to fail with: a house PKI's certificates, and a program that answers, refuses,
/// is silent or is a proxy.
namespace assay::test {

inline std::string pem_of_key(EVP_PKEY* key) {
    const CHandle<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

/// Root, intermediate, a server's and a client's certificate: good as they come; a test breaks one field.
struct House {
    static constexpr std::int64_t kDay = 24LL * 3600;

    std::int64_t now = std::time(nullptr);
    CertificateSpec root = of_ca("House Root", "House Root");
    CertificateSpec intermediate = of_ca("House CA", "House Root");
    CertificateSpec server = leaf("server", "serverAuth", "IP:127.0.0.1,DNS:verifier.test");
    CertificateSpec client = leaf("client", "clientAuth", "");
    bool sends_intermediate = true;

    [[nodiscard]] CertificateSpec of_ca(const std::string& subject, const std::string& issuer) const {
        auto spec = CertificateSpec::ca(subject, issuer);
        spec.not_before = now - kDay;
        spec.not_after = now + 900 * kDay;
        return spec;
    }
    [[nodiscard]] CertificateSpec leaf(const std::string& name, const std::string& usage,
                                       const std::string& names) const {
        CertificateSpec spec;
        spec.subject = name;
        spec.issuer = "House CA";
        spec.not_before = now - kDay;
        spec.not_after = now + 400 * kDay;
        spec.extensions = {{"basicConstraints", "critical,CA:FALSE"},
                           {"keyUsage", "critical,digitalSignature"},
                           {"extendedKeyUsage", usage},
                           {"authorityKeyIdentifier", "keyid"}};
        if (!names.empty()) spec.set("subjectAltName", names);
        return spec;
    }

    /// root.pem, ca.pem, bundle.pem (a stranger's, then the root), chain.pem, key.pem, client.pem,
    /// client.key.
    void write(const std::filesystem::path& folder) const {
        auto* const root_key = shared_key(Key::p384);
        auto* const ca_key = shared_key(Key::p256);
        auto* const leaf_key = shared_key(Key::rsa2048);
        const auto made_root =
            tcg::Certificate::parse(make_certificate(root, root_key, root_key, nullptr)).value();
        const auto ca =
            tcg::Certificate::parse(make_certificate(intermediate, ca_key, root_key, &made_root)).value();
        const auto made_server =
            tcg::Certificate::parse(make_certificate(server, leaf_key, ca_key, &ca)).value();
        const auto made_client =
            tcg::Certificate::parse(make_certificate(client, leaf_key, ca_key, &ca)).value();
        const auto stranger = tcg::Certificate::parse(make_certificate(of_ca("Stranger", "Stranger"),
                                                                       leaf_key, leaf_key, nullptr))
                                  .value();
        const auto put = [&](const char* name, const std::string& text) {
            std::ofstream(folder / name) << text;
        };
        put("root.pem", pem(made_root));
        put("ca.pem", pem(ca));
        put("stranger.pem", pem(stranger));
        put("bundle.pem", pem(stranger) + pem(made_root));
        put("chain.pem", pem(made_server) + (sends_intermediate ? pem(ca) : ""));
        put("client.pem", pem(made_client) + pem(ca));
        put("key.pem", pem_of_key(leaf_key));
        put("client.key", pem_of_key(leaf_key));
    }
};

constexpr auto kTlsServer = R"(
import os, socket, ssl, sys, threading, time
mode = sys.argv[1]
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
if mode != "deaf": listener.listen(16)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_2
if mode == "old": context.maximum_version = ssl.TLSVersion.TLSv1_2
context.load_cert_chain("chain.pem", "key.pem")
if mode in ("clients", "strangers"):
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations("root.pem" if mode == "clients" else "stranger.pem")
def end(sock):  # what still comes is read: a reset would take the alert along
    try:
        sock.shutdown(socket.SHUT_WR); sock.settimeout(2)
        while sock.recv(4096): pass
    except OSError: pass
    sock.close()
def head(sock):
    text = b""
    while b"\r\n\r\n" not in text:
        part = sock.recv(4096)
        if not part: return None
        text += part
    return text.decode()
def pump(a, b):
    try:
        while True:
            part = a.recv(65536)
            if not part: break
            b.sendall(part)
    except OSError: pass
    try: b.shutdown(socket.SHUT_WR)
    except OSError: pass
def proxy(sock):
    asked = head(sock)
    open("asked", "a").write(asked.split("\r\n")[0] + "\n")
    if "Proxy-Authorization" in asked: open("login", "w").write("yes")
    if mode != "proxy":
        status = mode.split("-")[1]
        sock.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()); return end(sock)
    to = socket.create_connection(("127.0.0.1", int(asked.split()[1].rsplit(":", 1)[1])))
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    threading.Thread(target=pump, args=(to, sock), daemon=True).start()
    pump(sock, to)
def serve(sock):
    if mode.startswith("proxy"): return proxy(sock)
    if mode == "plain": head_or_bytes = sock.recv(64); sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"); return end(sock)
    if mode == "closes": return sock.close()
    if mode == "silent": time.sleep(60); return
    tls = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
    try: tls.do_handshake()
    except (ssl.SSLError, OSError): return end(socket.socket(fileno=tls.detach()))
    try:
        while True:
            if head(tls) is None: return
            if mode == "stalls": time.sleep(60)
            if mode == "breaks": tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"); return tls.close()
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}")
    except OSError: pass
open("port.new", "w").write(str(listener.getsockname()[1])); os.rename("port.new", "port")
if mode == "deaf": time.sleep(60)
while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
)";

/// "good", "old", "clients", "strangers", "plain", "closes", "silent", "stalls", "breaks", "proxy",
/// "proxy-407", "proxy-403".
class TlsServer {
  public:
    explicit TlsServer(const House& house = {}, const std::string& mode = "good") {
        house.write(folder_.path());
        std::ofstream(folder_.path() / "server.py") << kTlsServer;
        pid_ = fork();
        if (pid_ == 0) {
            if (chdir(folder_.path().c_str()) != 0) _exit(1);
            execlp("python3", "python3", "server.py", mode.c_str(), nullptr);
            _exit(1);
        }
        for (int i = 0; i < 500 && port_.empty(); ++i) {
            std::ifstream(folder_.path() / "port") >> port_;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        REQUIRE_FALSE(port_.empty());
    }
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;
    ~TlsServer() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    [[nodiscard]] std::filesystem::path file(const char* name) const { return folder_.path() / name; }
    [[nodiscard]] const std::string& port() const { return port_; }
    /// That trusts the root, shows no certificate, and goes directly.
    [[nodiscard]] client::ClientConfig config(const std::string& host = "127.0.0.1") const {
        client::ClientConfig config{"https://" + host + ":" + port_, file("root.pem"), {}, {}};
        config.proxy = "";
        config.timeout = std::chrono::milliseconds(10'000);
        return config;
    }
    [[nodiscard]] client::ClientConfig config_of_client() const {
        auto config = this->config();
        config.cert_file = file("client.pem");
        config.key_file = file("client.key");
        return config;
    }

  private:
    TempFolder folder_;
    pid_t pid_ = -1;
    std::string port_;
};

}  // namespace assay::test
