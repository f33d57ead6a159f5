// One function per alternative of a variant, for std::visit.
#pragma once

namespace holdfast {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace holdfast
