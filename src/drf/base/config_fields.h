#pragma once
// A tree of plain structs declared once drives everything about configuration: reading TOML, overriding from
// the command line and writing the resolved file.
//
//   struct TrainConfig {
//     double lr = 1e-4;
//     void fields(FieldVisitor& v) { v("lr", lr, "peak learning rate"); }
//   };
//   struct Config {
//     TrainConfig train;
//     void fields(FieldVisitor& v) { v.section("train", train); }
//   };
//   Config config;                                  // the defaults
//   const auto fields = fields_of(config);          // "train.lr" -> config.train.lr
//   read_config_file("run.toml", fields);
//   override_field("train.lr=3e-5", fields);

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace drf {

/// Where a field's value lives. A map is a table of numbers, for example `weights = { TA = 1.0, VQ = 0.5 }`.
using FieldTarget = std::variant<int64_t*, double*, bool*, std::string*, std::vector<std::string>*,
                                 std::vector<int64_t>*, std::vector<double>*, std::map<std::string, double>*>;

struct Field {
  std::string key;  ///< dotted, from the root: "train.lr"
  FieldTarget target;
  std::string help;  ///< one line
};

/// Handed to `fields(FieldVisitor&)` of each struct of the tree.
class FieldVisitor {
 public:
  /// One value of a FieldTarget type. `name` is a bare TOML key.
  template <typename T>
  void operator()(const std::string& name, T& value, const std::string& help) {
    fields_.push_back({prefix_ + name, &value, help});
  }
  /// A struct with its own fields(), a table of its own in the file. Plain values of a struct come before its
  /// sections.
  template <typename Section>
  void section(const std::string& name, Section& section) {
    const std::string outer = prefix_;
    prefix_ += name + ".";
    section.fields(*this);
    prefix_ = outer;
  }
  /// A list of such structs, [[name]] in the file: element i is the section "name.i". The list must have its
  /// length by then: count_sections().
  template <typename Section>
  void sections(const std::string& name, std::vector<Section>& list) {
    for (size_t i = 0; i < list.size(); ++i) section(name + "." + std::to_string(i), list[i]);
  }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::string prefix_;
  std::vector<Field> fields_;
};

/// The fields of a tree, in the order of declaration. They point into `config`, which must stay where it is.
template <typename Config>
std::vector<Field> fields_of(Config& config) {
  FieldVisitor visitor;
  config.fields(visitor);
  return visitor.fields();
}

/// Sets what the TOML file gives; the rest keeps its value. A list or a map is replaced as a whole. Returns
/// the keys given. Throws Error(kConfig) with FILE:LINE for a missing file, malformed TOML, an unknown key
/// (naming the nearest known one), a value of the wrong type (got and wanted; a whole number is taken where a
/// number is wanted, not the reverse), and a number that is not finite.
std::vector<std::string> read_config_file(const std::filesystem::path& file,
                                          const std::vector<Field>& fields);
/// The same for TOML in memory; `where` stands for the file in messages.
std::vector<std::string> read_config_text(const std::string& toml, const std::string& where,
                                          const std::vector<Field>& fields);

/// How many [[name]] the file has; 0 where it cannot be read as TOML, which read_config_file() will say.
int64_t count_sections(const std::filesystem::path& file, const std::string& name);

/// Applies "a.b=value" as `--set` gives it. The value is TOML; where text is wanted, quotes may be left out.
/// One entry of a map is set by "a.map.entry=value". Returns the key. Throws Error(kConfig) as
/// read_config_file does.
std::string override_field(const std::string& assignment, const std::vector<Field>& fields);

/// The current values as TOML, each with its help as a comment. Reading it back gives the same values, bit
/// for bit.
std::string config_to_toml(const std::vector<Field>& fields);

}  // namespace drf
