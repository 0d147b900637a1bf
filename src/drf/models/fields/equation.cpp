#include "drf/models/fields/equation.h"

#include <algorithm>
#include <array>

#include "drf/base/error.h"
#include "drf/base/nearest.h"

namespace drf::fields {

const std::vector<std::string>& equation_names() {
  static const std::vector<std::string> names{"poisson", "helmholtz", "darcy", "burgers", "kolmogorov"};
  return names;
}

Equation parse_equation(const std::string& name, const std::string& key) {
  const auto& names = equation_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    const auto close = nearest(name, names, 1);
    fail(ErrorKind::kConfig, key, " is \"", name, "\", wanted one of ", names,
         close.empty() ? "" : "; did you mean \"" + close[0] + "\"?");
  }
  return static_cast<Equation>(found - names.begin());
}

const std::string& name_of(Equation equation) { return equation_names()[static_cast<size_t>(equation)]; }

const std::vector<std::string>& channels_of(Equation equation) {
  static const std::array<std::vector<std::string>, 5> channels{
      {{"f", "u"}, {"f", "u"}, {"log_a", "u"}, {"u"}, {"w1", "w2", "w3"}}};
  return channels[static_cast<size_t>(equation)];
}

}  // namespace drf::fields
