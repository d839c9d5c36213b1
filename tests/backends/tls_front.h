// A TLS server on 127.0.0.1 that answers every request the same: the openssl program, spoken to through pipes, since
// the tests link no TLS library. One connection at a time. The destructor ends it.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <thread>

namespace assay::test {

class TlsFront {
 public:
  // A certificate of its own making, for 127.0.0.1; written into `dir`. Null where there is no openssl program.
  static std::unique_ptr<TlsFront> start(const std::string& dir, const std::string& response);
  ~TlsFront();
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;

  std::string url() const;  // "https://127.0.0.1:PORT"
  const std::string& certificate() const { return certificate_; }  // PEM file, its own CA

 private:
  TlsFront() = default;
  bool spawn(const std::string& key);
  void answer();

  std::string certificate_;
  std::string response_;
  int port_ = 0;
  pid_t pid_ = -1;
  int to_ = -1;    // the program's standard input
  int from_ = -1;  // its standard output
  std::thread thread_;
};

}  // namespace assay::test
