#include "tasks/csv.h"

#include <set>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/line_reader.h"

namespace assay {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  bool at_end() const { return at_ >= text_.size(); }
  std::uint64_t line() const { return line_; }

  // One record's fields; `fault` says what is wrong, if anything.
  std::vector<std::string> record(std::string& fault) {
    std::vector<std::string> fields;
    while (fault.empty()) {
      fields.push_back(field(fault));
      if (at_end() || text_[at_] != ',') break;
      ++at_;
    }
    if (!at_end() && text_[at_] == '\r') ++at_;
    if (!at_end() && text_[at_] == '\n') {
      ++at_;
      ++line_;
    }
    return fields;
  }

 private:
  std::string field(std::string& fault) {
    if (at_end() || text_[at_] != '"') {
      const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
      std::string out(text_.substr(at_, end - at_));
      at_ = end;
      if (end < text_.size() && text_[end] == ',') return out;
      if (out.ends_with('\r')) out.pop_back();
      return out;
    }
    std::string out;
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        out += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        out += '"';
        ++at_;
      } else {
        ++at_;
        if (!at_end() && text_.find_first_of(",\r\n", at_) != at_) fault = "text after a closing quote";
        return out;
      }
    }
    fault = "a quote that is never closed";
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace

Result<void> read_csv(std::string_view text, const std::filesystem::path& path,
                      const std::function<bool(const Json& row, std::uint64_t line)>& row) {
  CsvReader reader(text);
  std::string fault;
  std::vector<std::string> names = reader.record(fault);
  if (!fault.empty()) return line_error(path, 1, fault);
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (name.empty()) return line_error(path, 1, "a field without a name; the first record names the fields");
    if (!seen.insert(name).second) return line_error(path, 1, format("the field '{}' is named twice", name));
  }
  while (!reader.at_end()) {
    const std::uint64_t line = reader.line();
    const std::vector<std::string> fields = reader.record(fault);
    if (!fault.empty()) return line_error(path, line, fault);
    if (fields.size() == 1 && fields[0].empty()) continue;  // an empty line
    if (fields.size() != names.size()) {
      return line_error(path, line, format("expected {} fields, got {}", names.size(), fields.size()));
    }
    Json object = Json::object();
    for (std::size_t i = 0; i < fields.size(); ++i) object[names[i]] = fields[i];
    if (!row(object, line)) break;
  }
  return {};
}

}  // namespace assay
