#include "harness/base/child_process.h"

#include "tests/support/catch.h"
#include "tests/support/environment.h"

using namespace assay;
using assay::test::Environment;
using assay::test::has;

TEST_CASE("A child's exit code and both its outputs are known") {
  const auto out = run_child({"sh", "-c", "echo one; echo two >&2; cat; exit 7"});
  REQUIRE(out.ok());
  CHECK(out->exit_code == 7);
  CHECK(out->output == "one\ntwo\n");
  CHECK(run_child({"sh", "-c", "kill -9 $$"})->exit_code == 128 + 9);
  CHECK(run_child({"echo", "$HOME; ls", "*"})->output == "$HOME; ls *\n");  // no shell looks at arguments
}

TEST_CASE("Of a long output the end is kept") {
  ChildOptions options;
  options.max_output = 100;
  const auto out = run_child({"sh", "-c", "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done"}, options);
  REQUIRE(out.ok());
  CHECK(out->output.size() == 100);
  CHECK(out->output.substr(90) == "line 4999\n");
}

TEST_CASE("A program that is not there is an error that names it") {
  const auto out = run_child({"assay-no-such-program"});
  REQUIRE_FALSE(out.ok());
  CHECK(out.error().code == Code::invalid);
  CHECK_THAT(out.error().message, has("assay-no-such-program: cannot be started: No such file"));
}

TEST_CASE("A child gets no secrets") {
  const Environment key("SOME_API_KEY", "k1");
  const Environment token("HF_TOKEN", "k2");
  const Environment kept("PIP_TEST_PASSWORD", "k3");
  const Environment plain("ASSAY_TEST_PLAIN", "k4");
  const Environment unset("ASSAY_TEST_DEFAULT", std::nullopt);
  ChildOptions options;
  options.keep = {"PIP_"};
  options.defaults = {{"ASSAY_TEST_DEFAULT", "k5"}, {"ASSAY_TEST_PLAIN", "k6"}};
  const auto out = run_child({"env"}, options);
  REQUIRE(out.ok());
  CHECK(out->output.find("k1") == std::string::npos);
  CHECK(out->output.find("k2") == std::string::npos);
  CHECK_THAT(out->output, has("PIP_TEST_PASSWORD=k3\n"));
  CHECK_THAT(out->output, has("ASSAY_TEST_PLAIN=k4\n"));
  CHECK_THAT(out->output, has("ASSAY_TEST_DEFAULT=k5\n"));
}
