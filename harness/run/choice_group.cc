#include "harness/run/choice_group.h"

#include <algorithm>
#include <string>
#include <tuple>

namespace assay {
namespace {

// Equal for requests that may go together; the sample and its entry are the group's.
std::string kind_of(const Request& r) {
  std::string out = std::to_string(r.step) + ' ' + std::to_string(static_cast<int>(r.kind)) + '\n';
  out += dump_json(to_json(r.sampling));
  for (const Message& m : r.messages) {
    out += '\n';
    out += name(m.role);
    out += ' ' + std::to_string(m.content.size()) + ' ';
    out += m.content;
  }
  return out + '\n' + r.prefix;
}

}  // namespace

void ChoiceGroup::add(Call::Wish wish) {
  const std::lock_guard lock(mutex_);
  wishes_.push_back(std::move(wish));
}

void ChoiceGroup::arrived() {
  std::vector<Call::Wish> wishes;
  {
    const std::lock_guard lock(mutex_);
    if (--missing_ > 0) return;
    wishes.swap(wishes_);
  }
  send(std::move(wishes));
}

void ChoiceGroup::send(std::vector<Call::Wish> wishes) {
  struct Place {
    std::string kind;
    std::uint32_t epoch;
    std::uint32_t draw;
    std::size_t wish;
    bool operator<(const Place& other) const {
      return std::tie(kind, epoch, draw) < std::tie(other.kind, other.epoch, other.draw);
    }
  };
  std::vector<Place> places;
  for (std::size_t i = 0; i < wishes.size(); ++i)
    places.push_back({kind_of(wishes[i].request), wishes[i].request.epoch, wishes[i].request.draw, i});
  std::sort(places.begin(), places.end());
  std::vector<Call::Wish> together;
  for (std::size_t i = 0; i < places.size(); ++i) {
    together.push_back(std::move(wishes[places[i].wish]));
    const bool last = i + 1 == places.size() || places[i + 1].kind != places[i].kind;
    if (!last && together.size() < max_choices_) continue;
    Call::make(session_, std::move(together));
    together.clear();
  }
}

}  // namespace assay
