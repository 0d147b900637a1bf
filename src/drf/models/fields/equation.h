#pragma once
// The equations whose fields a generator may draw: what their channels are called, in order. The residuals
// themselves are rewards/residual.h.

#include <string>
#include <vector>

namespace drf::fields {

enum class Equation { kPoisson, kHelmholtz, kDarcy, kBurgers, kKolmogorov };

/// The names that parse_equation() knows, in the order of the enumerators.
const std::vector<std::string>& equation_names();
/// Throws Error(kConfig) naming `key`, with the nearest name.
Equation parse_equation(const std::string& name, const std::string& key);
const std::string& name_of(Equation equation);
/// poisson, helmholtz: f, u; darcy: log_a, u; burgers: u; kolmogorov: w1, w2, w3 (at t - d, t, t + d).
const std::vector<std::string>& channels_of(Equation equation);

}  // namespace drf::fields
